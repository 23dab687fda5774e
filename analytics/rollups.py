"""Counts by day, kept equal to the rows they count: days that changed are counted anew, nothing is ever added up.

A `Change` mark names a day whose rows changed. One transaction reads the marks of one day, counts its rows, replaces
its counts and deletes exactly the marks it read, so a mark written meanwhile waits for the next recount.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Exists, F, Min, Q, QuerySet
from django.utils import timezone

from analytics import (
    asked_counts,
    asked_slices,
    contact_counts,
    cuts,
    ended_scores,
    month_sums,
    repeat_pairs,
    resolved,
    return_counts,
    scored_topics,
    served_counts,
    slice_counts,
    stored,
)
from analytics.levels import Levels
from analytics.models import (
    AgentAnswerDay,
    AgentAskedDay,
    AgentEndedDay,
    AgentScoreDay,
    AnswerDay,
    AskedDay,
    AskedSliceDay,
    CommentDay,
    CommentSliceDay,
    DecisionDay,
    EndedScoreDay,
    RepeatDay,
    RollupClock,
    ScoreDay,
    ScoredTopicsDay,
    ScoreSliceDay,
    ServedDay,
    TellingSource,
    TextDay,
    TopicDay,
)
from analytics.models.counted import Counted
from analytics.periods import Period, local_day
from analytics.results import counts as results
from analytics.scopes import COMMENT_KEY, LED_BY, OF_AGENT, SCOPES, SCORE_KEY, TABLES, TOPIC_KEY
from feedback.models import Comment, Response
from ground import aside
from ground.models import Change, Organisation
from surveys.models import Decision, Interaction

MARKS_AT_ONCE = 500
# Bounds the statement that deletes the marks of one day; the rest of a larger heap waits for the next recount.
MARKS_OF_A_DAY = 5000
WHAT = "counts"

Counts = Counter[tuple[Any, ...]]


@dataclass(frozen=True)
class Difference:
    """A count that is not what a recount of the rows gives; `key` is named by the table's key columns."""

    table: str
    day: dt.date
    key: dict[str, Any]
    stored: int
    counted: int


@dataclass(frozen=True)
class Verification:
    """How many days were compared, how many were passed over because a change waits, and what differed."""

    days: int
    waiting: int
    differences: tuple[Difference, ...]


def has_work(*, passing_over: bool = False) -> bool:
    """True while a change waits, or while the counts are cut by another time zone than the organisation's."""
    return _marks(passing_over=passing_over).exists() or _clock_zone() != _zone_name()


def roll_up(*, limit: int = MARKS_AT_ONCE, passing_over: bool = False) -> int:
    """Recount the days named by the next `limit` marks; returns how many (scope, day) buckets were recounted.

    Safe to call twice at once. Each day is one short transaction. With `passing_over`, a day that cannot be counted
    stands in the way of no other: its marks stay, and so does the moment up to which the counts hold.
    """
    began = timezone.now()
    _follow_zone()
    marks = list(_marks(passing_over=passing_over).order_by("pk").values_list("scope", "day")[:limit])
    buckets = sorted(set(marks))
    for scope, day in buckets:
        if passing_over:
            aside.tried(WHAT, f"{scope}/{day}", _recount, scope, day)
        else:
            _recount(scope, day)
    if len(marks) < limit and not (passing_over and aside.resting(WHAT)):
        with _alone() as clock:
            clock.as_of = began
            clock.save(update_fields=["as_of"])
    return len(buckets)


def as_of() -> dt.datetime | None:
    """The moment up to which the counts hold: this one unless a change waits; None before the first roll-up."""
    clock = RollupClock.objects.annotate(waits=Exists(_marks())).first()
    if clock is None or clock.as_of is None:
        return None
    return clock.as_of if clock.waits or clock.timezone != _zone_name() else timezone.now()


def mark_contacts(since: dt.date) -> None:
    """Mark the days of contacts that began on this one or later, and those of answers, whose contacts may be any.

    A day of which nothing is counted yet has its mark already: the counts tell which days there are, not the rows.
    """
    Change.mark("interaction", *(day for day in _days_counted("interaction") if day >= since))
    mark_answers()


def mark_segments() -> None:
    """Mark every day of contacts and of answers: by other attributes of customers they are told apart."""
    for scope in ("interaction", "returns"):
        Change.mark(scope, *_days_counted(scope))
    mark_answers()


def mark_answers() -> None:
    """Mark every day of answers and of who was asked: what they are divided by has changed."""
    for scope in ("response", "invitation"):
        Change.mark(scope, *_days_counted(scope))


def mark_everything() -> int:
    """Mark every day that has rows or counts, in the organisation's zone; returns how many marks were written."""
    marks = [Change(scope=scope, day=day) for scope in SCOPES for day in sorted(days_of(scope))]
    with _alone() as clock:
        Change.objects.bulk_create(marks, batch_size=1000)
        clock.timezone = _zone_name()
        clock.save(update_fields=["timezone"])
    return len(marks)


