"""A million comments to read: believable shares, written past the ORM, into whichever database is configured."""

import datetime as dt
import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, Model
from django.utils import timezone

from feedback import sampling, search, understanding
from feedback.models import Comment, CommentTag, CommentTopic, Label, ReadMark, Response, Tag, Topic
from ground.models import Membership, Organisation, Role, Team, User
from surveys.models import Agent, Customer
from surveys.models.customers import Channel
from surveys.questions import SCALES
from surveys.starters import CSAT, NPS, start_survey

TABLES: tuple[type[Model], ...] = (Response, Comment, Label, CommentTopic, CommentTag)
# The same span of time with every key.
LATER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', {name}, '+{seconds} seconds')",
    "postgresql": "{name} + interval '{seconds} seconds'",
}
DAYS, TEAMS, AGENTS, CUSTOMERS, TAGS = 730, 20, 400, 50_000, 30
BUNCH = 20_000
FIRST = timezone.now() - dt.timedelta(days=DAYS)
SOURCES = (["survey"] * 16) + ["review", "review", "complaint", "message"]
BEGUN = {
    "ru": ["Оператор", "Курьер", "Менеджер", "Мастер", "Сотрудница", "Поддержка", "Девушка на линии", "Банк"],
    "en": ["The operator", "The courier", "The manager", "Support", "Your colleague", "The bank"],
}
TOLD = {
    "ru": ["всё быстро объяснил", "долго не отвечал", "не перезвонил, хотя обещал", "решил вопрос за пять минут",
           "вежливо помогла с возвратом", "потерял заявку и нагрубил", "заставил ждать сорок минут",
           "прислал не тот размер", "не смог ничего сделать", "очень терпеливо разобралась"],
    "en": ["explained everything quickly", "did not answer for a long time", "never called back",
           "solved it in five minutes", "was polite about the refund", "lost my order and was rude",
           "made me wait forty minutes", "could not help at all"],
}  # fmt: skip
ENDED = {
    "ru": ["Спасибо большое.", "Больше не обращусь.", "Сделайте, пожалуйста, обратный звонок.", "Нормально.",
           "Приложение не открывается.", "Доставка опоздала на три дня.", "Деньги вернули не все.", "Всё отлично!"],
    "en": ["Thank you very much.", "I will not come back.", "Please add a call back button.", "Fine.",
           "The app does not open.", "The delivery was three days late.", "All good!"],
}  # fmt: skip
RARE = {"ru": "Флогистон", "en": "Phlogiston"}
EVIDENCE = ((0.85, "confirmed"), (0.97, "presumed"), (0.98, "held"), (1, "unverified"))
CLASSES = (["positive"] * 40) + (["negative"] * 30) + (["neutral"] * 10) + (["mixed"] * 17) + ([""] * 3)


def make(count: int, *, seed: int = 7) -> None:
    """That many comments with responses, labels and topics, and readers who may see more or less of them.

    One bunch is drawn and then repeated by the database, each time with later keys and moments.
    """
    draw = random.Random(seed)
    cast = _cast(draw)
    bunch = min(BUNCH, count)
    with connection.cursor() as cursor, without_indexes(cursor, "feedback"):
        with transaction.atomic():
            _write(range(1, bunch + 1), bunch / count, draw, cast)
        for turn in range(1, count // bunch):
            _repeat(cursor, bunch=bunch, turn=turn, seconds=DAYS * 86400 * bunch / count * turn)
        _mark_read(cursor, cast["readers"]["diligent"])
    with connection.cursor() as cursor:
        for model in TABLES if connection.vendor == "postgresql" else ():
            table = model._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")


@contextmanager
def without_indexes(cursor: Any, *rooms: str) -> Iterator[None]:
    """Fills the tables of these rooms without their indexes, which are made afterwards at one go."""
    if connection.vendor == "sqlite":
        cursor.execute("PRAGMA cache_size=-400000")
        cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    else:
        cursor.execute("SELECT indexname, indexdef, tablename FROM pg_indexes WHERE indexname "
                       "NOT IN (SELECT conname FROM pg_constraint)")  # fmt: skip
    made = [(name, sql) for name, sql, table in cursor.fetchall() if table.startswith(rooms)]
    for name, _sql in made:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, sql in made:
        cursor.execute(sql)


def _repeat(cursor: Any, *, bunch: int, turn: int, seconds: float) -> None:
    """The first bunch once more, `turn` bunches later by key and so many seconds by the clock."""
    later = bunch * turn
    for model in TABLES:
        columns, values = [], []
        for field in model._meta.concrete_fields:
            if field.generated or (field.primary_key and model not in (Comment, Response)):
                continue
            value = name = f'"{field.column}"'
            if field.name in ("id", "comment", "response"):
                value = f"{name} + {later}"
            elif field.column == "external_key":
                value = f"{name} || '-{turn}'"
            elif isinstance(field, DateTimeField):
                value = LATER[connection.vendor].format(name=name, seconds=seconds)
            columns.append(name)
            values.append(value)
        first = "id" if model in (Comment, Response) else "comment_id"
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} "
                       f"FROM {model._meta.db_table} WHERE {first} <= {bunch}")  # fmt: skip
    if connection.vendor == "sqlite":
        cursor.execute(f"INSERT INTO {search.TABLE} (rowid, lemmas) SELECT rowid + {later}, lemmas "
                       f"FROM {search.TABLE} WHERE rowid <= {bunch}")  # fmt: skip


