"""Laws of the formulas of contacts, customers and agents; slow definitions check quick ones."""

import datetime as dt
import math
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.churn import contract_churn, inactivity_churn, inactivity_window
from analytics.competence import funnel_limits, is_different, shrink, training_hints
from analytics.complaints import complaint_rate, rate_change
from analytics.periods import day_seconds, utc_range
from analytics.quantiles import quantile, quantile_interval
from analytics.repeat_contacts import Contact, first_contact_resolution, repeat_contacts
from analytics.resolution import backlog, resolution, resolved_share
from analytics.scores import share
from analytics.staffing import erlang_c, mail_agents, staffing
from analytics.survival import still_open, survival_quantile
from analytics.volume import Slot, forecast, heat_map, peaks, slot_hours
from analytics.waiting import Queue, abandonment, first_response, service_level, speed_and_quality
from ground.working_time import Hours, intervals

bounded = settings(max_examples=40, deadline=None)
parts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
days = st.dates(dt.date(2024, 1, 1), dt.date(2027, 1, 1))
zones = st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe"])
durations = st.lists(st.integers(0, 500), min_size=1, max_size=60)
MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")


# Times


@bounded
@given(durations, st.integers(1, 99))
def test_percentiles_lie_within_their_ranks_and_ignore_order(values, percent):
    q = percent / 100
    found = quantile(values, q)
    assert min(values) <= found <= max(values) and quantile(values[::-1], q) == found
    limits = quantile_interval(values, q)
    ordered = sorted(values)
    assert limits.lo is None or limits.lo == ordered[limits.lo_rank - 1] <= found
    assert limits.hi is None or limits.hi == ordered[limits.hi_rank - 1]


@bounded
@given(st.integers(1, 60), st.integers(1, 99))
def test_ranks_of_a_percentile_are_those_of_the_binomial(n, percent):
    p = Fraction(percent, 100)
    at_most = [sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1)) for k in range(n + 1)]
    level = Fraction(25, 1000)
    limits = quantile_interval(range(n), percent / 100)
    assert limits.lo_rank == max((rank for rank in range(1, n + 1) if at_most[rank - 1] <= level), default=None)
    upper = (rank for rank in range(1, n + 1) if 1 - at_most[rank - 1] <= level)
    assert limits.hi_rank == min(upper, default=None)


def test_the_ninetieth_percentile_needs_36_values_for_both_sides():
    limits = {n: quantile_interval(range(n), 0.9) for n in range(20, 50)}
    assert min(n for n, found in limits.items() if None not in (found.lo, found.hi)) == 36


@bounded
@given(durations, st.integers(1, 99))
def test_without_open_ones_survival_is_the_share_that_lasts_longer(values, percent):
    q = percent / 100
    found = survival_quantile(still_open((value, True) for value in values), q)
    longer = {value: sum(other > value for other in values) / len(values) for value in values}
    assert found == min(value for value, left in longer.items() if left <= 1 - q + 1e-12)


@bounded
@given(st.lists(st.tuples(st.integers(1, 100), st.booleans()), min_size=1, max_size=40), st.integers(1, 99))
def test_who_is_still_open_never_makes_it_look_quicker(items, percent):
    def later(found):
        return math.inf if found is None else found

    plain = survival_quantile(still_open(items), percent / 100)
    more = survival_quantile(still_open([*items, (1000, False)]), percent / 100)
    assert later(more) >= later(plain)


@bounded
@given(st.lists(st.tuples(st.integers(0, 50), st.none() | st.integers(0, 30)), max_size=30), st.integers(0, 30))
def test_a_longer_horizon_solves_no_fewer_of_the_same_contacts(pairs, horizon):
    contacts = [(created, None if took is None else created + took) for created, took in pairs]
    found, young = resolved_share(contacts, as_of=60, horizon=horizon)
    assert found.den + young == len(contacts)
    old = [contact for contact in contacts if contact[0] + horizon + 10 <= 60]
    shorter, longer = (resolved_share(old, as_of=60, horizon=length)[0] for length in (horizon, horizon + 10))
    assert longer.num >= shorter.num and longer.den == shorter.den


def test_limits_of_time_belong_to_what_they_limit():
    assert resolved_share([(0, 7)], as_of=7, horizon=7)[0].value == 1
    ends_now = Contact(id="c", customer="A", topic="x", start=0, end=1)
    again = Contact(id="d", customer="A", topic="x", start=8, end=9)
    found = repeat_contacts([ends_now, again], window=7, as_of=8)
    assert found.mature == found.followed == {"c"} and found.repeats == {"d"}


