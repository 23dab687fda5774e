"""What DNS says about the sender's domain, from a real DNS server on loopback."""

import base64
from collections.abc import Callable, Iterator

import pytest

from surveys import sender_check
from surveys.sender_check import Finding
from tests import dnsserver

D = "example.org"
KEY = base64.b64encode(b"k" * 294).decode()
GOOD: dnsserver.Zone = {
    (D, "MX"): ["10 mx.example.org."],
    (D, "TXT"): ["unrelated", "v=spf1 mx include:spf.service.example ~all"],
    ("spf.service.example", "TXT"): ["v=spf1 ip4:192.0.2.0/24 -all"],
    (f"mail._domainkey.{D}", "TXT"): [f'"v=DKIM1; k=rsa; p={KEY[:200]}" "{KEY[200:]}"'],
    (f"_dmarc.{D}", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@example.org"],
}
SPF, DKIM, DMARC, SAME, MX = range(5)


@pytest.fixture
def look(settings) -> Iterator[Callable[..., list[Finding]]]:
    zone: dnsserver.Zone = {}
    with dnsserver.serving(zone) as (place, asked):
        settings.DNS_SERVER = place

        def act(changes: dnsserver.Zone | None = None, *, sender: str = f"ask@{D}", **options) -> list[Finding]:
            zone.clear()
            zone.update(GOOD | (changes or {}))
            return sender_check.look(sender, **options)

        act.asked = asked  # type: ignore[attr-defined]
        yield act


def test_a_good_domain_is_in_order(look) -> None:
    found = look()
    assert [finding.level for finding in found] == ["ok"] * 5
    assert "include:spf.service.example" in found[SPF].record and found[DKIM].record.startswith("mail._domainkey")
    assert "mx.example.org" in found[MX].record


NESTED = {(f"i{n}.example", "TXT"): [f"v=spf1 include:i{n + 1}.example -all"] for n in range(15)}
CASES = {
    "no spf": (SPF, {(D, "TXT"): ["unrelated"]}, "missing"),
    "two spf": (SPF, {(D, "TXT"): ["v=spf1 mx -all", "v=spf1 a -all"]}, "attention"),
    "everybody": (SPF, {(D, "TXT"): ["v=spf1 +all"]}, "attention"),
    "no end": (SPF, {(D, "TXT"): ["v=spf1 mx"]}, "attention"),
    "neutral end": (SPF, {(D, "TXT"): ["v=spf1 mx ?all"]}, "attention"),
    "redirect": (SPF, {(D, "TXT"): ["v=spf1 redirect=spf.service.example"]}, "ok"),
    "too many lookups": (SPF, {(D, "TXT"): ["v=spf1 include:i0.example -all"]} | NESTED, "attention"),
    "includes itself": (SPF, {(D, "TXT"): [f"v=spf1 include:{D} -all"]}, "ok"),
    "spf unanswered": (SPF, {(D, "TXT"): dnsserver.BROKEN}, "unknown"),
    "no key": (DKIM, {(f"mail._domainkey.{D}", "TXT"): []}, "attention"),
    "withdrawn key": (DKIM, {(f"mail._domainkey.{D}", "TXT"): ["v=DKIM1; p="]}, "attention"),
    "short key": (DKIM, {(f"mail._domainkey.{D}", "TXT"): [f"v=DKIM1; p={base64.b64encode(b'k' * 162).decode()}"]},
                  "attention"),
    "elliptic key": (DKIM, {(f"mail._domainkey.{D}", "TXT"): ["v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA"]}, "ok"),
    "watching only": (DMARC, {(f"_dmarc.{D}", "TXT"): ["v=DMARC1; p=none"]}, "attention"),
    "senseless policy": (DMARC, {(f"_dmarc.{D}", "TXT"): ["v=DMARC1; p=maybe"]}, "attention"),
    "no dmarc": (DMARC, {(f"_dmarc.{D}", "TXT"): []}, "missing"),
    "dmarc unanswered": (DMARC, {(f"_dmarc.{D}", "TXT"): dnsserver.BROKEN}, "unknown"),
    "no mx": (MX, {(D, "MX"): []}, "missing"),
    "null mx": (MX, {(D, "MX"): ["0 ."]}, "missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said_with_what_to_do(look, name: str) -> None:
    place, changes, level = CASES[name]
    found = look(changes)
    assert found[place].level == level
    assert found[place].says and (found[place].todo or level == "ok")
    others = [finding.level for at, finding in enumerate(found) if at != place]
    assert set(others) == {"ok"} or (D, "TXT") in changes


def test_a_typed_selector_is_asked_for_alone(look) -> None:
    look.asked.clear()
    found = look({(f"x2026._domainkey.{D}", "TXT"): [f'"p={KEY[:200]}" "{KEY[200:]}"']}, selectors=("x2026",))
    assert found[DKIM].level == "ok"
    assert [name for name, _kind in look.asked if "_domainkey" in name] == [f"x2026._domainkey.{D}"]
    assert look(selectors=("nothing",))[DKIM].level == "missing"


@pytest.mark.parametrize("selector", ["a b", "../x", "x" * 70, "\n", "ключ", "*", "-"])
def test_a_selector_that_is_none_is_not_asked_for(look, selector: str) -> None:
    look.asked.clear()
    look(selectors=(selector,))
    assert not [name for name, _kind in look.asked if name.startswith(f"{selector}._domainkey")]


def test_bounces_of_another_domain_are_looked_up_there(look) -> None:
    found = look({("bounce.example", "MX"): ["1 m."], ("bounce.example", "TXT"): ["v=spf1 mx -all"]},
                 bounces_to="b@bounce.example")  # fmt: skip
    assert [finding.level for finding in found] == ["ok", "ok", "ok", "attention", "ok"]
    assert "bounce.example" in found[SPF].title and D in found[DKIM].title


def test_a_subdomain_inherits_the_policy_above_it(look) -> None:
    assert look(sender=f"ask@news.{D}")[DMARC].level == "ok"


def test_a_server_that_never_answers_is_not_waited_for(look, monkeypatch) -> None:
    monkeypatch.setattr(sender_check, "SECONDS", 0.2)
    names = [(D, "MX"), (D, "TXT"), (f"_dmarc.{D}", "TXT"), (f"k._domainkey.{D}", "TXT")]
    found = look(dict.fromkeys(names, dnsserver.SILENT), selectors=("k",))
    assert [finding.level for finding in found] == ["unknown", "unknown", "unknown", "ok", "unknown"]


def test_no_server_at_all_is_not_known(settings) -> None:
    settings.DNS_SERVER = "127.0.0.1:9"
    assert {finding.level for finding in sender_check.look(f"ask@{D}")} == {"unknown", "ok"}
