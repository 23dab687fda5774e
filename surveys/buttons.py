"""The buttons of a score question wherever it is asked outside the page: their order, signs and words; pure."""

from dataclasses import dataclass

from surveys.models import Question

STAR = "★"
SIGNS = {
    "smileys": {1: "😠", 2: "🙁", 3: "😐", 4: "🙂", 5: "😀"},
    "thumbs": {0: "👎", 1: "👍"},
    "stars": {score: STAR * score for score in range(1, 6)},
}
# The scales whose every step is a word; the others are rows of numbers with words at their ends.
WORDED = {"csat_5", "csat_3", "thumbs", "yes_no"}


@dataclass(frozen=True)
class Button:
    """`sign` is what catches the eye, a number or a picture, "" for a word alone; `label` its word, "" for none."""

    score: int
    sign: str
    label: str


def of(question: Question, language: str) -> list[Button]:
    """In the order of reading: a yes stands before a no."""
    scale = question.scale
    if scale is None:
        return []
    signs = SIGNS.get(question.options.get("look", ""), {})
    plain = {score: "" if scale.name == "yes_no" else str(score) for score in scale.values}
    found = [
        Button(score, signs.get(score, plain[score]), question.label(score, language) or str(score))
        if scale.name in WORDED
        else Button(score, str(score), question.label(score, language))
        for score in scale.values
    ]
    return found[::-1] if scale.name == "yes_no" else found


def are_words(question: Question) -> bool:
    return question.scale is not None and question.scale.name in WORDED
