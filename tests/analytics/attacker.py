"""Who may choose every filter and subtract any two numbers shown: does anything tell of fewer than five people?

What is asked is found by itself: every reader of the API that has a number of the population, the lists to read from,
and what `MORE` adds. A page with filters of its own adds a line there.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from django.core.cache import cache

from analytics.api.question import Question
from analytics.api.readers import READERS, SCALES, read
from analytics.display import SHOWN_FROM
from analytics.periods import Period
from analytics.reports import Filters
from analytics.results.report import results
from analytics.side_by_side import COLUMNS, lines
from feedback import filters as lists
from feedback.models import Response
from ground import remembered
from ground.access import EVERYTHING, Scope
from ground.models import User

Shown = Mapping[str, int]
EVERYTHING_TOLD: Mapping[str, Iterable[str]] = {key: SCALES.get(key, ("",)) for key in READERS}
# What else a metric may be asked: it narrows nobody out.
USUAL: dict[str, Any] = {"percentile": 50, "clock": "working", "target": 20, "formula": "f4"}


@dataclass(frozen=True)
class Found:
    """Two views of one number whose difference tells of `people`."""

    what: str
    wide: Any
    narrow: Any
    people: int


def of_readers(
    filters: Filters, as_of: dt.datetime, *, keys: Mapping[str, Iterable[str]] = EVERYTHING_TOLD, steps: bool = False
) -> Shown:
    """How many people each shown number of the API is about: whole, by what it can be broken down by, slot by slot.

    `keys` are metrics with the scales that each is asked on.
    """
    found = {}
    for key, scales in keys.items():
        reader = READERS[key]
        for by, step, scale in itertools.product(
            sorted(reader.by | ({""} if reader.is_whole else set())),
            ["", *reader.steps] if steps else [""],
            scales,
        ):
            if step and by in reader.unslotted:  # the API refuses it
                continue
            asked = Question(filters=filters, key=key, by=by, step=step, scale=scale, as_of=as_of, **USUAL)
            for told in read(asked):
                if told.numbers["state"] != "hidden":
                    found[f"{key} {scale} by {by} {told.key} {step} {told.start}"] = told.numbers["n"]
    return found


def of_results(filters: Filters, as_of: dt.datetime) -> Shown:
    """What the page of a survey's results says of its score and texts."""
    if not filters.survey:
        return {}
    told = results(filters, as_of=as_of).questions
    return {f"results {one.question.code}": one.metric.n for one in told if one.metric and one.counts}


def of_side_by_side(filters: Filters, as_of: dt.datetime) -> Shown:
    """What the small charts say of each team and channel, week by week."""
    return {
        f"side by side {column} {line.key} {week.start}": week.n
        for column in COLUMNS
        for line in lines(filters, column, "csat_5", as_of=as_of)
        for week in line.weeks
        if week.state != "hidden"
    }


MORE: list[Callable[[Filters, dt.datetime], Shown]] = [of_results, of_side_by_side]


def of_lists(filters: Filters, reader: User) -> Shown:
    """How many rows the lists show."""
    chosen = {
        "team": filters.team, "survey": filters.survey, "channel": filters.channel,
        "evidence": filters.evidence or "counted", "from": filters.period.start, "to": filters.period.end,
    }  # fmt: skip
    params = {name: str(value) for name, value in chosen.items() if value}
    rows = {
        "list of responses": lists.responses_found(params, scope=filters.scope).count(),
        "list of comments": lists.comments_found(params, reader=reader, scope=filters.scope).count(),
    }
    return {name: count for name, count in rows.items() if count}


@dataclass(frozen=True)
class Choices:
    """What the attacker chooses from: every one may be left out."""

    days: list[dt.date]
    teams: list[int]
    channels: list[str]
    survey: int
    scope: Scope = EVERYTHING

    def views(self) -> Iterator[Filters]:
        """Every combination, with every first and last day."""
        for first, last in itertools.combinations_with_replacement(self.days, 2):
            whole = Filters(scope=self.scope, period=Period(first, last), survey=self.survey)
            for team, channel, evidence in itertools.product(
                [None, *self.teams], ["", *self.channels], ["", "confirmed"]
            ):
                yield replace(whole, team=team, channel=channel, evidence=evidence)


def attack(choices: Choices, *, reader: User, as_of: dt.datetime) -> list[Found]:
    """All shown numbers that tell of fewer than five, alone or as the difference of a view and a narrower one.

    He asks all of it within the minute for which a page keeps what took long, and here all of it took long.
    """
    views = list(choices.views())
    whole = replace(views[0], period=Period(choices.days[0], choices.days[-1]))
    cache.clear()
    with mock.patch.object(remembered, "COSTLY_SECONDS", 0):
        keys = worth_asking(whole, as_of=as_of)
        seen = [
            (view, shown(view, keys, reader=reader, as_of=as_of, steps=view.period == whole.period)) for view in views
        ]
    return [*_alone(seen), *_differences(seen)]


def worth_asking(whole: Filters, *, as_of: dt.datetime) -> dict[str, list[str]]:
    """The metrics that say something of all people: the others say nothing of a part. On scales that anybody used."""
    told = {tuple(name.split(" ", 2)[:2]) for name, n in of_readers(whole, as_of).items() if n}
    used = set(Response.objects.values_list("scale", flat=True))
    return {
        key: [scale for scale in EVERYTHING_TOLD[key] if not scale or scale in used or (key, scale) in told]
        for key in sorted({key for key, _scale in told})
    }


def shown(view: Filters, keys: Mapping[str, Iterable[str]], *, reader: User, as_of: dt.datetime, steps: bool) -> Shown:
    """Everything that one view shows, by name; `steps` are asked for as well."""
    found = {**of_readers(view, as_of, keys=keys, steps=steps), **of_lists(view, reader)}
    for more in MORE:
        found |= more(view, as_of)
    return {name: n for name, n in found.items() if n}


def _alone(seen: list[tuple[Filters, Shown]]) -> Iterator[Found]:
    for view, numbers in seen:
        for what, n in numbers.items():
            if n < SHOWN_FROM:
                yield Found(what, view, None, n)


def _differences(seen: list[tuple[Filters, Shown]]) -> Iterator[Found]:
    for (wide, more), (narrow, less) in itertools.permutations(seen, 2):
        if _holds(wide, narrow):
            for what in more.keys() & less.keys():
                if 0 < more[what] - less[what] < SHOWN_FROM:
                    yield Found(what, wide, narrow, more[what] - less[what])


def _holds(wide: Filters, narrow: Filters) -> bool:
    """Whether everybody in the narrow view is in the wide one."""
    return (
        wide.period.start <= narrow.period.start
        and narrow.period.end <= wide.period.end
        and wide.team in (None, narrow.team)
        and wide.channel in ("", narrow.channel)
        and wide.evidence in ("", narrow.evidence)
    )
