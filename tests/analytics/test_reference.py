"""Every number agrees with the reference cases, which other libraries computed independently."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.analytics.reference_functions import FUNCTIONS

CASES = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))["cases"]
CASE_COUNT = 267

# Management metrics, M37 to M41: they come with targets, actions and the scorecard.
UNCOVERED = {
    "abc",
    "attainment",
    "did",
    "its_level",
    "prob_meets_target",
    "prob_nps_meets",
    "scorecard",
    "swot",
    "traffic_light",
    "xyz",
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
