"""Laws of probabilities, intervals and scores, whatever the counts; slow definitions check quick ones."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.distributions import beta_cdf, beta_quantile, binomial_cdf, gamma_cdf, gamma_quantile
from analytics.distributions import negative_binomial_tail as tail
from analytics.intervals import count_interval, exact_share_interval, wilson_interval
from analytics.linear import inverse
from analytics.nonresponse import Stratum, bounds, is_skipped_often, skipped, weighted_share
from analytics.repeated_answers import clustered_share, needs_clusters

bounded = settings(max_examples=40, deadline=None)
parts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
strata = st.lists(
    st.builds(
        lambda part, silent: Stratum(invited=part[0] + silent, answered=part[0], satisfied=part[1]),
        parts,
        st.integers(0, 200),
    ),
    min_size=1,
    max_size=6,
)


# Distributions


@bounded
@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 99))
def test_binomial_probabilities_are_the_sum_of_their_terms(k, n, percent):
    p = Fraction(percent, 100)
    exact = sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(min(k, n) + 1))
    assert binomial_cdf(k, n, percent / 100) == pytest.approx(float(exact), rel=1e-11)


@bounded
@given(st.floats(0.001, 0.999), st.floats(0.5, 400), st.floats(0.5, 400))
def test_quantiles_undo_probabilities(p, a, b):
    assert beta_cdf(beta_quantile(p, a, b), a, b) == pytest.approx(p, rel=1e-9)
    assert gamma_cdf(gamma_quantile(p, a), a) == pytest.approx(p, rel=1e-9)


@bounded
@given(st.integers(0, 30), st.floats(0.1, 40))
def test_poisson_is_a_gamma_and_the_limit_of_the_negative_binomial(c, mean):
    assert tail(c, mean=mean, variance=mean) == pytest.approx(gamma_cdf(mean, c) if c else 1.0, rel=1e-9)
    assert tail(c, mean=mean, variance=mean * 1.0000001) == pytest.approx(tail(c, mean=mean, variance=mean), rel=1e-4)
    assert tail(c + 1, mean=mean, variance=2 * mean) <= tail(c, mean=mean, variance=2 * mean) <= 1


@bounded
@given(st.integers(0, 300), st.floats(0.5, 50))
def test_intervals_of_counts_hold_the_rate_and_narrow_with_more_of_them(k, exposure):
    lo, hi = count_interval(k, exposure)
    assert lo <= k / exposure <= hi
    twice = count_interval(2 * k, 2 * exposure)
    assert twice.hi - twice.lo < hi - lo


@bounded
@given(parts)
def test_the_exact_interval_of_a_share_is_wider_than_wilson_and_mirrors(part):
    n, x = part
    lo, hi = exact_share_interval(x, n)
    assert lo <= x / n <= hi
    mirrored = exact_share_interval(n - x, n)
    assert (1 - hi, 1 - lo) == pytest.approx(tuple(mirrored), abs=1e-9)
    wilson = wilson_interval(x, n)
    assert hi - lo >= (wilson.hi - wilson.lo) - 0.02


@bounded
@given(st.lists(st.lists(st.integers(-9, 9), min_size=4, max_size=4), min_size=4, max_size=4))
def test_an_inverse_undoes_its_matrix(matrix):
    found = inverse(matrix)
    assume(found is not None)
    for row in range(4):
        for column in range(4):
            product = math.fsum(matrix[row][k] * found[k][column] for k in range(4))
            assert product == pytest.approx(float(row == column), abs=1e-7)


# Answers


@bounded
@given(strata, st.randoms(use_true_random=False))
def test_weighting_ignores_order_and_its_interval_narrows(found, random):
    once = weighted_share(found)
    assert once.lo <= once.weighted <= once.hi
    shuffled = weighted_share(random.sample(found, len(found)))
    assert (shuffled.weighted, shuffled.n_eff) == pytest.approx((once.weighted, once.n_eff))
    assert once.n_eff <= sum(part.answered for part in found) + 1e-9


@bounded
@given(st.lists(parts, min_size=1, max_size=6))
def test_equal_response_rates_leave_the_score_as_it_is(found):
    equal = weighted_share([Stratum(invited=4 * n, answered=n, satisfied=x) for n, x in found])
    assert equal.weighted == pytest.approx(equal.unweighted) and not equal.needs_note
    n, x = sum(part[0] for part in found), sum(part[1] for part in found)
    worst = bounds(satisfied=x, answered=n, invited=4 * n)
    assert worst.lo <= x / n <= worst.hi


def test_small_strata_are_joined_and_heavy_ones_capped():
    small = [Stratum(invited=500, answered=2, satisfied=0), Stratum(invited=10, answered=4, satisfied=4)]
    large = Stratum(invited=100, answered=100, satisfied=80)
    joined = Stratum(invited=510, answered=6, satisfied=4)
    assert weighted_share([*small, large]) == weighted_share([joined, large])
    # The joined stratum has 84 percent of the invited and 6 percent of the answers: a weight of 14, cut to 5.
    light = 100 / 610 / (100 / 106)
    capped = (5 * 4 + light * 80) / (5 * 6 + light * 100)
    assert weighted_share([joined, large]).weighted == pytest.approx(capped)
    assert weighted_share([]).weighted is None


def test_not_applicable_is_no_skip():
    assert skipped(saw=100, answered=60, not_applicable=20).value == 0.25
    assert is_skipped_often(skipped(saw=100, answered=60, not_applicable=20))
    assert not is_skipped_often(skipped(saw=0, answered=0))


@bounded
@given(st.lists(st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=30))
def test_one_answer_each_is_nearly_the_plain_share_and_alike_answers_count_for_fewer(customers):
    found = clustered_share(customers)
    assert found.lo <= found.value <= found.hi and found.n_eff <= found.n
    assert clustered_share(customers[::-1]).se == pytest.approx(found.se)
    alike = clustered_share([(4 * n, 4 * x) for n, x in customers])
    assert alike.value == pytest.approx(found.value) and alike.n_eff <= found.n_eff * 4 + 1e-9


def test_when_customers_repeat_themselves():
    assert needs_clusters(answers=121, customers=100) and not needs_clusters(answers=120, customers=100)
    assert clustered_share([]).value is None
    assert clustered_share([(3, 2)]).n_eff == 1
