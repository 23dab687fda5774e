"""Scanners and people on the same links: what counts in the end is what people meant."""

from collections.abc import Sequence

import pytest

from surveys.models import Survey
from tests.scanners import tally
from tests.scanners.table import PERSONS, SCANNERS, Actor

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SEEDS, MANY_SEEDS = 5, 200
NAMES = [scanner[0].name for scanner in SCANNERS]


def test_the_table_is_as_large_as_promised() -> None:
    assert len(SCANNERS) >= 14 and len(PERSONS) >= 7
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("scanner", SCANNERS, ids=NAMES)
def test_what_counts_is_what_people_meant(survey: Survey, scanner: Sequence[Actor]) -> None:
    pairs = tally.play_all(survey, scanner, seeds=SEEDS)
    assert tally.failings(pairs) == [], tally.table(pairs)