def _cast(draw: random.Random) -> dict[str, Any]:
    Organisation.objects.get_or_create(defaults={"name": "Bench"})
    teams = Team.objects.bulk_create([Team(code=f"t{n}", name=f"Team {n:02}") for n in range(TEAMS)])
    agents = Agent.objects.bulk_create(
        [Agent(external_id=f"a{n}", name=f"Agent {n:03}", team=teams[n % TEAMS]) for n in range(AGENTS)]
    )
    customers = [Customer(external_id=f"c{n}", name=f"Customer {n}") for n in range(CUSTOMERS)]
    Customer.objects.bulk_create(customers, batch_size=5000)
    people = {}
    for name, role, team in (("whole", Role.MANAGER, None), ("diligent", Role.MANAGER, None),
                             ("team", Role.MANAGER, teams[3]), ("agent", Role.AGENT, teams[3])):  # fmt: skip
        people[name] = User.objects.create(email=f"{name}@example.org", name=name.title(), language="en")
        Membership.objects.create(user=people[name], team=team, role=role)
    three = User.objects.create(email="three@example.org", name="Three", language="en")
    for team in teams[5:8]:
        Membership.objects.create(user=three, team=team, role=Role.MANAGER)
    Agent.objects.filter(pk=agents[3].pk).update(user=people["agent"])
    topics = list(Topic.objects.all()[:12])
    tags = Tag.objects.bulk_create([Tag(name=f"tag {n}") for n in range(TAGS)])
    return {
        "readers": people | {"three": three}, "teams": teams, "agents": agents, "customers": customers,
        "topics": topics, "tags": tags, "texts": {language: _pool(language, draw) for language in BEGUN},
        "surveys": [(survey, survey.versions.get().pk, scale) for survey, scale in
                    ((start_survey(CSAT, code="csat", name="CSAT"), "csat_5"),
                     (start_survey(NPS, code="nps", name="NPS"), "nps"))],
    }  # fmt: skip


def texts() -> list[tuple[str, str]]:
    """Russian and English texts with their lemmas, in no order."""
    draw = random.Random(7)
    return [text for language in BEGUN for text in _pool(language, draw)]


def _pool(language: str, draw: random.Random) -> list[tuple[str, str]]:
    """Texts with their lemmas, as the worker would have written them."""
    texts = [f"{a} {b}. {c}" for a, b, c in itertools.product(BEGUN[language], TOLD[language], ENDED[language])]
    draw.shuffle(texts)
    readings = understanding.read(texts)
    return [(text, search.text(reading.lemmas)) for text, reading in zip(texts, readings, strict=True)]


def _write(numbers: range, share: float, draw: random.Random, cast: dict[str, Any]) -> None:
    responses, comments, labels, topics, tags, words = [], [], [], [], [], []
    for number in numbers:
        row = _row(number, numbers, share, draw, cast)
        if row["response"]:
            responses.append(row["response"])
        comments.append(row["comment"])
        words.append((number, row["comment"]["lemmas"]))
        labels += row["labels"]
        topics += row["topics"]
        tags += row["tags"]
    for model, rows in ((Response, responses), (Comment, comments), (Label, labels), (CommentTopic, topics),
                        (CommentTag, tags)):  # fmt: skip
        insert(model, rows)
    search.remember(dict(words))


def _row(number: int, numbers: range, share: float, draw: random.Random, cast: dict[str, Any]) -> dict[str, Any]:
    """One comment as columns; the bunch spans the first `share` of all days."""
    agent = cast["agents"][int(draw.random() * AGENTS)]
    language = "en" if draw.random() < 0.3 else "ru"
    source = draw.choice(SOURCES)
    at = FIRST + dt.timedelta(days=DAYS) * share * ((number - draw.random()) / len(numbers))
    if source == "review":
        at -= dt.timedelta(days=60 * draw.random())
    survey, version, scale = cast["surveys"][draw.random() < 0.3]
    base = {
        "survey_id": survey.pk, "team_id": agent.team_id, "agent_id": agent.pk,
        "customer_id": cast["customers"][int(draw.random() * CUSTOMERS)].pk,
        "channel": CHANNELS[int(draw.random() ** 2 * 5)], "reason": "",
    }  # fmt: skip
    response = _response(number, at, base, version, scale, draw) if source == "survey" else None
    texts = cast["texts"][language]
    text, lemmas = texts[int(draw.random() * len(texts))]
    if draw.random() < 0.0001:
        text, lemmas = f"{text} {RARE[language]}", f"{lemmas} {RARE[language].lower()}"
    comment = _comment(number, at, base, source, language, response, draw)
    comment |= {"text": text, "lemmas": lemmas}
    has_topic = draw.random() > 0.2
    comment["is_topicless"] = not has_topic
    chosen = draw.sample(cast["topics"], 1 + (draw.random() < 0.3)) if has_topic else []
    return {
        "response": response, "comment": comment, "labels": _labels(number, at, comment, chosen),
        "topics": [{"comment_id": number, "topic_id": topic.pk, "confidence": 0.9} for topic in chosen],
        "tags": [{"comment_id": number, "tag_id": draw.choice(cast["tags"]).pk, "author_id": None, "at": at}]
                if draw.random() < 0.01 else [],
    }  # fmt: skip


