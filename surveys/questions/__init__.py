"""Kinds of questions: one module each, named by its kind. Pure: no database, no request.

A kind module has SCALE (None when it yields no score) and parse(value) -> stored value or raises InvalidAnswer.
"""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from django.utils.translation import gettext_lazy as _

KINDS = {
    "csat": "surveys.questions.csat",
    "nps": "surveys.questions.nps",
    "text": "surveys.questions.text",
}
CHOICES = [
    ("csat", _("CSAT: satisfaction, 1 to 5")),
    ("nps", _("NPS: recommendation, 0 to 10")),
    ("text", _("free text")),
]


# The wordings of a follow-up: before a score is chosen, then by the band of the score.
BANDS = ("any", "low", "mid", "high")


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


def get(kind: str) -> ModuleType:
    """The module of a kind; KeyError for an unknown one."""
    return import_module(KINDS[kind])
