"""What to paste into a help desk's message: a link around its own placeholder, with a score or without."""

from dataclasses import dataclass
from html import escape
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from surveys import buttons, public_links
from surveys.models import Link, SurveyVersion

# How each product writes the ticket's number into a message. Usedesk's editor inserts its variable by a button.
PLACEHOLDERS = {"zendesk": "{{ticket.id}}", "freshdesk": "{{ticket.id}}"}
NUMBER = "NUMBER"
WHERE = {
    "zendesk": _("Zendesk: in the e-mail of an automation or a trigger that runs when a ticket is solved."),
    "freshdesk": _("Freshdesk: in the notification to the requester when a ticket is closed, or in an automation."),
    "usedesk": _(
        "Usedesk: in the text of a rule or macro. Put the cursor on NUMBER and choose the ticket's number from the "
        "list of variables in its place."
    ),
    "other": _("Any other: with its placeholder for the ticket's number in the place of NUMBER."),
}
NAMES = {"zendesk": "Zendesk", "freshdesk": "Freshdesk", "usedesk": "Usedesk", "other": _("another help desk")}


@dataclass(frozen=True)
class Snippet:
    """What to paste where: an address alone, and the score buttons as HTML."""

    code: str
    name: Any
    where: Any
    address: str
    html: str


def of(link: Link, version: SurveyVersion | None, language: str) -> list[Snippet]:
    """The snippets of every product for this link."""
    return [_snippet(link, version, language, code) for code in WHERE]


def _snippet(link: Link, version: SurveyVersion | None, language: str, code: str) -> Snippet:
    number = PLACEHOLDERS.get(code, NUMBER)
    address = settings.BASE_URL + public_links.template_path(link, number)
    html = _buttons(address, version, language) if version else ""
    return Snippet(code=code, name=NAMES[code], where=WHERE[code], address=address, html=html)


def _buttons(address: str, version: SurveyVersion, language: str) -> str:
    """The question and a link for each score, in tables that every mail program shows.

    A telephone is narrower than a row of them: words stand below each other, numbers go on in the next line.
    """
    question = version.score_question()
    if question is None or question.scale is None:
        return ""
    words, found = buttons.are_words(question), buttons.of(question, language)
    cells = [
        f'<td style="padding:0 4px 4px 0"><a href="{address}/{one.score}" style="display:inline-block;min-width:40px;'
        f"padding:10px {12 if words else 0}px;border:1px solid #767676;border-radius:6px;text-align:center;"
        f'text-decoration:none;color:#111111;background:#ffffff;font:16px sans-serif">'
        f"{_face(one, words=words)}</a></td>"
        for one in found
    ]
    asked = f"<p>{escape(question.text(language))}</p>"
    if words:
        rows = "\n".join(f"<tr>{cell}</tr>" for cell in cells)
        return f"{asked}\n<table>\n{rows}\n</table>"
    row = "\n".join(f'<table align="left"><tr>{cell}</tr></table>' for cell in cells)
    ends = " · ".join(f"{one.sign} — {escape(one.label)}" for one in (found[0], found[-1]) if one.label)
    return f'{asked}\n{row}\n<p style="clear:both">{ends}</p>'


def _face(button: buttons.Button, *, words: bool) -> str:
    return escape(f"{button.sign} {button.label}".strip() if words else button.sign)
