"""One question as the page shows it: its look, its tiles or boxes, and what is chosen; pure data for the templates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedback import answered
from surveys.models import Question
from surveys.questions import BANDS, Scale, grid

# Scales whose steps stand below each other with their names on a phone; the others are a row of numbers.
LISTED = ("steps", "smileys", "three")
# What a list becomes where it is not the main question: a row, its names only at the ends.
NARROW = {"steps": "five", "smileys": "faces"}
# The mouths of the smileys, from the worst to the best.
MOUTHS = ("M8 17q4-5 8 0", "M8 16.5q4-2.5 8 0", "M8 15.5h8", "M8 15q4 2.5 8 0", "M7.5 14q4.5 6.5 9 0z")


@dataclass
class Asked:
    """`look` chooses the template's parts; `id` is set where the question hangs on others, `problem` where its answer
    is wrong or missing; `has_focus` on the first such one."""

    template: str
    name: str
    text: str
    look: str = ""
    is_main: bool = False
    is_required: bool = False
    id: str = ""
    problem: str = ""
    has_focus: bool = False
    tiles: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    follow_ups: dict[str, str] = field(default_factory=dict)
    given: str = ""
    most: int | None = None
    own_words: str = ""

    @property
    def classes(self) -> str:
        """How its tiles stand: a list with their names, a line of numbers, or two of them."""
        if self.look == "steps":
            return "list"
        form = "list" if self.look in LISTED else "two" if self.look in ("yes_no", "thumbs") else "line"
        return f"{form} {self.look}"

    @property
    def has_ends(self) -> bool:
        """Whether the names of its first and last step stand beside the row, since its tiles do not show theirs."""
        return self.classes.startswith("line")

    @property
    def low(self) -> dict[str, Any]:
        return self.tiles[0]

    @property
    def high(self) -> dict[str, Any]:
        return self.tiles[-1]


def scale(question: Question, *, name: str, language: str, chosen: int | None, is_main: bool) -> Asked:
    """A question with one scale. Further ones are small: five steps of them stand in a row like numbers."""
    look = question.options.get("look", "steps") if question.kind == "csat" else question.kind
    assert question.scale is not None
    tiles = _tiles(question, question.scale, language=language, chosen=chosen)
    if look in ("yes_no", "thumbs"):
        tiles.reverse()  # "yes" is read first
    elif not is_main and look in NARROW:
        look = NARROW[look]
    return Asked("feedback/_scale.html", name, question.text(language), look=look, is_main=is_main, tiles=tiles)


def _tiles(question: Question, scale: Scale, *, language: str, chosen: int | None) -> list[dict[str, Any]]:
    return [
        {
            "score": score,
            "word": answered.word(question, score, language),
            "band": scale.band(score),
            "is_chosen": score == chosen,
            "mouth": MOUTHS[score - 1] if 0 < score <= len(MOUTHS) else "",
        }
        for score in scale.values
    ]


def choice(question: Question, *, name: str, language: str, given: Mapping[str, int], own_words: str) -> Asked:
    """One or several of named choices, the last one perhaps with a box for own words."""
    tiles = [
        {"score": code, "word": question.name(code, language), "is_chosen": code in given}
        for code in question.options.get("choices", ())
    ]
    most = question.options.get("most") if question.kind == "multiple" else None
    shown = Asked("feedback/_choice.html", name, question.text(language), look=question.kind, tiles=tiles, most=most)
    if question.takes_text:
        shown.own_words, shown.given = f"t-{question.code}", own_words
    return shown


def aspects(question: Question, *, name: str, language: str, given: Mapping[str, int]) -> Asked:
    """A grid: a row of the same steps for each aspect."""
    steps = grid.row_scale(question.options)
    rows = [
        {
            "name": f"{name}-{code}",
            "text": question.name(code, language),
            "tiles": _tiles(question, steps, language=language, chosen=given.get(code)),
        }
        for code in grid.items(question.options)
    ]
    shown = Asked("feedback/_grid.html", name, question.text(language), look="grid", rows=rows)
    shown.tiles = _tiles(question, steps, language=language, chosen=None)
    return shown


def text(question: Question, *, name: str, language: str, given: str) -> Asked:
    """A free text, worded by the band of the score where the wording differs."""
    wordings = {band: question.follow_up(band, language) for band in BANDS}
    follow_ups = wordings if question.options.get("follow_up") else {}
    return Asked("feedback/_comment.html", name, question.text(language), follow_ups=follow_ups, given=given)


def contact(question: Question, *, name: str, language: str) -> Asked:
    """The tick “please contact me”."""
    return Asked("feedback/_contact.html", name, question.text(language))
