"""The dashboard as tables of a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from analytics import follows, funnel_block, served_slice_block
from analytics.blocks import CardBlock
from analytics.scores import Share
from analytics.service import Served, Service
from analytics.tables import CHANGE, NUMBER, SCORED, Table, change, few, number, scored, segments, weeks


def tables(page: Mapping[str, Any]) -> list[Table]:
    """What the dashboard's page shows, block by block."""
    return [each for each in _all(page) if each.rows]


def of_cards(cards: Sequence[CardBlock]) -> list[Table]:
    """The score cards: each score, what its answers were, and its weeks."""
    scores = Table(
        _("Scores"),
        (
            _("Scale"),
            *SCORED,
            *CHANGE,
            _("Confirmed only"),
            _("Interval from"),
            _("Interval to"),
            "n",
            _("Effective n"),
        ),
        [
            (
                block.name,
                *scored(block.card.metric, unit=block.unit),
                *change(block.card.metric),
                *scored(block.card.confirmed, unit=block.unit)[1:],
            )
            for block in cards
        ],
    )
    answers = Table(
        _("Answers"),
        (_("Scale"), _("Part"), _("Scores"), _("Answers")),
        [(block.name, part["name"], part["scores"], part["answers"]) for block in cards for part in block.parts],
    )
    by_week = [
        weeks(_("%s by week") % block.name, block.card.weeks, unit=block.unit, of_scores=True) for block in cards
    ]
    return [scores, answers, *by_week]


def _all(page: Mapping[str, Any]) -> Iterator[Table]:
    scores, *answers = of_cards(page["cards"])
    yield scores
    if page.get("focus"):
        rows = [line for cell in page["focus"] for line in cell.told]
        yield Table(_("Focus"), (_("Indicator"), *NUMBER, *CHANGE), rows)
    if page.get("anomalies"):
        odd = [(one["title"], one["place"], one["said"]) for one in page["anomalies"]]
        yield Table(_("Out of the ordinary"), (_("Indicator"), _("Where"), _("What")), odd)
    yield from answers
    yield from (segments(block, of_scores=True) for block in page["where"])
    if page["of_slice"]:
        yield served_slice_block.table(page["of_slice"])
    if page.get("steps"):
        yield funnel_block.steps_table(page["steps"])
    if page.get("service"):
        yield from _service(page["service"], page["service_rows"])
        if page["waits"]:
            yield segments(page["waits"], of_scores=True)
        hours = [(day, *(cell.count for cell in cells)) for day, cells in page["week"]]
        yield Table(
            _("When customers contact us"), (_("Day"), *page["hours"]), hours if page["service"].contacts else []
        )
    yield from _comments(page)
    told = [(follows.NAMES[block], note) for block, notes in page["unfollowed"].items() for note in notes]
    yield Table(_("Not narrowed by the filters"), (_("Numbers"), _("Why")), told)


def _service(service: Service, rows: list[dict[str, Any]]) -> Iterator[Table]:
    if not service.contacts:
        return
    yield Table(
        _("First response"),
        (
            _("Channel"), _("Contacts"), _("Responses"), _("Half within, seconds"), _("Nine in ten within, seconds"),
            *NUMBER, *CHANGE, _("Still waiting"),
        ),
        [_served(row["name"], row["served"]) for row in rows],
    )  # fmt: skip
    spans = (
        (_("Time to the solution, half within"), service.resolution),
        (_("Waiting in the queue, half within"), service.wait),
    )
    facts = (("complaints", _("Complaints")), ("reopened", _("Reopened")), ("abandoned", _("Abandoned")))
    counts = [(name, service.facts.get(fact, 0)) for fact, name in facts]
    promised = [(_("Solved within the service level"), service.in_time)] if service.in_time else []
    yield Table(
        _("Service"),
        (_("Indicator"), *NUMBER),
        [
            *((name, *number(share, unit="share")) for name, share in promised),
            (_("Solved within 7 days"), *number(service.solved, unit="share")),
            *((name, _("seconds"), *span.half, few(span.n)) for name, span in spans if span.n),
            *((name, _("contacts"), count, None, None, service.contacts) for name, count in counts if count),
        ],
    )


def _served(name: Any, served: Served) -> tuple[Any, ...]:
    response, within = served.response, served.within
    return (
        name, served.contacts, few(response.n), response.half.value, response.nine.value, *number(within, unit="share"),
        *change(within), served.waiting,
    )  # fmt: skip


def _corrected(found: Share | None) -> tuple[float | None, ...]:
    return (found.value, found.lo, found.hi) if found else (None, None, None)


def _comments(page: Mapping[str, Any]) -> Iterator[Table]:
    yield Table(
        _("Classes of comments"),
        (_("Class"), *NUMBER, *CHANGE, _("Corrected for reading errors"), _("Interval from"), _("Interval to")),
        [
            (row["name"], *number(row["metric"], unit="share"), *change(row["metric"]), *_corrected(row["corrected"]))
            for row in page["class_rows"]
        ],
    )
    if tones := [(str(tone["name"]), tone["count"]) for row in page["class_rows"] for tone in row["tones"]]:
        yield Table(_("Constructive comments by tone"), (_("Tone"), _("comments")), tones)
    rows = [
        (
            str(line["row"].topic),
            line["row"].mentions,
            *(
                line["row"].classes.get(name, 0)
                for name in ("negative", "constructive", "neutral", "unsure", "positive")
            ),
            *number(line["row"].metric, unit="share"),
            *change(line["row"].metric),
        )
        for line in page["topics"]
    ]
    yield Table(
        _("Topics"),
        (
            _("Topic"), _("Mentions"), _("Negative"), _("Constructive"), _("Neutral"), _("Not sure"), _("Positive"),
            *NUMBER, *CHANGE,
        ),
        [*rows, *((str(rare["topic"]), few(1)) for rare in page["rare_topics"])],
    )  # fmt: skip
