"""Ready surveys in Russian and English: a manager starts from them instead of from an empty form."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from surveys import publishing, questions
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

CONTACT = {"ru": "Свяжитесь со\u00a0мной", "en": "Please contact me"}
THANKS = {
    "ru": {
        "thanks": "Спасибо! Ваш ответ прочитает человек.",
        "thanks_low": "Спасибо, что сказали прямо. Мы разберёмся, что пошло не так.",
        "thanks_high": "Спасибо! Рады, что всё получилось.",
    },
    "en": {
        "thanks": "Thank you! A person will read your answer.",
        "thanks_low": "Thank you for being frank. We will find out what went wrong.",
        "thanks_high": "Thank you! We are glad that it went well.",
    },
}
SATISFIED = {
    "ru": {"1": "Очень плохо", "2": "Плохо", "3": "Нормально", "4": "Хорошо", "5": "Отлично"},
    "en": {"1": "Very bad", "2": "Bad", "3": "Fair", "4": "Good", "5": "Excellent"},
}
LIKELY = {
    "ru": {"0": "точно не порекомендую", "10": "обязательно порекомендую"},
    "en": {"0": "not at all likely", "10": "extremely likely"},
}
AGREED = {
    "ru": {"1": "совсем не согласен", "7": "полностью согласен"},
    "en": {"1": "strongly disagree", "7": "strongly agree"},
}
YES_NO = {"ru": {"1": "Да", "0": "Нет"}, "en": {"1": "Yes", "0": "No"}}
# What the steps of a new question are called, by the name of its scale.
USUAL_NAMES: dict[str, dict[str, dict[str, str]]] = {
    "csat_5": SATISFIED,
    "csat_3": {
        "ru": {"1": "Плохо", "2": "Нормально", "3": "Хорошо"},
        "en": {"1": "Bad", "2": "Fair", "3": "Good"},
    },
    "thumbs": {"ru": {"0": "Плохо", "1": "Хорошо"}, "en": {"0": "Bad", "1": "Good"}},
    "nps": LIKELY,
    "ces_7": AGREED,
    "yes_no": YES_NO,
}

CSAT: dict[str, Any] = {
    "name": _("CSAT after a ticket"),
    "about": _("How satisfied with this contact, 1 to 5. For support: what went well, what to mend."),
    "kind": "csat",
    "texts": {
        "ru": {
            "subject": "Как мы справились с вашим обращением?",
            "intro": "Здравствуйте! Ваше обращение в поддержку завершено. Хотим узнать, что получилось, а что нет.",
            "reason": "Спрашиваем после завершённых обращений, чтобы исправить то, что мешает. "
            "Вы получили это письмо, потому что обращались к нам.",
        },
        "en": {
            "subject": "How did we handle your request?",
            "intro": "Hello! Your request to our support team is finished. Tell us what went well and what did not.",
            "reason": "We ask after finished requests so that we can fix what gets in the way. "
            "You received this mail because you contacted us.",
        },
    },
    "question": {"ru": "Как мы справились с\u00a0вашим обращением?", "en": "How did we handle your request?"},
    "labels": SATISFIED,
}

NPS: dict[str, Any] = {
    "name": _("NPS"),
    "about": _("Would they recommend us, 0 to 10. For the relationship as a whole, now and then."),
    "kind": "nps",
    "texts": {
        "ru": {
            "subject": "Порекомендуете ли вы нас?",
            "intro": "Здравствуйте! Недавно мы закончили работу по вашему обращению. Ответьте на один вопрос.",
            "reason": "Спрашиваем тех, кто недавно обращался к нам, чтобы понять, становимся ли мы лучше.",
        },
        "en": {
            "subject": "Would you recommend us?",
            "intro": "Hello! We recently finished your request. Please answer one question.",
            "reason": "We ask people who contacted us lately, to see whether we are getting better.",
        },
    },
    "question": {
        "ru": "Насколько вероятно, что вы порекомендуете нас другу или коллеге?",
        "en": "How likely are you to recommend us to a friend or colleague?",
    },
    "labels": LIKELY,
}

CES: dict[str, Any] = {
    "name": _("CES after a purchase"),
    "about": _("How easy was it, 1 to 7. For orders, deliveries, returns: where people stumble."),
    "kind": "ces",
    "texts": {
        "ru": {
            "subject": "Легко ли было сделать заказ?",
            "intro": "Здравствуйте! Вы недавно сделали у нас заказ. Скажите, насколько это было легко.",
            "reason": "Спрашиваем после заказов, чтобы убрать то, что мешает.",
        },
        "en": {
            "subject": "Was it easy to place your order?",
            "intro": "Hello! You recently placed an order with us. Tell us how easy it was.",
            "reason": "We ask after orders, to remove what gets in the way.",
        },
    },
    "question": {
        "ru": "«Сделать заказ было легко». Насколько вы согласны?",
        "en": "“Placing the order was easy.” How far do you agree?",
    },
    "labels": AGREED,
}

SOLVED: dict[str, Any] = {
    "name": _("First-contact resolution"),
    "about": _("Was it solved, yes or no. The shortest survey: one click, and what is still open after a no."),
    "kind": "yes_no",
    "texts": {
        "ru": {
            "subject": "Решён ли ваш вопрос?",
            "intro": "Здравствуйте! Мы закрыли ваше обращение. Скажите одним нажатием, решён ли вопрос.",
            "reason": "Спрашиваем после завершённых обращений, чтобы вернуться к тем, что остались нерешёнными.",
        },
        "en": {
            "subject": "Is your request solved?",
            "intro": "Hello! We have closed your request. Tell us with one click whether it is solved.",
            "reason": "We ask after finished requests, so that we can go back to those that were not solved.",
        },
    },
    "question": {
        "ru": "Решён ли ваш вопрос с\u00a0первого обращения?",
        "en": "Was your request solved the first time?",
    },
    "labels": YES_NO,
    "comment": {
        "ru": {"any": "Хотите что-нибудь добавить?", "low": "Что осталось нерешённым?"},
        "en": {"any": "Anything to add?", "low": "What is still open?"},
    },
}
STARTERS = {"csat": CSAT, "nps": NPS, "ces": CES, "solved": SOLVED}

# The kinds as a manager chooses them.
KINDS: dict[str, dict[str, Any]] = {
    "csat": {"name": _("satisfaction"), "about": _("CSAT: five steps, stars, smileys, three steps or thumbs")},
    "nps": {"name": _("recommendation"), "about": _("NPS: 0 to 10")},
    "ces": {"name": _("effort"), "about": _("CES: 1 to 7")},
    "yes_no": {"name": _("yes or no"), "about": _("for example, was it solved?")},
    "single": {"name": _("one of several"), "about": _("one choice from a list")},
    "multiple": {"name": _("several of several"), "about": _("any choices from a list")},
    "grid": {"name": _("aspects"), "about": _("speed, politeness …: each on one scale")},
    "text": {"name": _("free text"), "about": _("in their own words; other words by the score")},
    "contact": {"name": _("please contact me"), "about": _("a tick that asks to be called back")},
}


def scales() -> dict[str, Any]:
    """For the builder's script: the steps to name of each kind and look, and what they are usually called."""
    ends = {"nps": [0, 10], "ces_7": [1, 7]}
    steps = {name: ends.get(name, list(scale.values)) for name, scale in questions.SCALES.items()}
    by_look = {**questions.get("csat").LOOKS, "five": "csat_5"}
    return {"of": {"nps": "nps", "ces": "ces_7", "yes_no": "yes_no", **by_look}, "steps": steps, "names": USUAL_NAMES}


@transaction.atomic
def start_survey(starter: dict[str, Any], *, code: str, name: str) -> Survey:
    """A survey with one published version made from a starter; an existing one of this code is returned as it is."""
    survey, created = Survey.objects.get_or_create(code=code, defaults={"name": name})
    if not created:
        return survey
    texts = {code: words | THANKS[code] | OTHER_MAILS[code] for code, words in starter["texts"].items()}
    version = SurveyVersion.objects.create(survey=survey, texts=texts)
    follow_up = starter.get("comment", FOLLOW_UP)
    rows: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
        ("score", starter["kind"], starter["question"], {"labels": starter["labels"]}),
        ("comment", "text", {code: wording["any"] for code, wording in follow_up.items()}, {"follow_up": follow_up}),
        ("contact", "contact", CONTACT, {}),
    ]
    for position, (question, kind, words, options) in enumerate(rows, start=1):
        Question.objects.create(
            version=version, position=position, code=question, kind=kind, texts=words, options=options
        )
    publishing.publish(version)
    return survey
