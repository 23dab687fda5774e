"""Laws that every score, comparison and interval keeps, whatever the counts."""

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from analytics.comparisons import (
    change,
    fisher_exact,
    flag_changes,
    mean_change,
    nps_change,
    share_change,
)
from analytics.distributions import critical_t, student_t_p_value
from analytics.intervals import wilson_half_width
from analytics.quantiles import ZERO_BUCKET, bucket
from analytics.sample_size import answers_for_half_width, minimum_detectable_change
from analytics.scores import (
    SCALES,
    ces,
    csat,
    mean_score,
    merge_histograms,
    nps,
    nps_from_histogram,
    share,
    weighted_nps,
)
from analytics.service_levels import share_within_target
from analytics.serving.spans import spread
from feedback.themes.chance import benjamini_hochberg

bounded = settings(max_examples=80, deadline=None)

counts = st.integers(0, 300)
nps_counts = st.tuples(counts, counts, counts).filter(any)
shares = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def histograms(scale, *, largest=40):
    boxes = SCALES[scale]
    return st.dictionaries(st.integers(boxes.low, boxes.high), st.integers(0, largest), max_size=11)


def answers(scale):
    return st.lists(st.integers(SCALES[scale].low, SCALES[scale].high), max_size=60)


def doubled(hist):
    return {score: 2 * count for score, count in hist.items()}


def nps_of(triple):
    return nps(promoters=triple[0], passives=triple[1], detractors=triple[2])


SCORES = {
    **{scale: lambda hist, scale=scale: csat(hist, scale) for scale, boxes in SCALES.items() if boxes.kind == "csat"},
    **{scale: lambda hist, scale=scale: ces(hist, scale) for scale, boxes in SCALES.items() if boxes.kind == "ces"},
    "nps": nps_from_histogram,
}


@pytest.mark.parametrize("scale", SCORES)
@bounded
@given(data=st.data())
def test_merged_days_give_the_score_of_the_raw_answers_in_any_order(scale, data):
    days = data.draw(st.lists(answers(scale), max_size=5))
    whole = [score for day in reversed(days) for score in reversed(day)]
    merged = merge_histograms(Counter(day) for day in days)
    assert SCORES[scale](merged) == SCORES[scale](Counter(whole))
    assert mean_score(merged, scale) == mean_score(Counter(whole), scale)


@pytest.mark.parametrize("scale", SCORES)
@bounded
@given(data=st.data())
def test_interval_contains_the_value(scale, data):
    hist = data.draw(histograms(scale))
    mean = mean_score(hist, scale)
    for score in (SCORES[scale](hist), mean):
        if score.lo is not None:
            assert score.lo <= score.value <= score.hi
    if mean.lo is not None:
        assert SCALES[scale].low <= mean.lo <= mean.hi <= SCALES[scale].high


@pytest.mark.parametrize("scale", SCORES)
@bounded
@given(data=st.data())
def test_doubling_every_count_keeps_the_score_and_narrows_the_interval(scale, data):
    hist = data.draw(histograms(scale).filter(lambda hist: sum(hist.values())))
    once, twice = SCORES[scale](hist), SCORES[scale](doubled(hist))
    assert twice.value == once.value
    assert twice.hi - twice.lo < once.hi - once.lo


@pytest.mark.parametrize("scale", SCORES)
def test_no_answers_is_none_and_not_zero(scale):
    score = SCORES[scale]({})
    assert (score.n, score.value, score.lo, score.hi) == (0, None, None, None)
    assert mean_score({}, scale).index100 is None


@pytest.mark.parametrize("scale", SCORES)
def test_score_outside_its_scale_is_refused(scale):
    for outside in (SCALES[scale].low - 1, SCALES[scale].high + 1):
        with pytest.raises(ValueError, match="outside"):
            SCORES[scale]({outside: 1})


@pytest.mark.parametrize("scale", ["ces_7", "nps"])
def test_csat_refuses_a_scale_of_another_kind(scale):
    with pytest.raises(ValueError, match="not a csat scale"):
        csat({5: 1}, scale)


@bounded
@given(nps_counts)
def test_swapping_promoters_and_detractors_mirrors_the_nps(triple):
    score, mirrored = nps_of(triple), nps_of(triple[::-1])
    assert mirrored.value == -score.value
    assert (mirrored.lo, mirrored.hi) == pytest.approx((-score.hi, -score.lo), abs=1e-9)


@bounded
@given(nps_counts)
def test_a_passive_moves_the_nps_towards_zero(triple):
    promoters, passives, detractors = triple
    before, after = nps_of(triple), nps_of((promoters, passives + 1, detractors))
    assert abs(after.value) < abs(before.value) or before.value == after.value == 0