CHANNELS = list(Channel.values)[:5]


def _response(number: int, at: dt.datetime, base: dict[str, Any], version: int, scale: str,
              draw: random.Random) -> dict[str, Any]:  # fmt: skip
    known = SCALES[scale]
    luck = draw.random()
    return base | {
        "id": number, "invitation_id": None, "version_id": version, "language": "ru", "scale": scale,
        "score": max(known.low, known.high - int(draw.expovariate(0.6))),
        "evidence": next(evidence for share, evidence in EVIDENCE if luck < share),
        "wants_contact": draw.random() < 0.0125, "contact_noticed_at": at, "is_excluded": False, "answered_at": at,
        "changed_at": at, "edit_key_hash": "",
    }  # fmt: skip


def _comment(number: int, at: dt.datetime, base: dict[str, Any], source: str, language: str,
             response: dict[str, Any] | None, draw: random.Random) -> dict[str, Any]:  # fmt: skip
    asks = draw.random() < 0.12
    is_done = draw.random() < 0.98
    return base | {
        "id": number, "source": source, "origin": "" if response else "site",
        "external_key": None if response else str(number),
        "response_id": number if response else None, "question_id": None, "interaction_id": None,
        "stars": None, "said_at": at, "received_at": at,
        "is_counted": not response or response["evidence"] in ("confirmed", "presumed"),
        "classified_at": at, "language": language,
        "tone": draw.choice(CLASSES), "tone_confidence": 1 - draw.random() ** 2 / 2,
        "polarity": draw.random() - 0.5, "constructive": asks, "constructive_confidence": 0.9,
        "done_at": at if is_done else None, "done_by_id": 1 if is_done else None,
        "leased_until": None, "lease": "", "attempts": 0, "quarantined_at": None, "error": "",
        "score": response["score"] if response else None,
        "band": SCALES[response["scale"]].band(response["score"]) if response else "",
        "evidence": response["evidence"] if response else "",
        "is_sample": sampling.is_drawn(number), "checked_at": at if draw.random() < 0.01 else None,
        "checked_by_id": None,
        "wants_contact": bool(response and response["wants_contact"]),
    }  # fmt: skip


def _labels(number: int, at: dt.datetime, comment: dict[str, Any], topics: Sequence[Topic]) -> list[dict[str, Any]]:
    def label(scheme: str, value: str, topic: Topic | None = None) -> dict[str, Any]:
        return {
            "comment_id": number, "scheme": scheme, "topic_id": topic.pk if topic else None, "value": value,
            "confidence": 0.9, "polarity": None, "source": "model", "version": "bench", "author_id": None,
            "takes_back_id": None, "spans": json.dumps([[0, 9, "tone-"]]), "created_at": at,
        }  # fmt: skip

    return [
        label("language", comment["language"]), label("tone", comment["tone"] or "neutral"),
        label("constructive", "yes" if comment["constructive"] else "no"),
        *(label("topic", "yes", topic) for topic in topics),
    ]  # fmt: skip


def _mark_read(cursor: Any, reader: User) -> None:
    """This reader has left two of a hundred unread."""
    cursor.execute(f"INSERT INTO {ReadMark._meta.db_table} (user_id, comment_id, at) "
                   f"SELECT {reader.pk}, id, said_at FROM {Comment._meta.db_table} WHERE id % 50 <> 0")  # fmt: skip


def insert(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Rows as columns, by COPY on PostgreSQL; a column that they do not name has its default."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    usual = {field.column: field.get_default() for field in model._meta.concrete_fields if field.has_default()} | first
    names = list(usual)
    values = ([row.get(name, usual[name]) for name in names] for row in itertools.chain([first], rows))
    columns = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for line in values:
                    copy.write_row(line)
            return
        marks = ", ".join(["%s"] * len(names))
        adapted = [[_plain(value) for value in line] for line in values]
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", adapted)


def _plain(value: Any) -> Any:
    """SQLite stores moments as text, the way Django writes them."""
    return str(value.astimezone(dt.UTC).replace(tzinfo=None)) if isinstance(value, dt.datetime) else value
