"""Whether a wording can go out: everything that is missing or broken is named with its language and place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ground.models import Organisation
from ground.text import clean_line
from surveys import letters, link_sites, question_faults
from surveys.models import Message, Survey, SurveyVersion

Kind = Message.Kind
LONGEST_SUBJECT = 150
BANDS = ("high", "mid", "low")
# Whatever other programs fill in: customers would read it as it stands.
PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\{[A-Za-z_][\w.]*\}|%\(\w+\)[sd]|\$\{\w+\}|\[\[.*?\]\]|<%.*?%>|\{\{|\}\}"
)
NAMES = {
    "subject": gettext_lazy("Subject of the mail"),
    "intro": gettext_lazy("First lines of the mail"),
    "reason": gettext_lazy("Why we ask"),
    "thanks": gettext_lazy("Thanks after the answer"),
    "thanks_high": gettext_lazy("Thanks after a high score"),
    "thanks_high_link": gettext_lazy("Link after a high score"),
    "thanks_high_label": gettext_lazy("Words of that link"),
    "thanks_mid": gettext_lazy("Thanks after a middle score"),
    "thanks_mid_link": gettext_lazy("Link after a middle score"),
    "thanks_mid_label": gettext_lazy("Words of that link"),
    "thanks_low": gettext_lazy("Thanks after a low score"),
    "thanks_low_link": gettext_lazy("Link after a low score"),
    "thanks_low_label": gettext_lazy("Words of that link"),
    "sms": gettext_lazy("Text message"),
    "reminder1_subject": gettext_lazy("Subject of the first reminder"),
    "reminder1_intro": gettext_lazy("First lines of the first reminder"),
    "reminder2_subject": gettext_lazy("Subject of the second reminder"),
    "reminder2_intro": gettext_lazy("First lines of the second reminder"),
    "thanks_subject": gettext_lazy("Subject of the thank-you mail"),
    "thanks_intro": gettext_lazy("Text of the thank-you mail"),
}


@dataclass(frozen=True)
class Fault:
    """What keeps a version from going out; `field` is the name of its field on the version's page, "" for none."""

    message: Any
    language: str = ""
    part: Any = ""
    field: str = ""


def kinds(survey: Survey) -> list[str]:
    """The mails that a survey sends."""
    wanted = {
        Kind.INVITATION: True,
        Kind.REMINDER1: survey.first_reminder_days,
        Kind.REMINDER2: survey.second_reminder_days,
        Kind.THANKS: survey.sends_thanks,
    }
    return [kind for kind, is_wanted in wanted.items() if is_wanted]


def faults(version: SurveyVersion) -> list[Fault]:
    """Everything that is missing or broken, in the order of the page; empty when the version can go out."""
    found = [] if version.score_question() else [Fault(_("The survey asks for no score."))]
    found += [] if version.texts else [Fault(_("The survey has no language."))]
    can_be_written = not found
    found += _in_order(version)
    for language in version.languages():
        own = [*_in_texts(version, language), *_in_links(version, language), *_in_questions(version, language)]
        found += own or (_in_mails(version, language) if can_be_written else [])
    return found


def _in_texts(version: SurveyVersion, language: str) -> Iterator[Fault]:
    needed = {
        f"{letters.PREFIXES[Kind(kind)]}{part}" for kind in kinds(version.survey) for part in ("subject", "intro")
    }
    needed |= {"thanks"} | ({"reason"} if any(parts.get("reason") for parts in version.texts.values()) else set())
    for part, label in NAMES.items():
        text = version.texts[language].get(part, "")
        if part in needed and not text.strip():
            yield Fault(_("The text is missing."), language, label, f"{part}_{language}")
        elif part.endswith("subject") and len(clean_line(text)) > LONGEST_SUBJECT:
            message = _("The subject has %(length)d characters; mail programs show far fewer, at most %(most)d go out.")
            values = {"length": len(clean_line(text)), "most": LONGEST_SUBJECT}
            yield Fault(message % values, language, label, f"{part}_{language}")
        elif placeholder := PLACEHOLDER.search(text):
            yield Fault(_unknown(placeholder), language, label, f"{part}_{language}")


def _in_questions(version: SurveyVersion, language: str) -> Iterator[Fault]:
    for place, question in enumerate(version.asked):
        label = _("Question “%s”") % (question.text(language) or question.code)
        for message, field in question_faults.of_words(question, language):
            yield Fault(message, language, label, f"questions-{place}-{field}")
        for field, text in question_faults.worded(question, language):
            if placeholder := PLACEHOLDER.search(text):
                yield Fault(_unknown(placeholder), language, label, f"questions-{place}-{field}")


def _in_order(version: SurveyVersion) -> Iterator[Fault]:
    """What is wrong with the questions in every language."""
    for place, question in enumerate(version.asked):
        for message, field in question_faults.of_place(question, version.asked[:place], version.score_question()):
            yield Fault(
                message, "", _("Question “%s”") % (question.text("") or question.code), f"questions-{place}-{field}"
            )


def _in_links(version: SurveyVersion, language: str) -> Iterator[Fault]:
    """Where the thanks lead to: on the survey's list, and with words."""
    texts = version.texts[language]
    for part in (f"thanks_{band}_link" for band in BANDS):
        link, words = texts.get(part, ""), part.replace("_link", "_label")
        if link and not link_sites.allowed(link, version.survey.link_sites):
            message = _("The address has to begin with https:// and lead to a site that the survey allows.")
            yield Fault(message, language, NAMES[part], f"{part}_{language}")
        if bool(link) != bool(texts.get(words)):
            yield Fault(_("A link and its words need each other."), language, NAMES[words], f"{words}_{language}")


def _unknown(placeholder: re.Match[str]) -> str:
    return _("Customers would read “%s” as it stands: texts have no placeholders.") % placeholder.group()


def _in_mails(version: SurveyVersion, language: str) -> Iterator[Fault]:
    """Write each mail that would go out."""
    organisation = Organisation.current()
    for kind in kinds(version.survey):
        try:
            letters.write(version, kind=kind, language=language, organisation=organisation)
        except Exception as error:  # whatever it is, a customer's mail would fail of it
            yield Fault(_("The mail cannot be written: %s.") % type(error).__name__, language, Kind(kind).label)


@transaction.atomic
def publish(version: SurveyVersion) -> None:
    """Freeze this wording and send it out from here on; raises ValidationError that names what is missing."""
    version.__dict__.pop("asked", None)
    if found := faults(version):
        raise ValidationError([told(fault) for fault in found])
    version.published_at = timezone.now()
    version.save(update_fields=["published_at"])


def told(fault: Fault) -> str:
    """A fault in one line."""
    return ": ".join(str(part) for part in (fault.language, fault.part, fault.message) if part)
