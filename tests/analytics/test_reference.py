"""Every number agrees with the reference cases, which other libraries computed independently."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.comparisons import (
    benjamini_hochberg,
    fisher_exact,
    flag_changes,
    mean_change,
    nps_change,
    share_change,
)
from analytics.display import display_state, displayed, round_half_away
from analytics.intervals import nps_variance, wilson_interval
from analytics.quantiles import bucket, histogram_quantile
from analytics.sample_size import answers_for_half_width, minimum_detectable_change
from analytics.scores import (
    Nps,
    ces,
    csat,
    funnel,
    mean_score,
    merge_histograms,
    nps,
    nps_from_histogram,
    share,
    weighted_nps,
)
from analytics.service_levels import share_within_target

CASES = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))["cases"]
CASE_COUNT = 267

UNCOVERED = {
    "(constant)",
    "abc",
    "alarms",
    "annualise_churn",
    "anomaly_scores",
    "attainment",
    "business_seconds",
    "change_start",
    "churn_inactivity",
    "churn_period",
    "cluster_prop",
    "cohort_retention",
    "confusion_adjust",
    "day_seconds",
    "did",
    "drivers",
    "eb_shrink",
    "emerging",
    "emerging_flags",
    "erlang_c",
    "fcr",
    "forecast_weekday",
    "funnel_limits",
    "incidents",
    "iso_week",
    "its_level",
    "km_quantile",
    "laney",
    "leave_out_impact",
    "local_day",
    "log_odds_dirichlet",
    "manski",
    "nb_sf",
    "oe_ratio",
    "overdispersion_rho",
    "poisson_ci",
    "poststrat",
    "prob_meets_target",
    "prob_nps_meets",
    "quadrant",
    "quantile7",
    "quantile_ci",
    "rate_ratio",
    "repeat_contacts",
    "requester_wait",
    "rogan_gladen",
    "scorecard",
    "service_level",
    "slot_hours",
    "staffing",
    "std_resid",
    "swot",
    "theil_sen",
    "traffic_light",
    "utc_range",
    "xyz",
}


def hist_of(counts: dict[str, int]) -> dict[int, int]:
    return {int(key): count for key, count in counts.items()}


def fields(result: Any, *names: str, **renamed: str) -> dict[str, Any]:
    pairs = {name: name for name in names} | renamed
    return {shown: getattr(result, name) for shown, name in pairs.items()}


def csat_case(*, hist: dict[str, int], scale: str) -> dict[str, Any]:
    return fields(csat(hist_of(hist), scale), "n", "satisfied", "dissatisfied", "lo", "hi", csat="value")


def mean_case(*, hist: dict[str, int], scale: str) -> dict[str, Any]:
    return fields(mean_score(hist_of(hist), scale), "n", "sd", "lo", "hi", "index100", mean="value")


def ces_case(*, hist: dict[str, int], scale: str, reverse: bool = False) -> dict[str, Any]:
    result = ces(hist_of(hist), scale, reverse=reverse)
    return fields(result, "n", agree="value", agree_lo="lo", agree_hi="hi") | {"mean": result.mean.value}


def round_case(*, num: int, den: int, digits: int, scale: int) -> str:
    return str(round_half_away(num, den, digits=digits, scale=scale))


def nps_fields(result: Nps) -> dict[str, Any]:
    shown = displayed(result.value, unit="points", n=result.n)
    return fields(result, "n", "lo", "hi", nps="value") | {"display": None if shown is None else str(shown)}


def nps_of(counts: list[int]) -> Nps:
    promoters, passives, detractors = counts
    return nps(promoters=promoters, passives=passives, detractors=detractors)


def nps_diff_case(*, a: list[int], b: list[int]) -> dict[str, Any]:
    return fields(nps_change(nps_of(a), nps_of(b)), "diff", "z", "p", "lo", "hi", "se")


def share_diff_case(*, x1: int, n1: int, x2: int, n2: int) -> dict[str, Any]:
    return fields(share_change(share(x1, n1), share(x2, n2)), "diff", "lo", "hi", "p", "method")


def welch_case(*, h1: dict[str, int], h2: dict[str, int]) -> dict[str, Any]:
    result = mean_change(mean_score(hist_of(h1), "csat_5"), mean_score(hist_of(h2), "csat_5"))
    return fields(result, "diff", "t", "df", "p", "lo", "hi")


def flags_case(*, pairs: dict[str, list[int]]) -> dict[str, str | None]:
    changes = {key: share_change(share(x1, n1), share(x2, n2)) for key, (x1, n1, x2, n2) in pairs.items()}
    return {key: flag.direction for key, flag in flag_changes(changes).items()}


def funnel_case(**counts: int) -> dict[str, Any]:
    rates = ("delivery_rate", "start_rate", "response_rate", "response_rate_strict", "completion_rate", "comment_rate")
    return fields(funnel(**counts), "delivered", *rates)


def sla_case(*, items: list[tuple[float, float | None]], target: float, asof: float) -> dict[str, Any]:
    result = share_within_target(items, target=target, as_of=asof)
    return fields(result, "met", "missed", "pending") | fields(result.share, "lo", "hi", share="value")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "bh": lambda *, pvalues: benjamini_hochberg(pvalues),
    "bucket": lambda *, x: bucket(x),
    "ces": ces_case,
    "csat": csat_case,
    "display_state": display_state,
    "fisher": fisher_exact,
    "flag_changes": flags_case,
    "funnel": funnel_case,
    "hist_quantile": lambda *, h, q: histogram_quantile(hist_of(h), q),
    "mde_two_props": minimum_detectable_change,
    "mean_score": mean_case,
    "merge_hist": lambda *, parts: merge_histograms(hist_of(part) for part in parts),
    "n_for_halfwidth": lambda *, p, halfwidth: answers_for_half_width(p, halfwidth),
    "nps": lambda **counts: nps_fields(nps(**counts)),
    "nps_diff": nps_diff_case,
    "nps_from_hist": lambda *, hist: nps_fields(nps_from_histogram(hist_of(hist))),
    "nps_variance": nps_variance,
    "prop_diff": share_diff_case,
    "round_half_away": round_case,
    "sla": sla_case,
    "weighted_nps": lambda **inputs: fields(weighted_nps(**inputs), "n_eff", "lo", "hi", nps="value"),
    "welch": welch_case,
    "wilson": lambda *, x, n, conf=0.95: list(wilson_interval(x, n, conf=conf)),
}


def assert_agrees(found: Any, expected: Any, *, tolerance: float) -> None:
    if isinstance(expected, dict):
        found = {str(key): value for key, value in found.items()}
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_agrees(found[key], value, tolerance=tolerance)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for left, right in zip(found, expected, strict=True):
            assert_agrees(left, right, tolerance=tolerance)
    elif expected is None or isinstance(expected, str):
        assert found == expected
    else:
        assert found is not None
        assert abs(found - expected) <= tolerance * max(1, abs(expected))


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in CASES if c["function"] in FUNCTIONS])
def test_agrees_with_reference(case):
    found = FUNCTIONS[case["function"]](**case["inputs"])
    assert_agrees(found, case["expected"], tolerance=case["tolerance_rel"])


def test_every_reference_function_is_covered_or_listed():
    assert {case["function"] for case in CASES} - set(FUNCTIONS) == UNCOVERED


def test_no_reference_case_was_dropped():
    assert len({case["id"] for case in CASES}) == len(CASES) == CASE_COUNT
