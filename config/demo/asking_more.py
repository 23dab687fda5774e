"""What the demo's survey asks besides the score: what went wrong, what was good, was it solved; and the answers."""

import random

from config.demo.traffic import Contact
from surveys.models import Question, Survey

ASPECTS = {
    "speed": ("Скорость", "Speed"),
    "manners": ("Вежливость", "Politeness"),
    "skill": ("Знание дела", "Competence"),
    "solved": ("Решение вопроса", "Solving the problem"),
}
LIKED = {
    "quick": ("Быстро ответили", "A quick answer"),
    "kind": ("Отнеслись внимательно", "Kind people"),
    "clear": ("Понятно объяснили", "A clear explanation"),
    "reach": ("Легко связаться", "Easy to reach you"),
}
# How likely a customer says “solved” of what the company took for it, or did not.
SAYS_SOLVED = {True: 0.93, False: 0.12}
ENDS = {"ru": {"1": "плохо", "5": "отлично"}, "en": {"1": "bad", "5": "excellent"}}


def ask_more(survey: Survey) -> None:
    """Put a grid after a low or middle score, a choice after a high one, and yes or no into the published version."""
    version = survey.published
    assert version is not None
    after = {"comment": 5, "contact": 6}
    for question in version.questions.filter(code__in=after):
        question.position = after[question.code]
        question.save(update_fields=["position"])
    Question.objects.create(
        version=version,
        position=2,
        code="aspects",
        kind="grid",
        texts={"ru": "Оцените по отдельности", "en": "How was each part of it?"},
        options=_named("aspects", ASPECTS) | {"labels": ENDS, "when": {"question": "score", "in": ["low", "mid"]}},
    )
    Question.objects.create(
        version=version,
        position=3,
        code="liked",
        kind="multiple",
        texts={"ru": "Что было хорошо?", "en": "What was good?"},
        options=_named("choices", LIKED) | {"when": {"question": "score", "in": ["high"]}},
    )
    Question.objects.create(
        version=version,
        position=4,
        code="solved",
        kind="yes_no",
        texts={"ru": "Вопрос решён с первого раза?", "en": "Was it solved at the first attempt?"},
        options={"asks": "resolved"},
    )


def _named(what: str, items: dict[str, tuple[str, str]]) -> dict[str, object]:
    names = {
        "ru": {code: russian for code, (russian, _english) in items.items()},
        "en": {code: english for code, (_russian, english) in items.items()},
    }
    return {what: list(items), "names": names}


def answers(contact: Contact) -> dict[str, dict[str, int]]:
    """What this customer says to them, two in three; `intake` drops what does not apply to the score."""
    dice = random.Random(contact.number)
    if dice.random() > 0.66:
        return {}
    grid = {code: min(5, max(1, round(1 + 4 * dice.gauss(contact.mood, 0.25)))) for code in ASPECTS}
    grid["solved"] = dice.choice((4, 5)) if contact.is_resolved else dice.choice((1, 2))
    liked = dict.fromkeys(dice.sample(list(LIKED), dice.choice((1, 1, 2, 3))), 1)
    is_solved = dice.random() < SAYS_SOLVED[contact.is_resolved]
    return {"aspects": grid, "liked": liked, "solved": {"": int(is_solved)}}