def rebuild() -> Iterator[int]:
    """Recount everything; yields how many marks are left after each bunch. A stopped rebuild goes on by itself."""
    mark_everything()
    while left := _marks().count():
        yield left
        roll_up()
    month_sums.sum_all()


def verify() -> Verification:
    """Compare days with a recount of their rows, unless a change waits, and sums of months with their days."""
    _follow_zone()
    compared = [differences(scope, day) for scope, day in buckets()]
    found = [each for each in compared if each is not None]
    months = [of_month(scope, month) for scope, month in month_sums.holding()]
    return Verification(
        days=len(found),
        waiting=len(compared) - len(found),
        differences=tuple(difference for each in (*found, *months) for difference in each),
    )


def buckets() -> list[tuple[str, dt.date]]:
    """Every scope and day with rows or counts."""
    return [(scope, day) for scope in SCOPES for day in sorted(days_of(scope))]


def of_month(scope: str, month: dt.date) -> list[Difference]:
    """What of a month's sums is not the sum of its days."""
    return [Difference(*told) for told in month_sums.differences(scope, month)]


def differences(scope: str, day: dt.date) -> list[Difference] | None:
    """What of the stored counts of a day is not what its rows give; None while a change of it waits."""
    with _alone():
        found = [
            (table, key, stored.read(table, day, key), cuts.with_cuts(table, key, counts))
            for each in _led(scope)
            for table, counts in _counted(each, day).items()
            for key in [TABLES[each][table]]
        ]
        # Asked last: a writer that slipped in between has left its mark by the time its rows are seen.
        if _clock_zone() != _zone_name() or _marks().filter(scope__in=_led(scope), day=day).exists():
            return None
    return [
        Difference(
            table=table.__name__,
            day=day,
            key=dict(zip(("cut", *columns), key, strict=True)),
            stored=kept[key],
            counted=counts[key],
        )
        for table, columns, kept, counts in found
        for key in kept.keys() | counts.keys()
        if kept[key] != counts[key]
    ]


def _led(scope: str) -> list[str]:
    """The scope, and those that it leads."""
    return [scope, *(led for led, leader in LED_BY.items() if leader == scope)]


def days_of(scope: str) -> set[dt.date]:
    """The reporting days on which this scope has rows or counts."""
    return {*_days_of_rows(scope)}.union(*(_days_counted(each) for each in _led(scope)))


def _days_of_rows(scope: str) -> Iterator[dt.date]:
    """From one day with rows to the next along the index of its moments: of millions of rows few are looked at."""
    rows, moment = _rows(scope)
    moments, zone = rows.order_by(moment).values_list(moment, flat=True), Organisation.current().timezone
    found = moments.first()
    while found is not None:
        day = local_day(found, zone)
        yield day
        after = Period(day, day).moments(zone)[1]
        # The calendar's last day has none after it.
        found = moments.filter(**{f"{moment}__gte": after}).first() if after > found else None


def _days_counted(scope: str) -> set[dt.date]:
    tables = (table._default_manager.values_list(table.COUNTED_BY, flat=True).distinct() for table in TABLES[scope])
    return set().union(*tables)


def _recount(scope: str, day: dt.date) -> None:
    with _alone():
        ids = list(_marks().filter(scope=scope, day=day).order_by("pk").values_list("pk", flat=True)[:MARKS_OF_A_DAY])
        if not ids:
            return
        if scope == "interaction":
            _note_telling(day)
        for each in _led(scope):
            for table, counts in _counted(each, day).items():
                stored.write(table, day, TABLES[each][table], counts)
        month_sums.let_go(scope, day)
        Change.objects.filter(pk__in=ids).delete()


def _note_telling(day: dt.date) -> None:
    """The first response that a source tells of a team judges those of its contacts that got none, of all days."""
    where = ("source", "channel", "team")
    told = set(_of_day("interaction", day).filter(contact_counts.RESPONDED_TO).values_list(*where).distinct())
    new = told - set(TellingSource.objects.values_list(*where)) if told else set()
    if new:
        TellingSource.objects.bulk_create(
            TellingSource(source=source, channel=channel, team_id=team) for source, channel, team in new
        )
        mark_contacts(min(_first_day_of(*each) for each in new))


def _first_day_of(source: str, channel: str, team: int | None) -> dt.date:
    rows = _rows("interaction")[0].filter(source=source, channel=channel, team=team)
    return local_day(rows.aggregate(first=Min("created_at"))["first"], Organisation.current().timezone)


def _of_day(scope: str, day: dt.date) -> QuerySet[Any]:
    first, after = Period(day, day).moments(Organisation.current().timezone)
    rows, moment = _rows(scope)
    return rows.order_by().filter(**{f"{moment}__gte": first, f"{moment}__lt": after})