@bounded
@given(nps_counts, st.integers(1, 9))
def test_equal_weights_leave_the_nps_as_it_is(triple, weight):
    values = [1] * triple[0] + [0] * triple[1] + [-1] * triple[2]
    weighted, plain = weighted_nps(values, [weight] * len(values)), nps_of(triple)
    assert (weighted.value, weighted.lo, weighted.hi) == pytest.approx((plain.value, plain.lo, plain.hi))
    assert weighted.n_eff == pytest.approx(plain.n)


def test_one_heavy_customer_hides_the_weighted_nps():
    assert weighted_nps([1] * 40, [1000.0] + [1.0] * 39).state == "hidden"


@bounded
@given(histograms("ces_7"))
def test_reversed_wording_gives_the_same_ces(hist):
    assert ces({8 - score: count for score, count in hist.items()}, "ces_7", reverse=True) == ces(hist, "ces_7")


@bounded
@given(shares, shares)
def test_share_change_is_antisymmetric_and_its_interval_contains_it(first, second):
    there, back = share_change(share(*first), share(*second)), share_change(share(*second), share(*first))
    assert there.lo <= there.diff <= there.hi
    assert (back.diff, back.lo, back.hi, back.p) == pytest.approx((-there.diff, -there.hi, -there.lo, there.p))


@bounded
@given(nps_counts, nps_counts)
def test_nps_change_is_antisymmetric_and_significant_when_its_interval_leaves_zero(first, second):
    there, back = nps_change(nps_of(first), nps_of(second)), nps_change(nps_of(second), nps_of(first))
    assert (back.diff, back.z, back.p) == pytest.approx((-there.diff, -there.z, there.p))
    assert (there.p < 0.05) == (there.lo > 0 or there.hi < 0)


@bounded
@given(histograms("csat_5"), histograms("csat_5"))
def test_mean_change_is_antisymmetric_and_significant_when_its_interval_leaves_zero(first, second):
    there = mean_change(mean_score(first, "csat_5"), mean_score(second, "csat_5"))
    back = mean_change(mean_score(second, "csat_5"), mean_score(first, "csat_5"))
    assume(there is not None and there.p is not None)
    assert (back.diff, back.t, back.p) == pytest.approx((-there.diff, -there.t, there.p))
    assert (there.p < 0.05) == (there.lo > 0 or there.hi < 0)


def test_means_without_spread_have_no_test():
    found = mean_change(mean_score({5: 40}, "csat_5"), mean_score({4: 40}, "csat_5"))
    assert (found.diff, found.p) == (1, None)


def test_a_side_without_answers_has_no_change():
    assert share_change(share(3, 4), share(0, 0)) is None
    assert nps_change(nps_of((0, 0, 0)), nps_of((3, 2, 1))) is None
    assert mean_change(mean_score({}, "csat_5"), mean_score({5: 2}, "csat_5")) is None


@pytest.mark.parametrize(
    "other", [csat({3: 9}, "csat_3"), nps_of((5, 3, 1)), mean_score({3: 9}, "csat_5")], ids=["scale", "nps", "mean"]
)
def test_different_scores_are_never_compared(other):
    with pytest.raises(ValueError, match="compared"):
        change(csat({5: 9}, "csat_5"), other)


# The first two hold two equally likely tables whose floating weights differ.
@example((1, 6), (9, 11))
@example((1, 7), (8, 14))
@bounded
@given(shares, shares)
def test_fisher_equals_the_sum_over_all_tables(first, second):
    (x1, n1), (x2, n2) = first, second
    hits = x1 + x2
    tables = {k: math.comb(n1, k) * math.comb(n2, hits - k) for k in range(max(0, hits - n2), min(n1, hits) + 1)}
    exact = Fraction(sum(w for w in tables.values() if w <= tables[x1]), sum(tables.values()))
    assert fisher_exact(x1=x1, n1=n1, x2=x2, n2=n2) == pytest.approx(float(exact), rel=1e-12)


@bounded
@given(st.lists(st.floats(0, 1), max_size=20), st.randoms(use_true_random=False))
def test_adjusted_p_values_keep_order_never_fall_below_the_raw_and_ignore_row_order(p_values, random):
    adjusted = benjamini_hochberg(p_values)
    assert all(raw <= found <= 1 for raw, found in zip(p_values, adjusted, strict=True))
    pairs = sorted(zip(p_values, adjusted, strict=True))
    assert [found for _, found in pairs] == sorted(adjusted)
    shuffled = random.sample(range(len(p_values)), len(p_values))
    assert benjamini_hochberg([p_values[i] for i in shuffled]) == [adjusted[i] for i in shuffled]


@bounded
@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=12))
def test_an_arrow_needs_enough_answers_and_a_large_enough_proven_change(rows):
    changes = {i: share_change(share(*now), share(*before)) for i, (now, before) in enumerate(rows)}
    for i, flag in flag_changes(changes).items():
        found = changes[i]
        assert (flag.direction is None) == (min(found.n_now, found.n_before) < 30)
        if flag.direction in ("up", "down"):
            assert flag.p_adj <= 0.05 and abs(found.diff) >= 0.02
            assert (flag.direction == "up") == (found.diff > 0)


