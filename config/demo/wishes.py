"""Suggestions in many words and both languages, and a theme that has just come up, for the pages that show them."""

import csv
import datetime as dt
import random
from collections.abc import Iterator

from config.demo.traffic import Voices
from feedback.understanding import labelled
from ground.models import Team

WISHES, OTHERS, DAYS = 150, 170, 100
# So many say in the last days that the couriers' terminals are broken.
RISEN, RISEN_DAYS = 24, 12
TERMINAL = [
    "Терминал у курьера не работает, картой не заплатить",
    "опять не работал терминал, пришлось искать наличные",
    "У курьера сломан терминал, оплатить картой нельзя",
    "Терминал оплаты не работает третью неделю",
    "Привезли вовремя, но терминал у курьера завис, бегал к банкомату",
]


def reviews(*, now: dt.datetime, dice: random.Random, voices: Voices) -> Iterator[dict[str, object]]:
    """Public reviews and messages: text, site, time and sometimes the team."""
    teams = list(Team.objects.order_by("pk"))
    with open(labelled.FOLDER / "suggestions.tsv", encoding="utf-8", newline="") as file:
        wishes = [row["text"] for row in csv.DictReader(file, delimiter="\t")]
    told = [(text, DAYS) for text in dice.sample(wishes, WISHES)]
    told += [(dice.choice(TERMINAL), RISEN_DAYS) for _one in range(RISEN)]
    told += [
        (voices.text(language="ru" if dice.random() < 0.8 else "en", mood=dice.random()), 27) for _one in range(OTHERS)
    ]
    for number, (text, days) in enumerate(told):
        yield {
            "external_key": f"wish-{number}",
            "origin": "market.example",
            "text": text,
            "team": dice.choice(teams) if dice.random() < 0.7 else None,
            "said_at": now - dt.timedelta(days=dice.uniform(0.05, days)),
        }
