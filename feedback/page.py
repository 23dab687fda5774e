"""What the answer page shows: the question's tiles, the follow-ups, the languages; pure data for the templates."""

import datetime as dt
from typing import Any

from django.utils import dateformat, translation

from feedback.forms import Typed
from feedback.models import Response
from ground import public
from ground.models import Organisation
from ground.text import COMMENT_LIMIT
from surveys.models import Question, SurveyVersion
from surveys.questions import BANDS, InvalidAnswer


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
    version: SurveyVersion, typed: Typed, *, question: Question | None, language: str, nonce: str
) -> dict[str, Any]:
    """The form with everything typed in its place."""
    return {
        "question": _question(question, language, chosen=typed.score),
        "follow_ups": _follow_ups(version.comment_question(), language),
        "typed": typed,
        "nonce": nonce,
    }


def _question(question: Question | None, language: str, *, chosen: int | None) -> dict[str, Any] | None:
    if question is None or question.scale is None:
        return None
    labels = question.options.get("labels", {})
    words: dict[str, str] = labels.get(language) or next(iter(labels.values()), {})
    tiles = [
        {
            "score": score,
            "word": words.get(str(score), ""),
            "band": question.scale.band(score),
            "is_chosen": score == chosen,
        }
        for score in question.scale.values
    ]
    return {"kind": question.kind, "text": question.text(language), "tiles": tiles, "low": tiles[0], "high": tiles[-1]}


def _follow_ups(question: Question | None, language: str) -> dict[str, str]:
    """The wording of the comment's question by band; {} lets the template use its own words."""
    if question is None:
        return {}
    return {band: question.follow_up(band, language) for band in BANDS}


def receipt(response: Response, *, text: str, question: Question | None) -> dict[str, Any]:
    """An answer said back: the score, the top of its scale, the person's own words."""
    scale = question.scale if question else None
    return {"score": response.score, "highest": scale.high if scale else None, "text": text}


def day(moment: dt.datetime, *, organisation: Organisation, language: str) -> str:
    """A day without its year, "12 May" with a no-break space, in the organisation's time zone."""
    with translation.override(public.interface_language(language)):
        return dateformat.format(moment.astimezone(organisation.timezone), "j\u00a0E")
