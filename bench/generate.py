"""Two years of a company's answers, written past the ORM: `python -m bench.generate --answers 1000000`.

Seasons, weekdays and hours, channels that answer at their own pace, agents who differ, scores that fall with waiting,
invitations that nobody answers, and, when asked for, what customers wrote. It fills the configured, empty database.
"""

import argparse
import datetime as dt
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

DAYS, TEAMS, AGENTS = 730, 20, 400
BUNCH, COUNTED = 100_000, 50
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Of ten contacts so many come through a channel; the seconds that half of them wait for a response, and how they score.
CHANNELS = {"phone": (4, 60, 0.1), "chat": (3, 90, 0.2), "email": (2, 7200, -0.1), "messenger": (1, 600, 0.0)}
QUEUED = ("phone", "chat")
REASONS = ("delivery", "refund", "payment", "account", "order")
# Monday first; January first; midnight first.
WEEK = (1.25, 1.15, 1.1, 1.05, 1.0, 0.55, 0.4)
YEAR = (0.85, 0.95, 1.0, 1.0, 0.95, 0.9, 0.85, 0.9, 1.0, 1.05, 1.2, 1.35)
CLOCK = (1, 1, 1, 1, 1, 2, 4, 8, 14, 22, 26, 25, 22, 21, 20, 19, 18, 16, 13, 11, 9, 6, 4, 2)
# One in so many customers leaves a text, when texts are asked for.
WRITES, PROMISED = 3, 4 * 3600

Columns = Mapping[str, Any]


