"""What customers said about being asked, with the very words they were shown; statements are only ever added."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from ground import public
from surveys.models import Consent, Customer, Survey

Act = Consent.Act
# What stands on the page beside each choice; the page shows these and the record keeps them.
STOP_ALL, STOP_ONE, STOP = _("All surveys"), _("Only this survey"), _("Stop sending you surveys?")
AGAIN = _("Ask me again")
ONE_CLICK, PAGE, LETTER = "one click in the mail program", "unsubscribe page", "mail to the unsubscribe address"
SERVICE, PROGRAM, BY_HAND = "mail service", "API", "entered by hand"

# A statement holds until one of its kind is made after it.
KINDS = (Act.GRANTED, Act.WITHDRAWN), (Act.UNSUBSCRIBED, Act.RESUBSCRIBED)


@dataclass(frozen=True)
class Said:
    """The words that were shown, their language, and where: empty words when a program said it for the customer."""

    source: str
    text: str = ""
    language: str = ""
    version: str = ""
    at: dt.datetime | None = None

    @property
    def text_version(self) -> str:
        """The caller's name of the wording, else a short digest of it: another wording has another one."""
        return (self.version or (hashlib.sha256(self.text.encode()).hexdigest()[:12] if self.text else ""))[:32]


def on_page(*, language: str, everything: bool = True, again: bool = False) -> Said:
    """What somebody said who pressed a button of the unsubscribe page in this language."""
    with translation.override(public.page_language(language)):
        text = str(AGAIN) if again else f"{STOP} {STOP_ALL if everything else STOP_ONE}"
    return Said(source=PAGE, text=text, language=language)


def record(customer: Customer, act: str, said: Said, *, survey: Survey | None = None) -> Consent:
    """Keep a statement. Told again by a program with its own time, it is kept once; so is a button pressed once more
    for want of a reply, as long as nothing else was said in between."""
    told = {
        "customer": customer, "act": act, "survey": survey, "text_version": said.text_version,
        "text": said.text, "language": said.language[:16], "source": said.source[:100],
    }  # fmt: skip
    if said.at is None:
        kind = next(kind for kind in KINDS if act in kind)
        last = customer.consents.filter(act__in=kind).order_by("-at", "-pk").first()
        stands = last is not None and all(getattr(last, name) == value for name, value in told.items())
        return last if last and stands else Consent.objects.create(**told, at=timezone.now())
    return Consent.objects.filter(**told, at=said.at).first() or Consent.objects.create(**told, at=said.at)


def tell(customer: Customer, *, is_given: bool, said: Said) -> None:
    """Somebody outside got or lost the customer's consent: keep the statement, and ask or do not ask from then on.

    Of two statements the one made later holds, in whatever order they come.
    """
    record(customer, Act.GRANTED if is_given else Act.WITHDRAWN, said)
    last = customer.consents.filter(act__in=[Act.GRANTED, Act.WITHDRAWN]).order_by("-at", "-pk").first()
    no_consent = last is not None and last.act == Act.WITHDRAWN
    if customer.no_consent != no_consent:
        Customer.objects.filter(pk=customer.pk).update(no_consent=no_consent)
        customer.no_consent = no_consent