def _counted(scope: str, day: dt.date) -> dict[type[Counted], Counts]:
    """What the rows of this day give, by table."""
    zone, rows = Organisation.current().timezone, _of_day(scope, day)
    if scope == "interaction":
        return contact_counts.counts_of(rows, zone=zone, levels=Levels(zone))
    if scope == "returns":
        return return_counts.counts_of(rows, since=Period(day, day).moments(zone)[0], zone=zone)
    if scope == "decision":
        return {DecisionDay: asked_counts.decisions_of(rows)}
    if scope == "invitation":
        return {
            AskedDay: asked_counts.counts_of(rows), AskedSliceDay: asked_slices.counts_of(rows),
            AgentAskedDay: asked_counts.by_agent(rows),
        }  # fmt: skip
    if scope == "response":
        return _of_answers(rows, Levels(zone), zone)
    if scope == "repeats":
        return {RepeatDay: repeat_pairs.counts_of(rows, until=Period(day, day).moments(zone)[1], zone=zone)}
    return _of_comments(rows)


def _of_answers(rows: QuerySet[Response], levels: Levels, zone: ZoneInfo) -> dict[type[Counted], Counts]:
    counted = rows.filter(evidence__in=Response.COUNTED, is_excluded=False)
    scored, said = counted.filter(score__isnull=False), resolved.said(counted)
    # What was promised to stay anonymous is told of no single person's customers.
    of_agents, as_score = Q(agent__isnull=False, survey__is_anonymous=False), resolved.as_score
    return {
        ScoreDay: _group(scored, SCORE_KEY) + _group(said, as_score(SCORE_KEY)),
        EndedScoreDay: ended_scores.counts_of(scored, zone=zone)
        + ended_scores.counts_of(said, as_score(ended_scores.COLUMNS), zone=zone),
        ScoreSliceDay: slice_counts.scores_of(scored) + slice_counts.scores_of(said, as_score(slice_counts.SCORE_KEY)),
        ServedDay: served_counts.counts_of(scored, levels=levels)
        + served_counts.counts_of(said, as_score(served_counts.WHERE), levels=levels),
        AgentScoreDay: _group(scored.filter(of_agents), OF_AGENT) + _group(said.filter(of_agents), as_score(OF_AGENT)),
        AgentEndedDay: ended_scores.counts_of(scored.filter(of_agents), OF_AGENT, zone=zone)
        + ended_scores.counts_of(said.filter(of_agents), as_score(OF_AGENT), zone=zone),
        AgentAnswerDay: results.by_agent(counted.filter(of_agents)),
        AnswerDay: results.counts_of(counted),
    }


def _of_comments(rows: QuerySet[Comment]) -> dict[type[Counted], Counts]:
    said = rows.filter(is_counted=True)
    about = said.annotate(topic=F("topics__topic")).filter(topic__isnull=False)
    scored, answered = said.filter(response__score__isnull=False), resolved.said(said, "response__")
    return {
        CommentDay: _group(said, COMMENT_KEY),
        CommentSliceDay: slice_counts.comments_of(said),
        TopicDay: _group(about, TOPIC_KEY),
        ScoredTopicsDay: scored_topics.counts_of(scored)
        + scored_topics.counts_of(answered, resolved.as_score(scored_topics.WHERE)),
        TextDay: results.texts_of(said),
    }


def _rows(scope: str) -> tuple[QuerySet[Any], str]:
    """The rows that a scope counts, and the column that says on which day."""
    if scope in ("response", "repeats"):
        return Response.objects.all(), "answered_at"
    if scope in ("interaction", "returns"):
        return Interaction.objects.filter(contact_counts.CONTACTS), "created_at"
    if scope == "decision":
        return Decision.objects.all(), "decided_at"
    if scope == "invitation":
        return asked_counts.invited(), "sent_at"
    return Comment.objects.all(), "said_at"


def _group(rows: QuerySet[Any], key: tuple[Any, ...]) -> Counts:
    return Counter({tuple(values): count for *values, count in rows.values_list(*key).annotate(rows=Count("pk"))})


def _marks(*, passing_over: bool = False) -> QuerySet[Change]:
    """What waits to be counted; with `passing_over` but for the days that could not be a moment ago."""
    marks = Change.objects.filter(scope__in=list(TABLES))
    for key in aside.resting(WHAT) if passing_over else ():
        scope, _slash, day = key.partition("/")
        marks = marks.exclude(scope=scope, day=day)
    return marks


def _follow_zone() -> None:
    """Another zone cuts every day anew."""
    if _clock_zone() != _zone_name():
        mark_everything()


def _zone_name() -> str:
    return str(Organisation.current().timezone)


def _clock_zone() -> str | None:
    return RollupClock.objects.values_list("timezone", flat=True).first()


@contextmanager
def _alone() -> Iterator[RollupClock]:
    """A transaction in which no other roll-up writes: PostgreSQL locks the clock's row, SQLite has one writer."""
    RollupClock.objects.get_or_create(pk=1)
    with transaction.atomic():
        yield RollupClock.objects.select_for_update().get(pk=1)
