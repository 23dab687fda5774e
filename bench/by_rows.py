"""Row 5: the dashboard's first screen by its counts, against the most direct SQL for the same numbers, by turns.

A year and the one before it. Every count of the two has to be equal, percentiles within the width of a bucket.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from analytics.display import FULL_FROM
from bench import costs

WITHIN = 0.0101

# `now` tells the two periods apart.
STATEMENTS = {
    "scores": """
        SELECT answered_at >= %(now)s, scale, team_id, channel, score, count(*) FROM feedback_response
        WHERE answered_at >= %(start)s AND answered_at < %(end)s AND score IS NOT NULL
            AND evidence IN ('confirmed', 'presumed') AND NOT is_excluded
        GROUP BY 1, 2, 3, 4, 5""",
    "classes": """
        SELECT said_at >= %(now)s, derived_class, count(*) FROM feedback_comment
        WHERE said_at >= %(start)s AND said_at < %(end)s AND is_counted GROUP BY 1, 2""",
    "topics": """
        SELECT said_at >= %(now)s, topic_id, derived_class, count(*) FROM feedback_comment
        JOIN feedback_commenttopic ON comment_id = feedback_comment.id
        WHERE said_at >= %(start)s AND said_at < %(end)s AND is_counted GROUP BY 1, 2, 3""",
    "invitations": """
        SELECT sent_at >= %(now)s, count(*), count(CASE WHEN answer_state IN ('confirmed', 'presumed') THEN 1 END)
        FROM surveys_invitation WHERE sent_at >= %(start)s AND sent_at < %(end)s AND NOT is_test GROUP BY 1""",
    "contacts": """
        SELECT created_at >= %(now)s, channel, count(*), count(CASE WHEN is_complaint THEN 1 END),
            count(CASE WHEN is_abandoned THEN 1 END), count(reopened_at) FROM surveys_interaction
        WHERE created_at >= %(start)s AND created_at < %(end)s AND direction = 'inbound' GROUP BY 1, 2""",
    "responses": """
        SELECT channel, n, seconds, place FROM (
            SELECT channel, response_working_seconds AS seconds, count(*) OVER (PARTITION BY channel) AS n,
                row_number() OVER (PARTITION BY channel ORDER BY response_working_seconds) AS place
            FROM surveys_interaction WHERE created_at >= %(now)s AND created_at < %(end)s
                AND response_working_seconds IS NOT NULL AND direction = 'inbound') AS found
        WHERE place IN ((n + 1) / 2, (9 * n + 9) / 10)""",
}


def measure(days: int, turns: int) -> dict[str, Any]:
    """Milliseconds each way, the middle of all turns, and what the two tell differently; inside Django."""
    from django.core.cache import cache
    from django.utils import timezone

    from analytics.periods import Period
    from analytics.reports import Filters
    from ground.access import EVERYTHING

    last = timezone.now().date() - dt.timedelta(days=1)
    period = Period(last - dt.timedelta(days=days - 1), last)
    filters = Filters(scope=EVERYTHING, period=period, before=period.compared("previous"))
    server, told = costs.server(), {}

    def way(name: str, ask: Any) -> float:
        def keep() -> None:
            told[name] = ask(filters)

        cache.clear()
        return costs.of(keep, server=server)

    ways = {"counts": lambda _turn: way("counts", _by_counts), "rows": lambda _turn: way("rows", _by_rows)}
    spent = costs.by_turns(ways, turns)
    middle = {name: 1000 * costs.rank(times, 0.5) for name, times in spent.items()}
    return middle | {"faults": list(_faults(told["counts"], told["rows"]))}


def _by_counts(filters: Any) -> dict[str, Any]:
    from django.utils import timezone

    from analytics import funnel, reports
    from analytics.service import service
    from analytics.unanswered import unanswered

    as_of = timezone.now()
    classes = reports.classes(filters, as_of=as_of)
    return {
        "scores": reports.scores(filters, as_of=as_of), "classes": classes,
        "topics": reports.topics(filters, among=classes, as_of=as_of), "funnel": funnel.reach(filters, as_of=as_of),
        "service": service(filters, unanswered(filters, as_of=as_of), as_of=as_of),
    }  # fmt: skip


def _by_rows(filters: Any) -> dict[str, list[Any]]:
    from django.db import connection

    (now, end), (start, _now) = (days.moments(filters.zone) for days in (filters.period, filters.before))
    ends = {"start": start, "now": now, "end": end}
    ends = {name: str(moment.astimezone(dt.UTC).replace(tzinfo=None)) for name, moment in ends.items()}
    if connection.vendor == "postgresql":
        ends = {name: f"{moment}+00" for name, moment in ends.items()}
    told = {}
    with connection.cursor() as cursor:
        for name, statement in STATEMENTS.items():
            cursor.execute(statement, ends)
            told[name] = cursor.fetchall()
    return told


def _faults(counted: dict[str, Any], rows: dict[str, list[Any]]) -> Iterator[str]:
    """What the two ways tell differently."""
    for what, told, true in (*_pairs(counted, rows), *_service_pairs(counted["service"], rows["contacts"])):
        if told != true:
            yield f"{what}: {told} and {true}"
    exact: dict[tuple[str, str], float] = {}
    answered = {}
    for channel, n, seconds, place in rows["responses"]:
        exact[channel, "half" if place <= (n + 1) // 2 else "nine"] = seconds
        answered[channel] = n
    for served in counted["service"].channels:
        response, channel = served.response, served.channel
        if response.n != answered.get(channel, 0):
            yield f"{channel}: {response.n} and {answered.get(channel, 0)} responses"
        for name in ("half", "nine"):
            told, true = getattr(response, name).value, exact.get((channel, name))
            if told is None or true is None:
                # Few say nothing of nine in ten, nor do many who wait yet.
                is_wrong = told is not None or (response.n >= FULL_FROM and not response.open)
            else:
                # Whoever waits yet makes a time longer than those of the responses alone, never shorter.
                slack = WITHIN * true + 0.5
                is_wrong = told < true - slack or (told > true + slack and not response.open)
            if is_wrong:
                yield f"{channel} {name}: {told} and {true}"


def _pairs(counted: dict[str, Any], rows: dict[str, list[Any]]) -> Iterator[tuple[str, Any, Any]]:
    """What is told, by its counts and by its rows."""
    scores = counted["scores"]
    for card in scores.cards:
        of_scale = [row for row in rows["scores"] if row[1] == card.scale]
        yield card.scale, card.metric.n, sum(row[5] for row in of_scale if row[0])
        yield f"{card.scale} before", card.n_before, sum(row[5] for row in of_scale if not row[0])
        for low, high, n in card.parts:
            yield f"{card.scale} {low}", n, sum(row[5] for row in of_scale if row[0] and low <= row[4] <= high)
    for name, place, segments in (("team", 2, scores.teams), ("channel", 3, scores.channels)):
        told = _sums((row[place], row[5]) for row in rows["scores"] if row[0] and row[1] == scores.scale)
        yield name, {segment.key: segment.metric.n for segment in segments}, told if len(told) > 1 else {}
    classes = counted["classes"]
    yield "comments", classes.total, sum(row[2] for row in rows["classes"] if row[0])
    yield "comments before", classes.total_before, sum(row[2] for row in rows["classes"] if not row[0])
    yield "unsure", classes.unsure, sum(row[2] for row in rows["classes"] if row[0] and row[1] == "unsure")
    told = _sums((row[1:3], row[3]) for row in rows["topics"] if row[0])
    topics = {(row.topic.pk, name): n for row in counted["topics"] for name, n in row.classes.items()}
    yield "topics", topics, told
    sent = next((row[1:] for row in rows["invitations"] if row[0]), (0, 0))
    yield "invitations", tuple(counted["funnel"].facts.get(fact, 0) for fact in ("sent", "answered")), sent


def _service_pairs(service: Any, contacts: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    now = [row for row in contacts if row[0]]
    yield "contacts", {one.channel: one.contacts for one in service.channels}, _sums((row[1], row[2]) for row in now)
    yield "contacts before", service.contacts_before, sum(row[2] for row in contacts if not row[0])
    for place, fact in enumerate(("complaints", "abandoned", "reopened"), start=3):
        yield fact, service.facts.get(fact, 0), sum(row[place] for row in now)


def _sums(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    found: Counter[Any] = Counter()
    for key, n in pairs:
        found[key] += n
    return dict(found)
