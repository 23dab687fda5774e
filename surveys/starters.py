"""Two ready surveys in Russian and English: a manager starts from them instead of from an empty form."""

from typing import Any

from django.db import transaction

from surveys import publishing
from surveys.models import Question, Survey, SurveyVersion

FOLLOW_UP = {
    "ru": {
        "any": "Почему такая оценка?",
        "low": "Что нам исправить в первую очередь?",
        "mid": "Чего не хватило до высшей оценки?",
        "high": "Что понравилось больше всего?",
    },
    "en": {
        "any": "Why this score?",
        "low": "What should we fix first?",
        "mid": "What was missing for the top score?",
        "high": "What did you like most?",
    },
}

CONTACT = {"ru": "Свяжитесь со мной", "en": "Please contact me"}

OTHER_MAILS = {
    "ru": {
        "reminder1_subject": "Напоминаем: как мы справились?",
        "reminder1_intro": "Несколько дней назад мы спросили, как прошло ваше обращение. Если найдёте минуту, "
        "выберите оценку: это поможет нам исправить то, что мешает.",
        "reminder2_subject": "Последнее напоминание: как мы справились?",
        "reminder2_intro": "Больше напоминать не будем. Если хотите, чтобы ваше мнение учли, выберите оценку.",
        "thanks_subject": "Спасибо за ответ",
        "thanks_intro": "Мы получили ваш ответ, его прочитает человек. Спасибо, что нашли время!",
    },
    "en": {
        "reminder1_subject": "A reminder: how did we do?",
        "reminder1_intro": "A few days ago we asked how your request went. If you have a minute, choose a score: "
        "it helps us to fix what gets in the way.",
        "reminder2_subject": "The last reminder: how did we do?",
        "reminder2_intro": "We will not remind you again. Choose a score if you want your opinion to count.",
        "thanks_subject": "Thank you for your answer",
        "thanks_intro": "We have received your answer, and a person will read it. Thank you for taking the time!",
    },
}

CSAT: dict[str, Any] = {
    "kind": "csat",
    "texts": {
        "ru": {
            "subject": "Как мы справились с вашим обращением?",
            "intro": "Здравствуйте! Ваше обращение в поддержку завершено. Хотим узнать, что получилось, а что нет.",
            "reason": "Спрашиваем после завершённых обращений, чтобы исправить то, что мешает. "
            "Вы получили это письмо, потому что обращались к нам.",
            "thanks": "Спасибо! Ваш ответ прочитает человек.",
            **OTHER_MAILS["ru"],
        },
        "en": {
            "subject": "How did we handle your request?",
            "intro": "Hello! Your request to our support team is finished. Tell us what went well and what did not.",
            "reason": "We ask after finished requests so that we can fix what gets in the way. "
            "You received this mail because you contacted us.",
            "thanks": "Thank you! A person will read your answer.",
            **OTHER_MAILS["en"],
        },
    },
    "question": {"ru": "Как мы справились с\u00a0вашим обращением?", "en": "How did we handle your request?"},
    "labels": {
        "ru": {"1": "Очень плохо", "2": "Плохо", "3": "Нормально", "4": "Хорошо", "5": "Отлично"},
        "en": {"1": "Very bad", "2": "Bad", "3": "Fair", "4": "Good", "5": "Excellent"},
    },
}

NPS: dict[str, Any] = {
    "kind": "nps",
    "texts": {
        "ru": {
            "subject": "Порекомендуете ли вы нас?",
            "intro": "Здравствуйте! Недавно мы закончили работу по вашему обращению. Ответьте на один вопрос.",
            "reason": "Спрашиваем тех, кто недавно обращался к нам, чтобы понять, становимся ли мы лучше.",
            "thanks": "Спасибо! Ваш ответ прочитает человек.",
            **OTHER_MAILS["ru"],
        },
        "en": {
            "subject": "Would you recommend us?",
            "intro": "Hello! We recently finished your request. Please answer one question.",
            "reason": "We ask people who contacted us lately, to see whether we are getting better.",
            "thanks": "Thank you! A person will read your answer.",
            **OTHER_MAILS["en"],
        },
    },
    "question": {
        "ru": "Насколько вероятно, что вы порекомендуете нас другу или коллеге?",
        "en": "How likely are you to recommend us to a friend or colleague?",
    },
    "labels": {
        "ru": {"0": "точно не порекомендую", "10": "обязательно порекомендую"},
        "en": {"0": "not at all likely", "10": "extremely likely"},
    },
}


@transaction.atomic
def start_survey(starter: dict[str, Any], *, code: str, name: str) -> Survey:
    """A survey with one published version made from a starter; an existing one of this code is returned as it is."""
    survey, created = Survey.objects.get_or_create(code=code, defaults={"name": name})
    if not created:
        return survey
    version = SurveyVersion.objects.create(survey=survey, texts=starter["texts"])
    Question.objects.create(
        version=version,
        position=1,
        code="score",
        kind=starter["kind"],
        texts=starter["question"],
        options={"labels": starter["labels"]},
    )
    Question.objects.create(
        version=version,
        position=2,
        code="comment",
        kind="text",
        texts={language: wording["any"] for language, wording in FOLLOW_UP.items()},
        options={"follow_up": FOLLOW_UP},
    )
    Question.objects.create(
        version=version,
        position=3,
        code="contact",
        kind="contact",
        texts={language: CONTACT[language] for language in starter["texts"]},
    )
    publishing.publish(version)
    return survey
