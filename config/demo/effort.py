"""How easy it was on the site: the demo's third survey, on the scale of effort, and the rule that asks it."""

from surveys.models import SendingRule
from surveys.starters import CES, start_survey

ON_THE_SITE = CES | {
    "texts": {
        "ru": {
            "subject": "Легко ли было решить вопрос на сайте?",
            "intro": "Здравствуйте! Вы обращались к нам через сайт. Скажите, насколько легко было решить вопрос.",
            "reason": "Спрашиваем после обращений с сайта, чтобы убрать то, что мешает.",
        },
        "en": {
            "subject": "Was it easy to settle it on our site?",
            "intro": "Hello! You contacted us through our site. Tell us how easy it was to settle your question.",
            "reason": "We ask after contacts from the site, to remove what gets in the way.",
        },
    },
    "question": {
        "ru": "«Решить вопрос на сайте было легко». Насколько вы согласны?",
        "en": "“It was easy to settle my question on the site.” How far do you agree?",
    },
}


def ask() -> None:
    survey = start_survey(ON_THE_SITE, code="effort", name="CES, обращения с сайта")
    SendingRule.objects.create(
        name="Обращения с сайта",
        survey=survey,
        delay_minutes=60,
        priority=15,
        conditions=[{"field": "channel", "op": "equals", "value": "web"}],
    )
