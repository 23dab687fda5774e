"""What the world's DNS says about the domain that mails come from: whether other mail servers will believe them.

Asked only when a person presses the button. Each question has three seconds; what is not answered by then is told as
not known, never as missing.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import dns.exception
import dns.resolver
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SECONDS = 3.0
AT_ONCE = 16
OK, ATTENTION, MISSING, UNKNOWN = "ok", "attention", "missing", "unknown"
LEVELS = {
    OK: gettext_lazy("in order"),
    ATTENTION: gettext_lazy("needs a look"),
    MISSING: gettext_lazy("missing"),
    UNKNOWN: gettext_lazy("not known"),
}
# Names under which mail servers and services usually keep their key.
SELECTORS = (
    "default", "mail", "dkim", "s1", "s2", "selector1", "selector2", "google", "k1", "k2", "pm", "smtp", "mailru", "us",
)  # fmt: skip
SHORT_KEY = 200  # bytes of a public key: RSA with 1024 bits has 162, with 2048 bits 294
MOST_SPF_LOOKUPS = 10
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*")


class Silent(Exception):
    """DNS did not answer in time, or answered that it cannot."""


@dataclass(frozen=True)
class Finding:
    """One line of the page: what was looked at, how it is, what that means, what to do, and the record itself.

    `since` is when something last came in.
    """

    title: Any
    level: str
    says: Any
    todo: Any = ""
    record: str = ""
    since: dt.datetime | None = None

    @property
    def level_name(self) -> Any:
        return LEVELS[self.level]


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().strip("<>").lower()


def look(sender: str, *, bounces_to: str = "", selectors: tuple[str, ...] = ()) -> list[Finding]:
    """Look up everything about the sender's address; `bounces_to` is the return address when it is another one."""
    domain = domain_of(sender)
    envelope = domain_of(bounces_to) or domain
    checks: list[Callable[[], Finding]] = [
        partial(spf, envelope),
        partial(dkim, domain, selectors),
        partial(dmarc, domain),
        partial(alignment, domain, envelope),
        partial(mx, envelope),
    ]
    language = translation.get_language() or settings.LANGUAGE_CODE

    def run(check: Callable[[], Finding]) -> Finding:
        with translation.override(language):  # a thread does not know the reader's
            return check()

    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        return list(pool.map(run, checks))


