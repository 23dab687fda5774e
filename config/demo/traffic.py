"""Half a year of contacts with a daily and weekly rhythm, and how their customers answer. Seeded: the same each time.

Nothing is written here; `config.demo.load` sends what this tells through the real doors.
"""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from config.demo.people import AGENTS, REASONS, TEAMS, Person
from feedback.understanding import labelled

CONTACTS, DAYS = 2300, 182
ZONE = ZoneInfo("Europe/Moscow")
# Monday to Sunday, and by the hour from 8 to 21.
WEEK = [1.25, 1.15, 1.1, 1.05, 1.0, 0.45, 0.35]
HOURS = [0.4, 0.7, 1.2, 1.5, 1.4, 1.0, 0.9, 1.1, 1.3, 1.2, 0.9, 0.7, 0.5, 0.3]
# The telephone's bad fortnight: from so many days ago to so many.
BAD_CHANNEL, BAD_FROM, BAD_TO = "phone", 21, 7
ANSWERED, ANSWERED_WHEN_BAD, COMMENTED, PRESUMED = 0.45, 0.55, 0.62, 0.14
# Who waited so many times longer than usual and is not happy writes of that more often than not.
LONG, WAITING, SAID_OF_WAITING = 3.0, ("speed", "channels"), 0.85
# Who answered comes again once the survey has rested; so many of the later contacts are theirs.
RESTS, COME_AGAIN = dt.timedelta(days=95), 0.1
MINUTES = {"phone": 2, "chat": 3, "messenger": 15, "email": 240, "web": 300}


@dataclass(frozen=True)
class Contact:
    """One finished contact and, when its customer will answer, the inclination (0..1) and patience for words."""

    number: int
    person: Person
    team: str
    team_name: str
    agent: str
    channel: str
    reason: str
    began: dt.datetime
    first_response: dt.datetime
    closed: dt.datetime
    replies: int
    mood: float
    answers: bool
    comments: bool
    presumed: bool
    answer_delay: dt.timedelta
    is_resolved: bool
    is_complaint: bool
    has_waited: bool


def contacts(people: list[Person], *, now: dt.datetime, dice: random.Random) -> list[Contact]:
    """All contacts, oldest first; each closed before `now`."""
    days = [now.astimezone(ZONE).date() - dt.timedelta(days=ago) for ago in range(DAYS, -1, -1)]
    weights = [WEEK[day.weekday()] * (1 + 0.8 * place / DAYS) for place, day in enumerate(days)]
    chosen = sorted(dice.choices(days, weights, k=CONTACTS))
    made = [_contact(number, day, people, now=now, dice=dice) for number, day in enumerate(chosen, 1)]
    return _come_again(
        sorted((contact for contact in made if contact.closed < now), key=lambda contact: contact.closed)
    )


def _come_again(told: list[Contact]) -> list[Contact]:
    """The same contacts, some of them those of customers who have answered months ago; the dice is its own."""
    dice, waiting, rested = random.Random(CONTACTS), iter(told), list[Person]()
    earlier, found = next(waiting), []
    for contact in told:
        while earlier.closed + RESTS < contact.began:
            rested += [earlier.person] if earlier.answers else []
            earlier = next(waiting)
        is_known = rested and dice.random() < COME_AGAIN
        found.append(replace(contact, person=rested.pop(dice.randrange(len(rested)))) if is_known else contact)
    return found


def _contact(number: int, day: dt.date, people: list[Person], *, now: dt.datetime, dice: random.Random) -> Contact:
    code, name, _share, channels, goodness = dice.choices(TEAMS, [team[2] for team in TEAMS])[0]
    channel = dice.choices(list(channels), list(channels.values()))[0]
    hour = dice.choices(range(8, 22), HOURS)[0]
    began = dt.datetime.combine(day, dt.time(hour, dice.randrange(60), dice.randrange(60)), ZONE)
    ago = (now - began).total_seconds() / 86_400
    is_bad = channel == BAD_CHANNEL and BAD_TO <= ago <= BAD_FROM
    wait = dice.lognormvariate(0, 0.9) * MINUTES[channel] * (6 if is_bad else 1)
    has_waited = wait > LONG * MINUTES[channel]
    less = (0.1 if is_bad else 0) + (0.35 if has_waited else 0) + min(wait / 3000, 0.15)
    mood = min(max(dice.gauss(goodness - less, 0.18), 0), 1)
    first = began + dt.timedelta(minutes=wait)
    closed = first + dt.timedelta(minutes=dice.lognormvariate(0, 0.8) * MINUTES[channel] * 4)
    return Contact(
        number=number,
        person=dice.choice(people),
        team=code,
        team_name=name,
        agent=dice.choice(AGENTS[code]),
        channel=channel,
        reason=dice.choice(REASONS[code]),
        began=began,
        first_response=first,
        closed=closed,
        replies=1 + int(dice.expovariate(0.6)),
        mood=mood,
        answers=dice.random() < (ANSWERED_WHEN_BAD if is_bad else ANSWERED),
        comments=dice.random() < COMMENTED + (0.2 if mood < 0.4 else 0),
        presumed=dice.random() < PRESUMED,
        answer_delay=dt.timedelta(hours=dice.expovariate(1 / 14)),
        is_resolved=dice.random() < 0.35 + 0.6 * mood,
        is_complaint=mood < 0.15 and dice.random() < 0.5,
        has_waited=has_waited,
    )


def score(contact: Contact, scale: str) -> int:
    """The score that this mood gives on a scale."""
    if scale == "nps":
        return min(10, int(contact.mood**0.7 * 11.8))
    if scale == "ces_7":
        return 1 + min(6, int(contact.mood**0.9 * 7.4))
    return 1 + min(4, int(contact.mood**0.9 * 5.15))


class Voices:
    """The written comments, dealt out by language and tone; no comment is dealt twice before all were."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.stock: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
        for row in labelled.every():
            for about_waiting in {False, not row.topics.isdisjoint(WAITING)}:
                self.stock[row.language, row.polarity, about_waiting].append(row.text)
        self.decks: dict[tuple[str, str, bool], list[str]] = {}

    def text(self, *, language: str, mood: float, has_waited: bool = False) -> str:
        """What a customer of this language and mood writes."""
        tone = "positive" if mood > 0.66 else "negative" if mood < 0.42 else "neutral"
        if self.dice.random() < 0.1:
            tone = "neutral"
        key = (language, tone, has_waited and tone != "positive" and self.dice.random() < SAID_OF_WAITING)
        if not self.decks.get(key):
            self.decks[key] = self.dice.sample(self.stock[key], len(self.stock[key]))
        return self.decks[key].pop()


def reviews(*, now: dt.datetime, dice: random.Random, voices: Voices, count: int = 140) -> Iterator[dict[str, object]]:
    """Public reviews: text, stars, site and time."""
    for number in range(count):
        mood = dice.betavariate(1.3, 1.0)
        said = now - dt.timedelta(days=dice.uniform(0.1, DAYS))
        language = "ru" if dice.random() < 0.75 else "en"
        yield {
            "external_key": f"demo-{number}",
            "origin": dice.choice(["maps.example", "market.example"]),
            "text": voices.text(language=language, mood=mood),
            "stars": 1 + min(4, int(mood * 5)),
            "said_at": said,
        }