def test_times_of_one_contact():
    hours = Hours(zone=MOSCOW, week={day: intervals([("09:00", "18:00")]) for day in range(5)})
    friday = dt.datetime(2026, 11, 27, 17, tzinfo=MOSCOW)
    monday = dt.datetime(2026, 11, 30, 10, tzinfo=MOSCOW)
    found = first_response(created=friday, replied=monday, hours=hours)
    assert (found.working, found.calendar, found.is_skewed) == (7200, 65 * 3600, False)
    skewed = first_response(created=monday, replied=friday, hours=hours)
    assert (skewed.working, skewed.calendar, skewed.is_skewed) == (0, 0, True)
    assert first_response(created=friday, replied=None, hours=hours) is None
    assert first_response(created=friday, replied=monday, hours=hours, is_outbound=True) is None
    reopened = resolution(100, [400, 900])
    assert (reopened.first, reopened.full) == (300, 800) and resolution(100, []) is None
    left = backlog([0, 50, 90], target=40, as_of=100)
    assert (left.open, left.age_p50, left.overdue.num) == (3, 50, 2)


def test_speed_counts_with_quality():
    found = speed_and_quality([(True, True)] * 6 + [(True, False)] * 2 + [(False, True)] + [(False, False)])
    assert found.fast_and_good.value == 0.6 and (found.fast_only, found.good_only, found.neither) == (2, 1, 1)


@bounded
@given(st.tuples(*[st.integers(0, 50)] * 5))
def test_service_levels_lie_between_none_and_all_and_short_ones_are_no_abandons(sizes):
    within, late, short, soon, after = sizes
    hung_up = short + soon
    queue = Queue(
        answered_in=within, answered=within + late, abandoned_in=hung_up, abandoned=hung_up + after, short=short
    )
    levels = [service_level(queue, formula=formula) for formula in ("f1", "f2", "f3", "f4", "f5")]
    assert all(level.value is None or 0 <= level.value <= 1 for level in levels)
    assert levels[2].num <= levels[4].num <= levels[0].num
    assert abandonment(queue).num == soon + after
    with pytest.raises(ValueError, match="larger than its whole"):
        Queue(answered_in=within + late + 1, answered=within + late, abandoned_in=0, abandoned=0)


# Volume and staff


@bounded
@given(days, st.integers(1, 30), zones)
def test_slots_add_up_to_the_hours_of_their_days(first, length, zone):
    zone = ZoneInfo(zone)
    after = first + dt.timedelta(days=length)
    begins, ends = utc_range(first, after, zone)
    hours = slot_hours(first, after, zone)
    assert sum(hours.values()) * 3600 == (ends - begins).total_seconds()
    assert (
        sum(day_seconds(first + dt.timedelta(days=k), zone) for k in range(length)) == (ends - begins).total_seconds()
    )


def test_a_peak_is_busier_than_the_mean_of_open_hours():
    hours = dict.fromkeys((Slot(0, hour) for hour in range(24)), 10.0)
    closed = frozenset(slot for slot in hours if slot.hour < 9)
    contacts = {slot: 20 for slot in hours if slot.hour >= 9} | {Slot(0, 11): 90, Slot(0, 3): 500}
    cells = heat_map(contacts, hours, closed=closed)
    assert cells[Slot(0, 3)].rate is None and cells[Slot(0, 3)].contacts == 500
    assert [(peak.slot, round(peak.ratio, 2)) for peak in peaks(cells)] == [(Slot(0, 11), 3.65)]


@bounded
@given(st.lists(st.integers(0, 200), min_size=84, max_size=100))
def test_a_forecast_repeats_each_week_and_holds_its_value(history):
    days = forecast(history, horizon=14)
    assert days[:7] == days[7:]
    assert all(0 <= day.lo <= day.value <= day.hi for day in days)
    assert forecast(history[:83], horizon=1) is None


@bounded
@given(st.floats(0.001, 0.3), st.floats(20, 600), st.floats(5, 120))
def test_one_agent_fewer_would_not_do(arrivals, handle_time, target):
    found = staffing(arrivals=arrivals, handle_time=handle_time, target=target)
    assert found.service_level >= 0.8 and found.occupancy <= 0.85 + 1e-9
    assert 0.7 * found.scheduled >= found.agents - 1e-9 and 0.7 * (found.scheduled - 1) < found.agents
    if found.agents > 1:
        fewer = erlang_c(arrivals=arrivals, handle_time=handle_time, agents=found.agents - 1, target=target)
        assert fewer.service_level < 0.8 or fewer.occupancy > 0.85


def test_mail_goes_by_hours_of_work():
    assert (mail_agents(workload_hours=34, shift_hours=8), mail_agents(workload_hours=34.1, shift_hours=8)) == (5, 6)


# Customers


