"""The reference cases on the way that pages and the API go: rows are told, counted by day and reported."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from analytics.models import ServiceLevel
from analytics.periods import Period, local_day
from analytics.reports import Filters
from analytics.returns import RATES, returns
from analytics.serving.parts import WALL
from analytics.serving.report import times
from analytics.staying.report import _cohort
from analytics.staying.tally import ACTIVE, LOST, MONTHS, SILENCE, Frame, Known, _by_cohort, _by_month, _spans
from ground.access import EVERYTHING
from ground.models import Organisation
from surveys import interactions
from tests.analytics.test_reference import CASES, assert_agrees
from tests.analytics.test_returns import catch_up

MORNING = dt.datetime(2026, 8, 31, 21, tzinfo=dt.UTC)  # midnight of the first of September in Moscow
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


def cases(*functions: str) -> Any:
    told = [pytest.param(case, id=case["id"]) for case in CASES if case["function"] in functions]
    assert told
    return pytest.mark.parametrize("case", told)


def tell(number: int, *, who: str, began: dt.datetime, **fields: Any) -> None:
    interactions.take(interactions.Report(
        source="crm", external_id=f"T-{number}", updated_at=MORNING, customer={"external_id": who},
        fields={"channel": "email", "created_at": began, **fields},
    ))  # fmt: skip


@cases("sla")
@pytest.mark.django_db
def test_within_the_level(case: dict[str, Any], organisation: Organisation, time_machine: Any) -> None:
    inputs, expected = case["inputs"], case["expected"]
    as_of = MORNING + inputs["asof"] * SECOND
    time_machine.move_to(as_of, tick=False)
    ServiceLevel.objects.create(minutes=inputs["target"] / 60, since=dt.date(2026, 1, 1), is_working_time=False)
    for number, (created, replied) in enumerate(inputs["items"]):
        responded = None if replied is None else MORNING + replied * SECOND
        tell(number, who=f"c{number}", began=MORNING + created * SECOND, first_response_at=responded)
    catch_up()
    today = local_day(as_of, organisation.timezone)
    report = times(Filters(scope=EVERYTHING, period=Period(today, today)), clock=WALL, as_of=as_of)
    told = report.total
    assert told.within is not None and told.within.n == expected["met"] + expected["missed"]
    assert told.pending == expected["pending"]
    assert report.facts["met"] == expected["met"]
    if told.within.n >= 5:  # of fewer nothing is told
        found = [told.within.num, told.within.value, told.within.lo, told.within.hi]
        assert_agrees(found, [expected[name] for name in ("met", "share", "lo", "hi")], tolerance=case["tolerance_rel"])


@cases("repeat_contacts", "fcr")
@pytest.mark.django_db
def test_repeats_and_first_contact_resolution(
    case: dict[str, Any], organisation: Organisation, time_machine: Any
) -> None:
    inputs, expected = case["inputs"], case["expected"]
    as_of = MORNING + inputs["asof"] * DAY
    time_machine.move_to(as_of, tick=False)
    for number, (name, customer, topic, start, end) in enumerate(inputs["contacts"]):
        if customer is None or start > inputs["asof"]:
            continue
        ended = MORNING + end * DAY if end <= inputs["asof"] else None
        tell(number, who=customer, began=MORNING + start * DAY, reason=topic, closed_at=ended,
             is_resolved=name in inputs.get("resolved_ids", ()) if ended else None)  # fmt: skip
    catch_up()
    filters = Filters(scope=EVERYTHING, period=Period(local_day(MORNING, organisation.timezone), as_of.date()))
    told = returns(filters, as_of=as_of, days=inputs["days"], same_reason=inputs["same_topic"])
    names = {
        "matured": ("repeat_contacts", "n"),
        "eligible": ("repeat_load", "n"),
        "issues": ("first_contact_resolution", "n"),
    }
    names |= {"forward_rate": ("repeat_contacts", "value"), "backward_share": ("repeat_load", "value")}
    names |= {"fcr": ("first_contact_resolution", "value")}
    assert set(RATES) == {rate for rate, _number in names.values()}
    for name in names.keys() & expected.keys():
        rate, number = names[name]
        found = getattr(told.rates[rate], number)
        if number == "n" or told.rates[rate].n >= 5:  # of fewer nothing is told
            assert_agrees(found, expected[name], tolerance=case["tolerance_rel"])


@cases("churn_inactivity")
def test_falling_silent(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["expected"]
    first = dt.date(2026, 1, 1)
    month = (first + inputs["start"] * DAY, first + inputs["end"] * DAY)
    frame, found, gone = Frame(last=month[1], window=inputs["window"]), Counter[str](), []
    for name, days in inputs["activity"].items():
        how, spans = _spans(Known(days=[first + day * DAY for day in days]), frame)
        own = Counter(_by_month(how, spans, [month]))
        found += own
        gone += [name] if own[f"{month[0]} {SILENCE} {LOST}"] else []
    assert (found[f"{month[0]} {SILENCE} {ACTIVE}"], gone) == (expected["active_at_start"], expected["churned"])


@cases("cohort_retention")
def test_retention_of_a_cohort(case: dict[str, Any]) -> None:
    """Somebody comes on the last day of a period, so that each is told apart by a silence shorter than a month."""
    inputs, periods = case["inputs"], case["inputs"]["periods"]
    frame = Frame(last=dt.date(2026, 9, 30), window=28)
    months = frame.months()[MONTHS - periods :]
    found: Counter[str] = Counter()
    for active in inputs["members"].values():
        _how, spans = _spans(Known(days=[months[number][1] for number in active]), frame)
        found.update(_by_cohort(spans, months))
    kept = _cohort(found, [first for first, _last in months], 0)
    assert kept.size == len(inputs["members"])
    assert_agrees(list(kept.kept), case["expected"], tolerance=case["tolerance_rel"])
