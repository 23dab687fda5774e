"""What the answer page shows: the questions, what was said, the languages; pure data for the templates."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import dateformat, translation

from feedback import answered, asked, branching, fields
from feedback.asked import Asked
from feedback.contents import Contents
from feedback.forms import Typed
from feedback.models import Response
from ground import public
from ground.models import Organisation
from ground.text import COMMENT_LIMIT
from surveys import link_sites
from surveys.models import Question, SurveyVersion
from surveys.questions import InvalidAnswer


def preselected(question: Question | None, score: int | None) -> int | None:
    """The score of the link when the scale has it; any other is as good as none."""
    if question is None or question.scale is None or score is None:
        return None
    try:
        return question.scale.parse(score)
    except InvalidAnswer:
        return None


def shared(
    version: SurveyVersion, *, language: str, offered: list[str], organisation: Organisation, action: str
) -> dict[str, Any]:
    """What every page of a survey shows: who asks and why, where it posts to, the other languages."""
    return {
        "languages": public.other_languages(offered, language),
        # The templates add the language behind it.
        "action": action + ("&" if "?" in action else "?"),
        "asker": organisation.legal_name or organisation.name,
        "why": version.text("reason", language),
        "limit": COMMENT_LIMIT,
    }


def form(
    version: SurveyVersion,
    typed: Typed,
    *,
    question: Question | None,
    language: str,
    nonce: str,
    with_contact: bool = True,
) -> dict[str, Any]:
    """The form with everything typed in its place; without a `question`, that of a page that takes only words."""
    shown = list(_asked(version, typed, language, with_contact=with_contact)) if question else []
    problems = [one for one in shown if one.problem]
    for one in problems[:1]:
        one.has_focus = True
    return {
        "questions": shown,
        "problems": problems,
        "has_more": bool(version.further),
        "own_style": branching.style(version) if shown else None,
        "typed": typed,
        "nonce": nonce,
    }


def _asked(version: SurveyVersion, typed: Typed, language: str, *, with_contact: bool) -> Iterator[Asked]:
    """The questions in their order, each with its field and with what is wrong with it."""
    names = fields.names(version)
    for question in version.asked:
        name = names[question.code]
        shown = _shown(question, typed, name=name, language=language)
        if shown is None or (question.kind == "contact" and not (with_contact and name == "contact")):
            continue
        shown.is_required = question.is_required
        shown.problem = str(typed.errors.get(name) or typed.missing.get(name, ""))
        shown.id = f"q-{question.code}" if branching.hangs(version, question) else ""
        yield shown


def _shown(question: Question, typed: Typed, *, name: str, language: str) -> Asked | None:
    given = typed.answers.get(question.code, {})
    match question.kind:
        case "single" | "multiple":
            own_words = typed.texts.get(question.code, "")
            return asked.choice(question, name=name, language=language, given=given, own_words=own_words)
        case "grid":
            return asked.aspects(question, name=name, language=language, given=given)
        case "text":
            text = typed.text if name == "comment" else typed.texts.get(question.code, "")
            return asked.text(question, name=name, language=language, given=text)
        case "contact":
            return asked.contact(question, name=name, language=language)
    is_main = name == "score"
    chosen = typed.score if is_main else given.get("")
    return asked.scale(question, name=name, language=language, chosen=chosen, is_main=is_main)


def receipt(response: Response, said: Contents, *, version: SurveyVersion, language: str) -> dict[str, Any]:
    """An answer said back: the score, the top of its scale, what was answered to the rest, the person's own words."""
    question = version.score_question()
    scale = question.scale if question else None
    further = [
        {"text": one.text(language), "words": answered.words(one, said.answers[one.code], language)}
        for one in version.further
        if one.code in said.answers
    ]
    texts = [said.text, *(said.texts.get(one.code, "") for one in version.further)]
    word = answered.word(question, response.score, language) if question and response.score is not None else ""
    return {
        "score": response.score,
        "highest": scale.high if scale else None,
        # "1 out of 1" says nothing.
        "word": word if scale and scale.high == 1 else "",
        "further": further,
        "texts": [text for text in texts if text],
    }


def thanks(version: SurveyVersion, *, score: int | None, language: str, sites: str) -> dict[str, Any]:
    """The words of thanks after this score, and the link of its band when its site is one of those allowed."""
    question = version.score_question()
    band = question.scale.band(score) if question and question.scale and score is not None else ""
    texts = version.texts.get(language, {})
    url = texts.get(f"thanks_{band}_link", "")
    is_allowed = bool(url) and link_sites.allowed(url, sites)
    return {
        "thanks": version.thanks(band, language),
        "thanks_link": url if is_allowed else "",
        "thanks_label": texts.get(f"thanks_{band}_label") or url,
    }


def day(moment: dt.datetime, *, organisation: Organisation, language: str) -> str:
    """A day without its year, "12 May" with a no-break space, in the organisation's time zone."""
    with translation.override(public.page_language(language)):
        return dateformat.format(moment.astimezone(organisation.timezone), "j\u00a0E")