def make(answers: int, *, asked: float = 2.0, texts: bool = False, seed: int = 7) -> None:
    """So many answers to `asked` times as many invitations, and every count of them left to be made."""
    from django.db import connection

    from bench.library import without_indexes

    draw = np.random.default_rng(seed)
    cast = _cast(draw, customers=max(1000, answers // 8), texts=texts)
    began = _moments(draw, int(answers * asked))
    connection.disable_constraint_checking()
    with connection.cursor() as cursor, without_indexes(cursor, "feedback", "surveys"):
        for first in range(0, len(began), BUNCH):
            some = began[first : first + BUNCH]
            wanted = answers * (first + len(some)) // len(began) - answers * first // len(began)
            _write(draw, cast, some, first=first + 1, answered=wanted)
    connection.enable_constraint_checking()
    _set_sequences()


def _cast(draw: np.random.Generator, *, customers: int, texts: bool) -> dict[str, Any]:
    from analytics.models import ServiceLevel
    from bench import library
    from feedback.models import Topic
    from ground.models import Membership, Organisation, Role, Team, User
    from surveys.models import Agent
    from surveys.starters import CES, CSAT, NPS, start_survey

    Organisation.objects.get_or_create(defaults={"name": "Bench"})
    teams = Team.objects.bulk_create([Team(code=f"t{n}", name=f"Team {n:02}") for n in range(TEAMS)])
    agents = Agent.objects.bulk_create(
        [Agent(external_id=f"a{n}", name=f"Agent {n:03}", team=teams[n % TEAMS]) for n in range(AGENTS)]
    )
    everybody = (("administrator", Role.ADMINISTRATOR, None), ("whole", Role.MANAGER, None),
                 ("team", Role.MANAGER, teams[3]))  # fmt: skip
    for name, role, team in everybody:
        user = User.objects.create(email=f"{name}@example.org", name=name.title(), language="en")
        Membership.objects.create(user=user, team=team, role=role)
    ServiceLevel.objects.create(minutes=PROMISED // 60, is_working_time=False, since=dt.date(2000, 1, 1))
    keys = np.arange(1, customers + 1)
    insert("surveys.Customer", customers, {
        "id": keys, "external_id": [f"c{n}" for n in keys.tolist()], "name": [f"Customer {n}" for n in keys.tolist()],
        "email": "", "phone": "", "language": "ru", "timezone": "", "attributes": "{}", "is_staff": False,
        "no_consent": False, "is_vip": False, "contract_start": None, "contract_end": None, "value": None,
        "created_at": _text([LONG_AGO])[0],
    })  # fmt: skip
    kinds = ((CSAT, "csat", "csat_5", 1, 5), (NPS, "nps", "nps", 0, 10), (CES, "ces", "ces_7", 1, 7))
    return {
        "teams": np.array([team.pk for team in teams]), "agents": np.array([agent.pk for agent in agents]),
        "skill": draw.normal(0, 0.3, AGENTS), "customers": customers,
        "topics": list(Topic.objects.values_list("pk", flat=True)[:12]),
        "surveys": [(survey := start_survey(kind, code=code, name=code.upper()), survey.versions.get().pk,
                     survey.versions.get().questions.get(code="score").pk, *rest) for kind, code, *rest in kinds],
        "texts": library.texts() if texts else [],
    }  # fmt: skip


def _moments(draw: np.random.Generator, contacts: int) -> np.ndarray:
    """When contacts began, the oldest first, as seconds since 1970."""
    last = int(time.time()) // 86400
    days = np.arange(last - DAYS, last)
    dates = [(LONG_AGO + dt.timedelta(days=int(day))).date() for day in days]
    busy = [WEEK[day.weekday()] * YEAR[day.month - 1] * (1 + 0.3 * n / DAYS) for n, day in enumerate(dates)]
    hours = np.array(CLOCK) / sum(CLOCK)
    chosen = draw.choice(days, contacts, p=np.array(busy) / sum(busy))
    return np.sort(chosen * 86400 + draw.choice(24, contacts, p=hours) * 3600 + draw.integers(0, 3600, contacts))


def _write(draw: np.random.Generator, cast: dict[str, Any], began: np.ndarray, *, first: int, answered: int) -> None:
    from django.db import transaction

    contacts = _contacts(draw, cast, began, first=first)
    survey = draw.choice(len(cast["surveys"]), len(began), p=[0.6, 0.25, 0.15])
    replies = np.sort(draw.permutation(len(began))[:answered])
    with transaction.atomic():
        insert("surveys.Interaction", len(began), contacts["columns"])
        _ask(draw, cast, contacts, survey, replies)
        scored = _answer(draw, cast, contacts, survey, replies)
        if cast["texts"]:
            _comment(draw, cast, contacts, scored)


def _contacts(draw: np.random.Generator, cast: dict[str, Any], began: np.ndarray, *, first: int) -> dict[str, Any]:
    n = len(began)
    names = np.array(list(CHANNELS))
    shares, halves, moods = (np.array(column, float) for column in zip(*CHANNELS.values(), strict=True))
    channel = draw.choice(len(names), n, p=shares / shares.sum())
    place = draw.integers(0, AGENTS, n)
    waited = (halves[channel] * np.exp(draw.normal(0, 0.9, n))).astype(int) + 1
    solving = waited + (3600 * np.exp(draw.normal(1.5, 1.2, n))).astype(int)
    is_queued = np.isin(names[channel], QUEUED)
    gone = is_queued & (draw.random(n) < 0.04)
    team = cast["teams"][place % TEAMS]
    keys = np.arange(first, first + n)
    answered = began + waited
    solved = (draw.random(n) < 0.93) & ~gone
    columns = {
        "id": keys, "source": "bench", "external_id": [f"x{key}" for key in keys.tolist()],
        "updated_at": moments(began), "received_at": moments(began),
        "customer_id": 1 + (draw.random(n) ** 1.5 * cast["customers"]).astype(int),
        "team_id": team, "agent_id": cast["agents"][place], "channel": names[channel], "direction": "inbound",
        "reason": np.array(REASONS)[draw.choice(len(REASONS), n, p=[0.35, 0.2, 0.15, 0.15, 0.15])], "tags": "[]",
        "priority": "", "created_at": moments(began), "enqueued_at": moments(began, is_queued),
        "answered_at": moments(answered, is_queued & ~gone), "first_response_at": moments(answered, ~gone),
        "resolved_at": moments(began + solving, solved), "closed_at": moments(began + solving),
        "reopened_at": moments(began + solving, draw.random(n) < 0.04), "replies": draw.integers(1, 6, n),
        "transfers": (draw.random(n) < 0.1).astype(int), "handle_seconds": draw.integers(60, 900, n),
        "is_abandoned": gone, "is_resolved": solved, "is_complaint": draw.random(n) < 0.03, "attributes": "{}",
        "closings": 1, "calendar_id": None, "response_working_seconds": some(waited, ~gone),
        "resolution_working_seconds": some(solving, solved),
    }  # fmt: skip
    mood = moods[channel] + cast["skill"][place] - 0.25 * np.log(waited / halves[channel])
    return {"columns": columns, "keys": keys, "began": began, "ended": began + solving, "mood": mood}


def _ask(draw: np.random.Generator, cast: dict[str, Any], contacts: dict[str, Any], survey: np.ndarray,
         replies: np.ndarray) -> None:  # fmt: skip
    n, keys, columns = len(survey), contacts["keys"], contacts["columns"]
    is_answered = np.zeros(n, bool)
    is_answered[replies] = True
    sent = contacts["ended"] + 3600
    contacts["answered"] = sent + draw.exponential(6 * 3600, n).astype(int) + 60
    numbers = keys.tolist()
    insert("surveys.Invitation", n, {
        "id": keys, "leased_until": None, "lease": "", "attempts": 0, "quarantined_at": None, "error": "",
        "public_id": [f"{key:032x}" for key in numbers], "epoch": 0, "token_hash": [f"{key:064x}" for key in numbers],
        "unsubscribe_hash": [f"{key:064x}" for key in numbers],
        "survey_id": np.array([each[0].pk for each in cast["surveys"]])[survey],
        "version_id": np.array([each[1] for each in cast["surveys"]])[survey], "interaction_id": keys, "closing": 1,
        "rule_id": None, "customer_id": columns["customer_id"], "team_id": columns["team_id"],
        "agent_id": columns["agent_id"], "channel": columns["channel"], "reason": columns["reason"], "language": "ru",
        "state": "sent", "answer_state": np.where(is_answered, "confirmed", "none"), "created_at": moments(sent),
        "due_at": moments(sent), "sent_at": moments(sent), "expires_at": moments(sent + 30 * 86400),
        "answered_at": moments(contacts["answered"], is_answered), "sent_through": "email", "cell": "", "weight": 1,
        "reminders_sent": 0, "next_reminder_at": None, "thanks_due_at": None, "is_test": False, "link_id": None,
        "is_matched": True,
    })  # fmt: skip


def _answer(draw: np.random.Generator, cast: dict[str, Any], contacts: dict[str, Any], survey: np.ndarray,
            replies: np.ndarray) -> dict[str, Any]:  # fmt: skip
    n, columns = len(replies), contacts["columns"]
    which = survey[replies]
    low, high = (np.array([each[place] for each in cast["surveys"]])[which] for place in (4, 5))
    # Most are content; whoever is not spreads over the rest of the scale.
    luck = contacts["mood"][replies] + draw.logistic(1.4, 0.8, n)
    score = np.clip(np.rint(high - (high - low) * np.clip(1.2 - luck, 0, 3) / 3), low, high).astype(int)
    keys = contacts["keys"][replies]
    at = contacts["answered"][replies]
    shared = {
        name: pick(columns[name], replies) for name in ("customer_id", "team_id", "agent_id", "channel", "reason")
    }
    shared["survey_id"] = np.array([each[0].pk for each in cast["surveys"]])[which]
    evidence = np.where(draw.random(n) < 0.88, "confirmed", "presumed")
    insert("feedback.Response", n, shared | {
        "id": keys, "invitation_id": keys, "version_id": np.array([each[1] for each in cast["surveys"]])[which],
        "language": "ru", "scale": np.array([each[3] for each in cast["surveys"]])[which], "score": score,
        "evidence": evidence, "held_for": "", "review": "", "reviewed_at": None, "reviewed_by_id": None,
        "link_id": None, "device": "", "wants_contact": False, "contact_noticed_at": None, "is_excluded": False,
        "answered_at": moments(at), "changed_at": moments(at), "edit_key_hash": "",
    })  # fmt: skip
    insert("feedback.Answer", n, {
        "id": keys, "response_id": keys, "question_id": np.array([each[2] for each in cast["surveys"]])[which],
        "item": "", "value": score,
    })  # fmt: skip
    bands = bands_of([(scale, low, high) for *_survey, scale, low, high in cast["surveys"]])
    return {"shared": shared, "keys": keys, "at": at, "score": score, "share": (score - low) / (high - low),
            "band": bands[which, score], "evidence": evidence}  # fmt: skip


def bands_of(scales: Sequence[tuple[str, int, int]]) -> np.ndarray:
    """The band that the product knows of each score of these scales, by the place of the scale and the score."""
    from surveys.questions import SCALES

    highest = max(high for _scale, _low, high in scales)
    return np.array([
        [SCALES[scale].band(score) if low <= score <= high else "" for score in range(highest + 1)]
        for scale, low, high in scales
    ])  # fmt: skip


def _comment(draw: np.random.Generator, cast: dict[str, Any], contacts: dict[str, Any], scored: dict[str, Any]) -> None:
    """What every third of them wrote: the lower the score, the worse the words."""
    chosen = np.flatnonzero(draw.random(len(scored["keys"])) < 1 / WRITES)
    n, keys, share = len(chosen), scored["keys"][chosen], scored["share"][chosen]
    luck = draw.random(n)
    tone = np.where(luck < 0.1, "neutral", np.where(share + draw.normal(0, 0.15, n) > 0.6, "positive", "negative"))
    texts = [cast["texts"][place] for place in draw.integers(0, len(cast["texts"]), n).tolist()]
    at = moments(scored["at"][chosen])
    insert("feedback.Comment", n, {name: pick(column, chosen) for name, column in scored["shared"].items()} | {
        "id": keys, "leased_until": None, "lease": "", "attempts": 0, "quarantined_at": None, "error": "",
        "source": "survey", "origin": "", "external_key": None, "response_id": keys, "question_id": None,
        "interaction_id": None, "text": [text for text, _lemmas in texts], "stars": None, "said_at": at,
        "received_at": at, "is_counted": True, "classified_at": at, "language": "ru", "tone": tone,
        "tone_confidence": 0.9, "polarity": np.where(tone == "positive", 0.7, np.where(tone == "negative", -0.7, 0)),
        "constructive": draw.random(n) < 0.12, "constructive_confidence": 0.9, "is_topicless": False,
        "lemmas": [lemmas for _text, lemmas in texts], "score": scored["score"][chosen],
        "band": scored["band"][chosen],
        "evidence": scored["evidence"][chosen], "wants_contact": False, "waits_for_idea": False,
        "is_sample": draw.random(n) < 0.05, "checked_at": None, "checked_by_id": None, "done_at": at,
        "done_by_id": None,
    })  # fmt: skip
    # The first topics are those that unhappy customers write about.
    topics = np.array(cast["topics"])
    about = np.minimum((draw.beta(1.2, np.where(share < 0.5, 4, 1.5)) * len(topics)).astype(int), len(topics) - 1)
    insert("feedback.CommentTopic", n, {"id": keys, "comment_id": keys, "topic_id": topics[about], "confidence": 0.9})


def moments(seconds: np.ndarray, where: np.ndarray | None = None) -> list[str | None]:
    """Seconds since 1970 as both databases read them; None where it never happened."""
    found = [moment.replace("T", " ") for moment in np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()]
    return found if where is None else some(found, where)


def some(values: Any, where: np.ndarray) -> list[Any]:
    return [value if holds else None for value, holds in zip(_listed(values), where.tolist(), strict=True)]


def pick(column: Any, places: np.ndarray) -> Any:
    return column[places] if isinstance(column, np.ndarray) else [column[place] for place in places.tolist()]


def _text(at: Iterable[dt.datetime]) -> list[str]:
    return [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in at]


def _listed(values: Any) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def insert(label: str, count: int, columns: Columns) -> None:
    """So many rows, by COPY on PostgreSQL; a column that is no list has one value in all of them."""
    from django.apps import apps
    from django.db import connection, transaction

    table = apps.get_model(label)._meta.db_table
    names = ", ".join(f'"{name}"' for name in columns)
    postgres = connection.vendor == "postgresql"
    lists = [
        itertools.repeat(value, count) if isinstance(value, str) or not hasattr(value, "__len__") else _listed(value)
        for value in columns.values()
    ]
    # Outside of a transaction SQLite would write each row to the disk for good.
    with transaction.atomic(), connection.cursor() as cursor:
        if postgres:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                rows = zip(*(map(_as_copied, each) for each in lists), strict=True)
                while lines := list(itertools.islice(map("\t".join, rows), 5000)):
                    copy.write("\n".join(lines) + "\n")
        else:
            marks = ", ".join(["?"] * len(columns))
            cursor.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", zip(*lists, strict=True))


def _as_copied(value: Any) -> str:
    return r"\N" if value is None else str(value)


def _set_sequences() -> None:
    from django.apps import apps
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for label in ("surveys.Customer", "surveys.Interaction", "surveys.Invitation", "feedback.Response",
                      "feedback.Answer", "feedback.Comment", "feedback.CommentTopic"):  # fmt: skip
            table = apps.get_model(label)._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def count(part: int, parts: int) -> None:
    """Count every day, or one in so many of them, as the roll-up does; several processes read side by side."""
    from django.db import transaction

    from analytics import rollups, stored

    buckets = [(scope, day) for scope in rollups.TABLES for day in sorted(rollups.days_of(scope))]
    mine = buckets[part::parts]
    for first in range(0, len(mine), COUNTED):
        found = [(scope, day, rollups._counted(scope, day)) for scope, day in mine[first : first + COUNTED]]
        with transaction.atomic():
            for scope, day, tables in found:
                for model, counts in tables.items():
                    stored.write(model, day, rollups.TABLES[scope][model], counts)


def finish() -> None:
    """Let the counts hold from now on, and look at some of them again."""
    from django.db import connection

    from analytics import month_sums, rollups
    from analytics.models import RollupClock
    from ground.models import Organisation

    RollupClock.objects.update_or_create(defaults={"timezone": str(Organisation.current().timezone)}, pk=1)
    while rollups.has_work():
        rollups.roll_up()
    rollups.roll_up()
    month_sums.note(rollups.buckets())
    month_sums.sum_all()
    for scope in rollups.TABLES:
        for day in sorted(rollups.days_of(scope))[:: DAYS // 4]:
            if wrong := rollups.differences(scope, day):
                raise SystemExit(f"{wrong[0]} was counted wrong")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def fill(environment: dict[str, str], answers: int, *, texts: bool = True) -> None:
    """Write so many answers into an empty database, count them, and say how long both took."""
    from bench.product import ask_once

    started = time.monotonic()
    ask_once(environment, "bench.generate.make", answers, texts=texts)
    written = time.monotonic()
    parts = os.cpu_count() or 1
    patient = environment | {"SQLITE_LOCK_SECONDS": "600"}
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(lambda part: ask_once(patient, "bench.generate.count", part, parts), range(parts)))
    ask_once(environment, "bench.generate.finish")
    told = f"{answers:,} answers written in {written - started:.0f} s, counted in {time.monotonic() - written:.0f} s"
    print(told, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--texts", action="store_true", help="every third customer writes something")
    given = parser.parse_args()
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
    fill(dict(os.environ), given.answers, texts=given.texts)


if __name__ == "__main__":
    main()
