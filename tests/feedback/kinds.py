"""A survey that asks every kind of question, and parts of it for tests of one kind."""

from typing import Any

from django.utils import timezone

from surveys.models import Question, Survey, SurveyVersion

STEPS = {
    "ru": {"1": "Очень плохо", "2": "Плохо", "3": "Нормально", "4": "Хорошо", "5": "Отлично"},
    "en": {"1": "Very bad", "2": "Bad", "3": "Fair", "4": "Good", "5": "Excellent"},
}
THREE = {"ru": {"1": "Плохо", "2": "Нормально", "3": "Хорошо"}, "en": {"1": "Bad", "2": "Fair", "3": "Good"}}
ENDS = {
    "ru": {"1": "совсем не согласны", "7": "полностью согласны"},
    "en": {"1": "strongly disagree", "7": "strongly agree"},
}
SCORE: dict[str, Any] = {
    "code": "score", "kind": "csat", "ru": "Как мы справились?", "en": "How did we do?", "options": {"labels": STEPS},
}  # fmt: skip
GRID: dict[str, Any] = {
    "code": "aspects", "kind": "grid", "ru": "Что именно не понравилось?", "en": "What was it that went wrong?",
    "options": {
        "aspects": ["speed", "manners", "solved"],
        "names": {
            "ru": {"speed": "Скорость", "manners": "Вежливость", "solved": "Решение вопроса"},
            "en": {"speed": "Speed", "manners": "Politeness", "solved": "Solving the problem"},
        },
        "labels": STEPS, "when": {"question": "score", "in": ["low", "mid"]},
    },
}  # fmt: skip
MULTIPLE: dict[str, Any] = {
    "code": "liked", "kind": "multiple", "ru": "Что было хорошо?", "en": "What was good?",
    "options": {
        "choices": ["quick", "kind", "clear"], "most": 2, "when": {"question": "score", "in": ["high"]},
        "names": {
            "ru": {"quick": "Быстро ответили", "kind": "Были внимательны", "clear": "Понятно объяснили"},
            "en": {"quick": "A quick answer", "kind": "Kind people", "clear": "A clear explanation"},
        },
    },
}  # fmt: skip
SINGLE: dict[str, Any] = {
    "code": "way", "kind": "single", "ru": "Как вы к нам обратились?", "en": "How did you reach us?",
    "options": {
        "choices": ["phone", "chat", "mail"],
        "names": {
            "ru": {"phone": "По телефону", "chat": "В чате", "mail": "Письмом"},
            "en": {"phone": "By phone", "chat": "By chat", "mail": "By mail"},
        },
    },
}  # fmt: skip
YES_NO: dict[str, Any] = {
    "code": "solved", "kind": "yes_no", "ru": "Вопрос решён?", "en": "Is it resolved?", "options": {},
}  # fmt: skip
CES: dict[str, Any] = {
    "code": "effort", "kind": "ces", "ru": "Решить вопрос было легко", "en": "It was easy to get it resolved",
    "options": {"labels": ENDS},
}  # fmt: skip
NPS: dict[str, Any] = {
    "code": "again", "kind": "nps", "ru": "Порекомендуете нас?", "en": "Would you recommend us?",
    "options": {"labels": {"ru": {"0": "ни за что", "10": "непременно"}, "en": {"0": "never", "10": "certainly"}}},
}  # fmt: skip
WHY: dict[str, Any] = {
    "code": "why", "kind": "text", "ru": "Чего не хватило?", "en": "What was missing?",
    "options": {"when": {"question": "solved", "in": ["0"]}},
}  # fmt: skip
COMMENT: dict[str, Any] = {"code": "comment", "kind": "text", "ru": "Что добавите?", "en": "Anything else?"}
CONTACT: dict[str, Any] = {"code": "contact", "kind": "contact", "ru": "Свяжитесь со мной", "en": "Please contact me"}
EVERYTHING = [SCORE, GRID, MULTIPLE, SINGLE, YES_NO, CES, NPS, COMMENT, WHY, CONTACT]


def scored(kind: str, look: str = "") -> dict[str, Any]:
    """The score as another kind, or in another look."""
    labels = {"three": THREE, "ces": ENDS}.get(look or kind, STEPS if kind == "csat" and look != "thumbs" else {})
    return SCORE | {"kind": kind, "options": {"labels": labels} | ({"look": look} if look else {})}


def required(question: dict[str, Any]) -> dict[str, Any]:
    return question | {"is_required": True}


def with_own_words(question: dict[str, Any]) -> dict[str, Any]:
    """The question with a box beside its last choice."""
    return question | {"options": question["options"] | {"own_words": True}}


def always(question: dict[str, Any]) -> dict[str, Any]:
    """The question without its condition."""
    return question | {"options": {key: value for key, value in question["options"].items() if key != "when"}}


def make_survey(
    *asked: dict[str, Any], code: str = "kinds", texts: dict[str, Any] | None = None, **fields: Any
) -> Survey:
    """A published survey that asks these questions, Russian and English."""
    survey = Survey.objects.create(code=code, name=code.title(), **fields)
    words = {"subject": "?", "intro": "?"}
    thanks = {"ru": "Спасибо!", "en": "Thank you!"}
    version = SurveyVersion.objects.create(
        survey=survey,
        published_at=timezone.now(),
        texts={language: words | {"thanks": thanks[language]} | (texts or {}) for language in ("ru", "en")},
    )
    for position, question in enumerate(asked):
        wording = {language: question[language] for language in ("ru", "en")}
        own = {name: value for name, value in question.items() if name not in wording}
        Question.objects.create(version=version, position=position, texts=wording, **own)
    return survey