@st.composite
def contact_lists(draw):
    raw = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["A", "B", None]),
                st.sampled_from(["x", "y"]),
                st.integers(0, 30),
                st.none() | st.integers(0, 6),
            ),
            max_size=14,
        )
    )
    return [
        Contact(id=f"c{i:02}", customer=who, topic=topic, start=start, end=None if took is None else start + took)
        for i, (who, topic, start, took) in enumerate(raw)
    ]


@bounded
@given(contact_lists(), st.integers(0, 8), st.integers(0, 45), st.booleans(), st.randoms(use_true_random=False))
def test_repeat_contacts_are_all_pairs_within_the_window(contacts, window, as_of, same_topic, random):
    found = repeat_contacts(random.sample(contacts, len(contacts)), window=window, as_of=as_of, same_topic=same_topic)
    known = [c for c in contacts if c.customer is not None and c.start <= as_of]

    def leads_to(first, then):
        alike = first.customer == then.customer and (not same_topic or first.topic == then.topic)
        after = (first.start, first.id) < (then.start, then.id)
        return alike and after and then.start <= first.window(window)

    assert found.mature == {c.id for c in known if c.window(window) <= as_of}
    assert found.followed == {c.id for c in known if c.id in found.mature and any(leads_to(c, o) for o in known)}
    assert found.repeats == {c.id for c in known if any(leads_to(o, c) for o in known)}
    all_solved = first_contact_resolution(found, [c.id for c in contacts])
    assert all_solved.num <= all_solved.den <= len(found.mature)


@bounded
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.lists(st.integers(0, 60), min_size=1, max_size=8)),
    st.integers(1, 30),
    st.integers(10, 40),
    st.integers(0, 30),
)
def test_inactivity_day_by_day(activity, window, start, length):
    end = start + length

    def is_active(days, on):
        return any(on - window < day <= on for day in days)

    found = inactivity_churn(activity, window=window, start=start, end=end)
    active = {customer for customer, days in activity.items() if is_active(days, start)}
    gone = {c for c in active if not all(is_active(activity[c], day) for day in range(start, end + 1))}
    assert (found.active, found.churned) == (active, gone)


def test_who_joins_in_the_period_is_not_lost_and_windows_have_limits():
    assert contract_churn(["a", "b"], ["b", "c"]).value == 0.5
    assert inactivity_window([]) == 30
    assert inactivity_window([[0, 40, 80, 120]]) == 40
    assert inactivity_window([[0, 4000]]) == 365


@bounded
@given(st.integers(0, 60), st.integers(0, 60), st.integers(50, 2000), st.integers(50, 2000))
def test_a_ratio_of_rates_mirrors_and_agrees_with_its_limits(now, before, contacts, contacts_before):
    assume(now + before)
    there = rate_change(now=now, exposure=contacts, before=before, exposure_before=contacts_before)
    back = rate_change(now=before, exposure=contacts_before, before=now, exposure_before=contacts)
    assert back.p == pytest.approx(there.p, rel=1e-6)
    if there.ratio is not None:
        assert there.lo <= there.ratio and (there.hi is None or there.ratio <= there.hi)
    assume(abs(there.p - 0.05) > 1e-6)
    assert (there.p < 0.05) == (there.lo > 1 or (there.hi is not None and there.hi < 1))


def test_complaints_are_told_per_thousand_contacts():
    assert complaint_rate(3, 1500).value == 2 and complaint_rate(0, 0).value is None


# Agents


@bounded
@given(st.lists(parts, min_size=2, max_size=12))
def test_shrinking_moves_each_share_towards_the_mean_and_never_past_it(found):
    shares = [share(x, n) for n, x in found]
    result = shrink([*shares, share(0, 0)])
    for own, shown in zip(shares, result.shrunk, strict=False):
        low, high = sorted((own.value, result.mean))
        assert low - 1e-12 <= shown <= high + 1e-12
    assert result.shrunk[-1] == result.mean and result.weights[-1] == 0


def test_equal_agents_all_show_the_mean_and_nobody_is_different():
    equal = [share(24, 30)] * 8
    assert set(shrink(equal).shrunk) == {0.8}
    everybody = share(240, 300)
    assert not any(is_different(found, everybody) for found in equal)
    assert is_different(share(10, 30), everybody) and not is_different(share(0, 0), everybody)
    assert funnel_limits(0.8, 400).hi - funnel_limits(0.8, 400).lo == pytest.approx(0.12)


def test_training_hints_need_answers_and_a_proven_gap():
    team = {"slow": share(160, 200), "other": share(160, 200)}
    cells = {
        "behind": (share(10, 25), team["slow"]),
        "ahead": (share(25, 25), team["other"]),
        "few": (share(2, 19), team["slow"]),
        "alone": (share(10, 25), share(10, 25)),
    }
    assert training_hints(cells) == {"behind"}