def test_exactly_two_points_are_enough_for_an_arrow():
    # 0.82 - 0.8 in floats is below 0.02.
    found = share_change(share(82_000, 100_000), share(80_000, 100_000))
    assert flag_changes({"all": found})["all"].direction == "up"


@pytest.mark.parametrize(("promoters", "expected"), [(530_000, "up"), (528_000, "same")])
def test_nps_arrow_starts_at_five_points(promoters, expected):
    found = nps_change(nps_of((promoters, 0, 1_000_000 - promoters)), nps_of((505_000, 0, 495_000)))
    assert flag_changes({"all": found})["all"].direction == expected


@pytest.mark.parametrize(("fives", "expected"), [(540_000, "up"), (539_000, "same")])
def test_mean_arrow_starts_at_a_fiftieth_of_the_scale(fives, expected):
    now = mean_score({5: fives, 3: 1_000_000 - fives}, "csat_5")
    found = mean_change(now, mean_score({5: 500_000, 3: 500_000}, "csat_5"))
    assert flag_changes({"all": found})["all"].direction == expected


@pytest.mark.parametrize(
    ("df", "p_value"),
    [(1, lambda t: 1 - 2 * math.atan(t) / math.pi), (2, lambda t: 1 - t / math.sqrt(2 + t * t))],
)
@bounded
@given(t=st.floats(0.01, 50))
def test_student_t_equals_its_closed_forms(df, p_value, t):
    assert student_t_p_value(t, df) == pytest.approx(p_value(t), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("df", "t"), [(100, 1.98397151852355229), (4999, 1.96043864666152490)])
def test_critical_t_of_many_degrees_of_freedom(df, t):
    assert critical_t(df, 0.95) == pytest.approx(t, rel=1e-12)


@bounded
@given(st.floats(1, 1e6), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_critical_t_has_the_asked_tail(df, conf):
    assert student_t_p_value(critical_t(df, conf), df) == pytest.approx(1 - conf, rel=1e-9)


@bounded
@given(st.floats(0, 1), st.floats(0.01, 0.4))
def test_sample_size_is_the_first_that_is_enough(p, half_width):
    n = answers_for_half_width(p, half_width)
    assert wilson_half_width(p, n) <= half_width
    assert n == 1 or wilson_half_width(p, n - 1) > half_width


@bounded
@given(st.integers(0, 1000), st.integers(5, 2000), st.integers(5, 2000), st.sampled_from([-1, 1]))
def test_more_answers_detect_a_smaller_change_unless_clustering_eats_them(per_mille, n0, n1, sign):
    p = per_mille / 1000
    change_seen = minimum_detectable_change(p=p, n0=n0, n1=n1, sign=sign)
    assume(change_seen is not None)
    assert 0 < change_seen <= (1 - p if sign == 1 else p)
    assert minimum_detectable_change(p=p, n0=4 * n0, n1=4 * n1, sign=sign) < change_seen
    clustered = minimum_detectable_change(p=p, n0=3 * n0, n1=3 * n1, sign=sign, deff=3)
    assert clustered == pytest.approx(change_seen, rel=1e-9)


@bounded
@given(st.lists(st.floats(0, 3e7).filter(lambda x: x == 0 or x > 1e-3), min_size=30, max_size=80))
def test_percentiles_of_counts_are_within_one_percent_of_the_ranked_duration(durations):
    told, exact = spread(Counter(bucket(x) for x in durations)), sorted(durations)
    for found, q in ((told.half, 0.5), (told.nine, 0.9), (told.most, 0.95)):
        ranked = exact[math.ceil(round(q * len(exact), 9)) - 1]
        assert found.value == pytest.approx(ranked, rel=0.01 + 1e-9, abs=0)


def test_percentiles_of_nothing_are_none_and_zero_has_its_own_bucket():
    assert spread({}).half.value is None
    assert bucket(0) == bucket(-1) == bucket(5e-324) == ZERO_BUCKET < bucket(1e-6)


times = st.integers(0, 5000)


@bounded
@given(st.lists(st.tuples(times, st.none() | times), max_size=30), st.integers(0, 3000))
def test_service_level_counts_every_item_once_and_never_gains_by_silence(pairs, target):
    items = [(created, None if wait is None else created + wait) for created, wait in pairs]
    result = share_within_target(items, target=target, as_of=5000)
    assert result.met + result.missed + result.pending == len(items)
    silent = share_within_target([(created, None) for created, _ in items], target=target, as_of=5000)
    assert silent.met == 0 and silent.missed + silent.pending == len(items)
