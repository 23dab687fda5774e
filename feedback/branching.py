"""Which questions are seen after which answers, without script: rules of style over what is chosen in the form.

A browser that does not know :has() drops the rules and shows every question; what does not apply is dropped on the
server as well.
"""

import re
from collections.abc import Iterator

from feedback import fields
from ground import brand
from ground.brand import Inline
from surveys.models import Question, SurveyVersion

PLAIN = ("csat", "steps")
# Codes stand in the style sheet unquoted: any other than these are left out of it.
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


def style(version: SurveyVersion) -> Inline:
    """What a version's page needs beside the style sheet of all, "" when it asks for a plain score and a comment."""
    return Inline((brand.kinds() if is_rich(version) else "") + rules(version))


def is_rich(version: SurveyVersion) -> bool:
    """Whether it asks further questions, requires an answer or shows its score in another look than steps."""
    score = version.score_question()
    is_plain = score is None or score.kind == "nps" or (score.kind, score.options.get("look", "steps")) == PLAIN
    return bool(version.further) or not is_plain or any(question.is_required for question in version.asked)


def rules(version: SurveyVersion) -> str:
    """The rules for the questions that hang on others."""
    return "".join(_rule(version, question) for question in version.asked if hangs(version, question))


def hangs(version: SurveyVersion, question: Question) -> bool:
    """Whether it is asked after some answers only; the score always is."""
    return bool(question.options.get("when")) and question != version.score_question()


def _rule(version: SurveyVersion, question: Question) -> str:
    unmet = list(_unmet(version, question, depth=len(version.asked)))
    if not CODE.fullmatch(question.code) or not unmet:
        return ""
    return ",".join(f"{form} #q-{question.code}" for form in unmet) + "{display:none}"


def _unmet(version: SurveyVersion, question: Question, *, depth: int) -> Iterator[str]:
    """Selectors of the form in the states in which the question, or one that it hangs on, does not apply."""
    when = question.options["when"]
    chosen = ",".join(_chosen(version, when["question"], when["in"]))
    if chosen:
        yield f"#answer:not(:has({chosen}))"
    above = next((other for other in version.asked if other.code == when["question"]), None)
    if depth and above is not None and hangs(version, above):
        yield from _unmet(version, above, depth=depth - 1)


def _chosen(version: SurveyVersion, code: str, values: list[str]) -> Iterator[str]:
    """Selectors of the fields that, when chosen, fulfil a condition."""
    values = [value for value in map(str, values) if CODE.fullmatch(value)]
    if code == "score":
        yield from (f"[data-band={value}]:checked" for value in values)
        return
    above = next((other for other in version.asked if other.code == code), None)
    if above is None or not CODE.fullmatch(code):
        return
    name = fields.names(version)[code]
    for value in values:
        yield (
            f'[name="{name}-{value}"]:checked' if above.kind == "grid" else f'[name="{name}"][value="{value}"]:checked'
        )
