"""Kinds of questions: one module each, named by its kind. Pure: no database, no request.

A kind module has, over the question's own options,
    scale(options)        its Scale, or None when it yields no score;
    items(options)        the codes of what it offers or asks about, () when it is one plain value;
    parse(given, options) {item: value} to be stored, from {item: [what was posted]}; "" is the item of a plain value.
                          Nothing given is {}; raises InvalidAnswer for what the question does not offer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KINDS = {
    kind: f"surveys.questions.{kind}"
    for kind in ("csat", "nps", "ces", "yes_no", "single", "multiple", "grid", "text", "contact")
}
CHOICES = [
    ("csat", gettext_lazy("CSAT: satisfaction")),
    ("nps", gettext_lazy("NPS: recommendation, 0 to 10")),
    ("ces", gettext_lazy("CES: effort, 1 to 7")),
    ("yes_no", gettext_lazy("yes or no")),
    ("single", gettext_lazy("one of several")),
    ("multiple", gettext_lazy("several of several")),
    ("grid", gettext_lazy("several aspects on one scale")),
    ("text", gettext_lazy("free text")),
    ("contact", gettext_lazy("please contact me")),
]

# The wordings of a follow-up: before a score is chosen, then by the band of the score.
BANDS = ("any", "low", "mid", "high")
Given = Mapping[str, Sequence[str]]
Options = Mapping[str, Any]
# The answers to several questions, by their codes: {question: {item: value}}.
Answers = Mapping[str, Mapping[str, int]]


class InvalidAnswer(ValueError):
    """The value is not one this question offers; the message is for the customer."""


@dataclass(frozen=True)
class Scale:
    """The values of a score question. Bands split them for wording: low, mid and high."""

    name: str
    low: int
    high: int
    mid_from: int
    high_from: int

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1)

    def band(self, score: int) -> str:
        return "high" if score >= self.high_from else "mid" if score >= self.mid_from else "low"

    def parse(self, value: object) -> int:
        """The score as an int; raises InvalidAnswer for anything outside the scale."""
        text = str(value)
        if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) in self.values:
            return int(text)
        raise InvalidAnswer(_("Choose a score from %(low)d to %(high)d.") % {"low": self.low, "high": self.high})

    def parse_one(self, given: Given) -> dict[str, int]:
        """`parse` of a score question: its one plain value."""
        values = [value for value in given.get("", ()) if value]
        return {"": self.parse(values[-1])} if values else {}


# Every scale that an answer may have, by the name that is stored with it. The boxes of the metrics M1 to M4 are those
# of `analytics.scores`.
SCALES = {
    scale.name: scale
    for scale in (
        Scale(name="csat_5", low=1, high=5, mid_from=3, high_from=4),
        Scale(name="csat_3", low=1, high=3, mid_from=2, high_from=3),
        Scale(name="thumbs", low=0, high=1, mid_from=1, high_from=1),
        Scale(name="nps", low=0, high=10, mid_from=7, high_from=9),
        Scale(name="ces_7", low=1, high=7, mid_from=4, high_from=5),
        Scale(name="yes_no", low=0, high=1, mid_from=1, high_from=1),
    )
}


def get(kind: str) -> ModuleType:
    """The module of a kind; KeyError for an unknown one."""
    return import_module(KINDS[kind])


def refuse_choice() -> InvalidAnswer:
    return InvalidAnswer(_("Choose from what is offered."))


def asks_if_resolved(options: Options) -> bool:
    """Whether the survey's author says that this question asks whether all was resolved."""
    return options.get("asks") == "resolved"


def choice_in_own_words(options: Options) -> str:
    """The choice with a box for own words beside it, the last one; "" where there is none."""
    choices = options.get("choices", ())
    return choices[-1] if choices and options.get("own_words") else ""


def applies(options: Options, *, score_band: str, answers: Answers) -> bool:
    """Whether a question is asked after these answers.

    `options["when"]` is {"question": code, "in": [...]}: the bands of the score question, for which the code is
    "score", or the items or values of another one. Without it a question is always asked.
    """
    when = options.get("when")
    if not when:
        return True
    if when["question"] == "score":
        return score_band in when["in"]
    known = answers.get(when["question"], {})
    return any((item or str(value)) in when["in"] for item, value in known.items())
