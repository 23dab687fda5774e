"""What a page may show: small groups stay hidden, numbers are rounded exactly, arrows follow their family."""

from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.comparisons import share_change
from analytics.display import display_state, displayed, round_half_away, segment_states
from analytics.metrics import measure
from analytics.scores import csat, nps, share

bounded = settings(max_examples=80, deadline=None)
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)

segments = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 60), max_size=8)


@bounded
@given(segments, st.data())
def test_small_segments_stay_hidden_under_every_filter(sizes, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(sizes)))) if sizes else set()
    states = segment_states({key: sizes[key] for key in chosen})
    assert all(states[key] == "hidden" for key in chosen if sizes[key] < 5)


@example({"a": 1, "b": 2, "c": 40})
@bounded
@given(segments)
def test_subtracting_shown_segments_never_uncovers_a_small_or_single_hidden_one(sizes):
    states = segment_states(sizes)
    hidden = [sizes[key] for key, state in states.items() if state == "hidden" and sizes[key]]
    if hidden and sum(sizes.values()) >= 5 and len([n for n in sizes.values() if n]) > 1:
        assert len(hidden) > 1 and sum(hidden) >= 5


@bounded
@given(segments.filter(lambda sizes: min(sizes.values(), default=0) >= 5))
def test_nothing_is_hidden_without_a_small_segment(sizes):
    assert segment_states(sizes) == {key: display_state(n) for key, n in sizes.items()}


def test_the_next_smallest_segment_is_hidden_with_a_single_small_one():
    assert segment_states({"mail": 40, "chat": 3, "phone": 12, "app": 0}) == {
        "mail": "full",
        "chat": "hidden",
        "phone": "hidden",
        "app": "hidden",
    }


def test_hidden_metric_gives_nothing_away_but_its_count():
    found = measure({"mail": csat({5: 30}, "csat_5"), "chat": csat({5: 3}, "csat_5")}, as_of=NOON, partition=True)
    kept = {name: value for name, value in asdict(found["chat"]).items() if value is not None}
    assert kept == {
        "n": 3,
        "unit": "share",
        "state": "hidden",
        "as_of": NOON,
        "preliminary": False,
        "definition_version": 1,
    }
    assert (found["mail"].state, found["mail"].value) == ("hidden", None)


def test_metric_carries_the_change_and_the_arrow_of_its_family():
    found = measure(
        {"phone": share(160, 200), "chat": share(82, 100), "app": share(9, 10)},
        before={"phone": share(130, 200), "chat": share(80, 100), "app": share(2, 10)},
        as_of=NOON,
    )
    assert {key: metric.flag for key, metric in found.items()} == {"phone": "up", "chat": "same", "app": None}
    assert (found["phone"].prev, found["phone"].diff) == (0.65, 0.15)
    assert found["phone"].p_adj == pytest.approx(3 * share_change(share(160, 200), share(130, 200)).p)
    assert (found["app"].state, found["app"].diff) == ("weak", 0.7)


@pytest.mark.parametrize(
    ("now", "before", "value", "prev"), [((40, 50), (1, 4), 0.8, None), ((1, 4), (40, 50), None, 0.8)]
)
def test_a_hidden_side_is_neither_shown_nor_compared(now, before, value, prev):
    found = measure({"all": share(*now)}, before={"all": share(*before)}, as_of=NOON)["all"]
    assert (found.value, found.prev, found.diff, found.diff_lo, found.p_adj) == (value, prev, None, None, None)


def test_a_total_above_its_parts_says_what_it_says_alone():
    """Beside five channels without a change, what is significant alone would not be significant any more."""
    now, before = share(390, 488), share(450, 524)
    parts = dict.fromkeys(range(5), share(80, 100))
    alone = measure({"all": now}, before={"all": before}, as_of=NOON)["all"]
    of_parts = {"now": parts | {"all": now}, "before": parts | {"all": before}}
    told = measure(of_parts["now"], before=of_parts["before"], as_of=NOON, family=lambda key: key == "all")
    together = measure(of_parts["now"], before=of_parts["before"], as_of=NOON)
    assert (told["all"].flag, told["all"].p_adj) == (alone.flag, alone.p_adj) == ("down", pytest.approx(0.01, abs=0.01))
    assert together["all"].flag == "same" and told[0].flag == "same"


def test_preliminary_metric_has_a_change_but_no_arrow():
    found = measure(
        {"all": nps(promoters=420, passives=310, detractors=270)},
        before={"all": nps(promoters=200, passives=300, detractors=500)},
        as_of=NOON,
        preliminary=True,
    )["all"]
    assert (found.diff, found.flag, found.p_adj, found.preliminary) == (45, None, None, True)


@bounded
@given(st.integers(-400, 400), st.integers(1, 400), st.integers(0, 2))
def test_rounding_is_nearest_with_halves_away_from_zero_for_ratios_and_their_floats(num, den, digits):
    rounded = round_half_away(num, den, digits=digits, scale=100)
    exact = Fraction(100 * num, den) * 10**digits
    error = Fraction(rounded) * 10**digits - exact
    assert abs(error) < Fraction(1, 2) or (abs(error) == Fraction(1, 2) and abs(exact + error) > abs(exact))
    assert round_half_away(num / den, digits=digits, scale=100) == rounded


@pytest.mark.parametrize(
    ("value", "unit", "n", "text"),
    [
        (0.145, "share", 200, "15"),
        (0.1445, "share", 2000, "14.5"),
        (-0.5, "points", 200, "-1"),
        (-0.4, "points", 200, "0"),
        (4.0, "mean", 30, "4.00"),
        (4.125, "mean", 8, "4.13"),
    ],
)
def test_displayed_value(value, unit, n, text):
    assert str(displayed(value, unit=unit, n=n)) == text


@bounded
@given(
    st.floats(-1e13, 1e13, allow_nan=False) | st.integers(-10_000, 10_000).map(lambda number: number / 2000),
    st.integers(0, 3),
    st.sampled_from([1, 100, 1000]),
)
def test_a_float_is_rounded_as_the_ratio_that_it_shows(value: float, digits: int, scale: int) -> None:
    exact = round_half_away(Fraction(repr(value)), digits=digits, scale=scale)
    assert str(round_half_away(value, digits=digits, scale=scale)) == str(exact)
