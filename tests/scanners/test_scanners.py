"""Scanners and people on the same links: what counts in the end is what people meant."""

import os
from collections.abc import Sequence
from typing import Any

import pytest

from surveys.models import Survey
from tests.scanners import tally
from tests.scanners.table import PERSONS, SCANNERS, Actor

pytestmark = pytest.mark.django_db
SEEDS, MANY_SEEDS = 5, int(os.environ.get("SCANNER_SEEDS", "200"))
NAMES = [scanner[0].name for scanner in SCANNERS]


def test_the_table_is_as_large_as_promised() -> None:
    assert len(SCANNERS) >= 14 and len(PERSONS) >= 7
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("scanner", SCANNERS, ids=NAMES)
@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MANY_SEEDS, marks=[pytest.mark.campaign, pytest.mark.e2e])])
def test_what_counts_is_what_people_meant(survey: Survey, capsys: Any, scanner: Sequence[Actor], seeds: int) -> None:
    """With many seeds it prints the scanner's row of the table in docs/evidence.md."""
    pairs = tally.play_all(survey, scanner, seeds=seeds)
    if seeds == MANY_SEEDS:
        with capsys.disabled():
            print(f"\n{seeds} seeds a pair: {tally.summary(pairs)}\n{tally.table(pairs)}")  # noqa: T201
    assert tally.failings(pairs) == [], tally.table(pairs)
