"""What a mail to a customer says: written once for a version, a language and a kind of mail; links are slots in it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from ground import brand, logo, mjml, public
from ground.models import Organisation
from ground.text import clean_line
from surveys import buttons
from surveys.models import Message, Survey, SurveyVersion

Kind = Message.Kind
# Control characters: no text of ours or of a manager has them (ground.mime).
ANSWER, UNSUBSCRIBE = "\x01", "\x02"
# Which texts of a version stand in which mail: "reminder1_subject" for the first reminder.
PREFIXES = {Kind.INVITATION: "", Kind.REMINDER1: "reminder1_", Kind.REMINDER2: "reminder2_", Kind.THANKS: "thanks_"}
LONGEST_SUBJECT = 150
# So many days a reminder may wait for the hours in which mail leaves.
WEEKEND = 3


@dataclass(frozen=True)
class Letter:
    """`text` and `html` have the slots ANSWER and UNSUBSCRIBE where a customer's own tokens go."""

    language: str
    subject: str
    preheader: str
    text: str
    html: str

    def filled(self, *, answer: str, unsubscribe: str) -> "Letter":
        """The letter with these tokens in its links."""
        tokens = {ord(ANSWER): answer, ord(UNSUBSCRIBE): unsubscribe}
        return Letter(
            self.language,
            self.subject,
            self.preheader,
            self.text.translate(tokens),
            self.html.translate(tokens),
        )


def write(version: SurveyVersion, *, kind: str, language: str, organisation: Organisation) -> Letter:
    """The letter of this kind in this language; every link is absolute and starts with BASE_URL."""
    with translation.override(public.interface_language(language)):
        context = _asking(version, kind=kind, language=language) if kind != Kind.THANKS else {}
        context |= _shared(version, kind=kind, language=language, organisation=organisation)
        context["preheader"] = context.get("hint") or clean_line(context["intro"])[:120]
        name = "thanks" if kind == Kind.THANKS else "invitation"
        text = render_to_string(f"emails/{name}.txt", context).strip() + "\n"
        html = mjml.render(name, context)
    return Letter(language, context["subject"], context["preheader"], text, html)


def has_words(version: SurveyVersion, *, kind: str, language: str) -> bool:
    """Whether the version says what stands in such a mail: one from before its survey sent them need not."""
    return all(version.text(f"{PREFIXES[Kind(kind)]}{part}", language) for part in ("subject", "intro"))


def _shared(version: SurveyVersion, *, kind: str, language: str, organisation: Organisation) -> dict[str, Any]:
    """What every mail to a customer shows: its words, who sends it, and the way out."""
    prefix, direction = PREFIXES[Kind(kind)], public.direction(language)
    address = organisation.postal_address
    return {
        "language": language,
        "direction": direction,
        "start": "right" if direction == "rtl" else "left",
        "end": "left" if direction == "rtl" else "right",
        "organisation": organisation,
        "initial": organisation.name[:1].upper(),
        "look": brand.look(organisation.colour),
        "logo_url": logo.url(organisation),
        "subject": clean_line(version.text(f"{prefix}subject", language)),
        "intro": version.text(f"{prefix}intro", language),
        "address_line": f"{organisation.legal_name or organisation.name}, {address}" if address else "",
        "page_url": f"{settings.BASE_URL}/r/{ANSWER}",
        "unsubscribe_url": f"{settings.BASE_URL}/u/{UNSUBSCRIBE}",
    }


def _asking(version: SurveyVersion, *, kind: str, language: str) -> dict[str, Any]:
    """What a mail with score buttons shows besides."""
    question = version.score_question()
    assert question is not None and question.scale is not None  # a version without one cannot be published
    scale, page, are_words = question.scale, f"{settings.BASE_URL}/r/{ANSWER}", buttons.are_words(question)
    found = [
        {"score": one.score, "sign": one.sign, "label": one.label, "url": f"{page}/{one.score}"}
        for one in buttons.of(question, language)
    ]
    half = (len(found) + 1) // 2
    numbers = _("Choose a number from %(low)s to %(high)s: it takes ten seconds.")
    are_numbers = all(one["sign"] == str(one["score"]) for one in found)
    return {
        "why": version.text("reason", language),
        "question": question.text(language),
        "buttons": found,
        # Many buttons stand in two halves that lie beside each other or stack on a phone.
        "halves": [found[:half], found[half:]],
        "share": 100 // len(found),
        "scale_template": f"emails/scale-{'words' if are_words else 'numbers'}.html",
        "trap_url": f"{page}/t",
        "link_days": _days_left(version.survey, kind),
        "hint": numbers % {"low": scale.low, "high": scale.high}
        if are_numbers
        else _("One press on an answer is enough."),
    }


def _days_left(survey: Survey, kind: str) -> int:
    """How long the link lives at least from such a mail on: it is the first one's."""
    if kind not in (Kind.REMINDER1, Kind.REMINDER2):
        return survey.link_days
    passed = survey.first_reminder_days or 0
    passed += (survey.second_reminder_days or 0) if kind == Kind.REMINDER2 else 0
    return max(survey.link_days - passed - WEEKEND, 1)
