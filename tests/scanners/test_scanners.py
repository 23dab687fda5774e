"""Scanners and people on the same links: what counts in the end is what people meant."""

import os
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction

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
def test_what_counts_is_what_people_meant(survey: Survey, scanner: Sequence[Actor]) -> None:
    pairs = tally.play_all(survey, scanner, seeds=SEEDS)
    assert tally.failings(pairs) == [], tally.table(pairs)


@pytest.mark.e2e
@pytest.mark.campaign
def test_two_hundred_seeds_of_everything(survey: Survey, capsys: Any) -> None:
    """Prints the table of docs/evidence.md."""
    pairs: list[tally.Pair] = []
    for scanner in SCANNERS:
        with transaction.atomic():
            pairs += tally.play_all(survey, scanner, seeds=MANY_SEEDS)
            with capsys.disabled():
                print(f"{tally.summary(pairs[-len(PERSONS) :])}\n{tally.table(pairs[-len(PERSONS) :])}")  # noqa: T201
            transaction.set_rollback(True)  # the next scanner's mail domain is another company's
    with capsys.disabled():
        print(f"\n{MANY_SEEDS} seeds a pair\n{tally.table(pairs)}\n{tally.summary(pairs)}")  # noqa: T201
    assert tally.failings(pairs) == []
