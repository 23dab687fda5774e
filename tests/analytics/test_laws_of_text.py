"""Laws of the formulas of texts and trends, whatever the counts."""

from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.drivers import coinciding, drivers, is_rough, leave_out_impact
from analytics.emerging import emerging, shared_overdispersion
from analytics.emerging_words import log_odds, prior, telling
from analytics.scores import share
from analytics.tone import Checked, corrected_classes, corrected_share, corrected_together
from analytics.topic_tone import is_marked, net_tone, residuals
from analytics.trends import risen, trend, trend_arrows

bounded = settings(max_examples=40, deadline=None)
words = st.dictionaries(st.sampled_from("абвгд"), st.integers(1, 50), min_size=2)
flagged = st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from([-100, 0, 100]))


# Text


@bounded
@given(st.lists(flagged, min_size=8, max_size=60))
def test_points_add_up_to_the_score_and_lie_within_their_limits(rows):
    flags, scores = [row[:2] for row in rows], [row[2] for row in rows]
    found = drivers(flags, scores)
    assume(found is not None)
    assert found.intercept + sum(topic.points for topic in found.topics) == pytest.approx(found.total, abs=1e-9)
    assert all(topic.lo <= topic.points <= topic.hi for topic in found.topics)
    again = drivers(flags[::-1], scores[::-1])
    assert [topic.points for topic in again.topics] == pytest.approx([topic.points for topic in found.topics])


def test_topics_that_always_come_together_are_joined_first():
    flags = [(1, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0)] * 5
    assert drivers(flags, [0, 100, 0, 100] * 5) is None
    assert coinciding(flags) == [[0, 1], [2]]
    assert is_rough(answers=59, topics=1) and is_rough(answers=100, topics=11) and not is_rough(answers=100, topics=10)
    assert leave_out_impact([1, 1], [0, 100]) is None


@bounded
@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5))
def test_residuals_ignore_the_order_of_rows(table):
    found = residuals(table)
    assert residuals(table[::-1]) == found[::-1]
    assert all(value is None or not is_marked(value) or abs(value) > 3 for row in found for value in row)


def test_tables_and_tones_of_nothing():
    assert residuals([[0, 0], [0, 0]]) == [[None, None], [None, None]]
    assert net_tone(positive=0, negative=0, n=0) is None
    assert net_tone(positive=3, negative=5, n=10) == -0.2


@bounded
@given(st.integers(0, 100), st.floats(0.65, 1), st.floats(0.65, 1))
def test_a_corrected_share_stays_a_share_within_its_limits(hits, sensitivity, specificity):
    found = corrected_share(
        share(hits, 100), sensitivity=Checked(value=sensitivity, n=200), specificity=Checked(value=specificity, n=300)
    )
    assert found is None or 0 <= found.lo <= found.value <= found.hi <= 1


def test_a_weak_classifier_corrects_nothing_and_a_perfect_one_changes_nothing():
    weak = {"sensitivity": Checked(value=0.6, n=200), "specificity": Checked(value=0.6, n=200)}
    assert corrected_share(share(30, 100), **weak) is None
    perfect = {"sensitivity": Checked(value=1, n=200), "specificity": Checked(value=1, n=200)}
    assert corrected_share(share(30, 100), **perfect).value == pytest.approx(0.3)
    assert corrected_classes([0.5, 0.3, 0.2], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]) == [0.5, 0.3, 0.2]
    assert corrected_classes([0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]]) is None


def test_classes_are_solved_for_together():
    assert [one.value for one in corrected_together([460, 360, 180], [[80, 15, 5], [10, 85, 5], [15, 15, 70]])] == (
        pytest.approx([0.5, 0.3, 0.2])
    )
    assert corrected_together([460, 540], [[50, 50], [50, 50]]) is None
    assert corrected_together([460, 540], [[50, 50], [0, 0]]) is None
    assert corrected_together([0, 0], [[50, 1], [1, 50]]) is None


@bounded
@given(st.integers(0, 400), st.integers(150, 199), st.integers(240, 299))
def test_two_classes_are_corrected_as_one_share_is(hits, right, passed):
    found = corrected_together([hits, 400 - hits], [[right, 200 - right], [300 - passed, passed]])
    alone = corrected_share(
        share(hits, 400), sensitivity=Checked(value=right / 200, n=200), specificity=Checked(value=passed / 300, n=300)
    )
    assert found and (found[0].value, found[0].lo, found[0].hi) == pytest.approx((alone.value, alone.lo, alone.hi))


@bounded
@given(
    st.lists(st.integers(0, 300), min_size=4, max_size=4),
    st.lists(st.lists(st.integers(0, 20), min_size=4, max_size=4), min_size=4, max_size=4),
)
def test_corrected_classes_add_up(observed, errors):
    checked = [[count + 120 * (at == place) for place, count in enumerate(row)] for at, row in enumerate(errors)]
    found = corrected_together(observed, checked)
    if found is None:
        assert not sum(observed)
        return
    assert sum(one.value for one in found) == pytest.approx(1)
    assert all(0 <= one.lo <= one.value <= one.hi <= 1 for one in found)


def test_twice_as_many_comments_are_no_news():
    weeks = {"before": [6] * 12, "comments_before": [120] * 12}
    assert emerging(12, 240, **weeks).p > 0.3 > 0.01 > emerging(18, 120, **weeks).p
    assert emerging(18, 120, **weeks, rho=0.02).p > emerging(18, 120, **weeks).p
    assert shared_overdispersion(0.02, [(10, 0.01), (20, 0.03), (3, 0.9)]) == pytest.approx(0.02)


@bounded
@given(words, words)
def test_log_odds_change_sign_with_the_sides(first, second):
    alpha = prior({word: first.get(word, 0) + second.get(word, 0) for word in first | second})
    there, back = log_odds(first, second, alpha), log_odds(second, first, alpha)
    assert {word: -found.z for word, found in back.items()} == pytest.approx({w: found.z for w, found in there.items()})
    assert all(first[word] >= 5 and there[word].z >= 3 for word in telling(there, first))


# Trends


@bounded
@given(st.lists(st.integers(0, 30), min_size=2, max_size=10))
def test_a_trend_turns_round_with_time_and_keeps_its_p(values):
    there, back = trend(values), trend(values[::-1])
    assert (back.slope, back.tau, back.p) == pytest.approx((-there.slope, -there.tau, there.p))
    assert trend([2 * value + 7 for value in values]).p == there.p
    assert 0 <= there.p <= 1


def test_the_exact_p_counts_all_orders():
    orders = list(permutations(range(6)))
    strength = {order: abs(trend(order).tau) for order in orders}
    for order in orders[::97]:
        as_strong = sum(other >= strength[order] - 1e-12 for other in strength.values())
        assert trend(order).p == pytest.approx(min(1.0, as_strong / len(orders)))


def test_a_trend_arrow_needs_eight_buckets_of_thirty():
    rising = [(70 + step, 40) for step in range(8)]
    series = {"up": rising, "down": rising[::-1], "short": rising[:7], "few": [(value, 29) for value, _ in rising]}
    assert trend_arrows(series) == {"up": "up", "down": "down", "short": None, "few": None}


def test_what_rose_since_a_change_began_is_named_by_the_size_of_its_rise():
    before = {topic: share(20, 400) for topic in ("delivery", "price", "staff", "login")}
    since = {"delivery": share(90, 300), "price": share(60, 300), "staff": share(16, 300), "new": share(90, 300)}
    assert risen(before, since | {"login": share(2, 20)}) == ["delivery", "price"]
    assert risen(before, since, most=1) == ["delivery"]