def ask(name: str, kind: str) -> list[str]:
    """The records of a name, [] when there are none. Raises Silent."""
    try:
        answer = _resolver().resolve(name, kind, lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise Silent from error
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [record.to_text() for record in answer]


def _resolver() -> dns.resolver.Resolver:
    """The system's DNS servers, or the one of the settings."""
    host, _colon, port = settings.DNS_SERVER.partition(":")
    resolver = dns.resolver.Resolver(configure=not host)
    if host:
        resolver.nameservers, resolver.port = [host], int(port or 53)
    return resolver


def spf(domain: str) -> Finding:
    title = _("SPF: which servers may send for %s") % domain
    try:
        records = [record for record in ask(domain, "TXT") if record.lower().split(" ")[0] == "v=spf1"]
        count = _spf_lookups(records[0], set()) if len(records) == 1 else 0
    except Silent:
        return _not_known(title)
    if not records:
        says = _("No server is named. Many mail servers put such mail into spam.")
        todo = _("Add a TXT record to %s, like “v=spf1 mx include:… ~all”; your mail service says what to include.")
        return Finding(title, MISSING, says, todo % domain)
    record = " / ".join(records)
    if len(records) > 1:
        says = _("There are %d such records; mail servers then believe none of them.") % len(records)
        return Finding(title, ATTENTION, says, _("Make one record of them."), record)
    end = next((term for term in record.lower().split() if term.lstrip("+-~?") == "all"), "")
    if count > MOST_SPF_LOOKUPS:
        says = _("It takes %d lookups to read; after ten, mail servers give up and believe nothing.") % count
        return Finding(title, ATTENTION, says, _("Remove services that no longer send for you."), record)
    if end in ("all", "+all"):
        says = _("It allows every server in the world, which protects nobody.")
        return Finding(title, ATTENTION, says, _("End it with ~all or -all."), record)
    if end in ("", "?all") and "redirect=" not in record.lower():
        says = _("It does not say what to think of other servers.")
        return Finding(title, ATTENTION, says, _("End it with ~all or -all."), record)
    todo = _("See that it names the server that your mail leaves by.")
    return Finding(title, OK, _("The record is there and can be read."), todo, record)


def _spf_lookups(record: str, seen: set[str]) -> int:
    """How many lookups the record costs, those of what it includes counted, up to a few above the allowed number."""
    count = 0
    for term in record.lower().split()[1:]:
        name, _sign, value = term.lstrip("+-~?").replace("redirect=", "include:").partition(":")
        if name.partition("/")[0] not in ("include", "a", "mx", "ptr", "exists"):
            continue
        count += 1
        if name == "include" and value not in seen and "%" not in value and len(seen) <= MOST_SPF_LOOKUPS:
            seen.add(value)
            inner = [text for text in ask(value, "TXT") if text.lower().startswith("v=spf1")]
            count += _spf_lookups(inner[0], seen) if inner else 0
    return count


def dkim(domain: str, selectors: tuple[str, ...] = ()) -> Finding:
    """Looks under the names given, else under the usual ones."""
    title = _("DKIM: the key that signs mails of %s") % domain
    names = [name for name in selectors if LABEL.fullmatch(name)] or list(SELECTORS)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        found = list(pool.map(lambda name: _key(name, domain), names))
    keys = {name: key for name, key in zip(names, found, strict=True) if key}
    if not keys:
        if any(key is None for key in found):
            return _not_known(title)
        says = _("No key was found under these names: %s. Keys can be found only by name.") % ", ".join(names)
        todo = _("Switch DKIM on at your mail server and publish the key. If you have one, type its selector below.")
        return Finding(title, MISSING if selectors else ATTENTION, says, todo)
    name, record = next(iter(keys.items()))
    public = re.sub(r"\s", "", _tags(record).get("p", ""))
    record = f"{name}._domainkey: {record[:120]}…" if len(record) > 120 else f"{name}._domainkey: {record}"
    if not public:
        says = _("The key was withdrawn: its record is empty.")
        return Finding(title, ATTENTION, says, _("Publish the present key."), record)
    if _tags(record).get("k", "rsa") == "rsa" and _size(public) < SHORT_KEY:
        says = _("The key is there, but shorter than 2048 bits.")
        return Finding(title, ATTENTION, says, _("Make a longer one when you can."), record)
    return Finding(title, OK, _("The key is there."), "", record)


def _key(selector: str, domain: str) -> str | None:
    """The record of a selector, "" when there is none, None when nobody knows."""
    try:
        records = ask(f"{selector}._domainkey.{domain}", "TXT")
    except Silent:
        return None
    return next((record for record in records if "p" in _tags(record)), "")


def _size(key: str) -> int:
    try:
        return len(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError):
        return 0


def dmarc(domain: str) -> Finding:
    title = _("DMARC: what to do with mail that only pretends to come from %s") % domain
    try:
        record = _dmarc_record(domain)
    except Silent:
        return _not_known(title)
    if not record:
        says = _("There is no policy. Large mail providers ask senders of many mails for one.")
        todo = _("Add a TXT record to _dmarc.%s: “v=DMARC1; p=none; rua=mailto:…”; after quiet weeks, p=quarantine.")
        return Finding(title, MISSING, says, todo % domain)
    policy = _tags(record).get("p", "").lower()
    if policy in ("quarantine", "reject"):
        return Finding(title, OK, _("Forged mail is kept out."), "", record)
    if policy == "none":
        todo = _("When the reports show that your own mail passes, change it to p=quarantine.")
        return Finding(title, ATTENTION, _("It only watches: forged mail still arrives."), todo, record)
    todo = _("It has to say p=none, p=quarantine or p=reject.")
    return Finding(title, ATTENTION, _("The policy cannot be read."), todo, record)


def _dmarc_record(domain: str) -> str:
    """The domain's own, else that of the domain above it."""
    labels = domain.split(".")
    for start in range(0, max(len(labels) - 1, 1)):
        records = ask("_dmarc." + ".".join(labels[start:]), "TXT")
        found = next((record for record in records if record.lower().startswith("v=dmarc1")), "")
        if found:
            return found
    return ""


def alignment(domain: str, envelope: str) -> Finding:
    """Whether SPF counts for DMARC: sender and return address under one domain."""
    title = _("Sender and return address")
    shared = f".{domain}".endswith(f".{envelope}") or f".{envelope}".endswith(f".{domain}")
    if shared:
        return Finding(title, OK, _("Both belong to %s.") % min(domain, envelope, key=len))
    says = _("Mails come from %(domain)s, bounces go to %(envelope)s: SPF alone does not prove the sender then.")
    todo = _("Take an address of the same domain for bounces, or see that mails are signed by DKIM.")
    return Finding(title, ATTENTION, says % {"domain": domain, "envelope": envelope}, todo)


def mx(domain: str) -> Finding:
    title = _("MX: where mail to %s arrives") % domain
    try:
        records = ask(domain, "MX")
    except Silent:
        return _not_known(title)
    if not records or records == ["0 ."]:
        todo = _("Add an MX record, or take another domain for bounces.")
        return Finding(title, MISSING, _("Nothing arrives there: bounces and answers are lost."), todo)
    return Finding(title, OK, _("The domain takes mail."), "", ", ".join(sorted(records)))


def _not_known(title: Any) -> Finding:
    todo = _("Try again; if it stays so, ask whoever runs the network.")
    return Finding(title, UNKNOWN, _("DNS did not answer within three seconds."), todo)


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _sign, value in pairs}
