"""Histograms as they lie in one column: they come back whole, alone and as sums, whichever way they are written."""

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.models import DurationDay
from analytics.quantiles import ZERO_BUCKET
from analytics.stored import histograms, packed, unpacked
from tests.analytics.rows import keep

KEYS = st.one_of(st.just(ZERO_BUCKET), st.integers(-40, 60), st.integers(0, 900))
HISTS = st.dictionaries(KEYS, st.integers(1, 2**31 - 1), max_size=90)
DENSE = {key: 1 + key % 7 for key in range(200, 260)}


@given(st.lists(HISTS, max_size=4))
def test_what_is_packed_adds_up(hists: list[dict[int, int]]) -> None:
    together = Counter[int]()
    for hist in hists:
        assert unpacked(packed(hist)) == hist
        together.update(hist)
    wide = {key: n for key, n in together.items() if n < 2**32}
    if wide == together:
        assert unpacked(" ".join(map(packed, hists))) == together


def test_most_keys_in_a_row_are_lanes() -> None:
    assert packed({205: 3, 206: 1}) == "205:3 206:1"
    assert packed(DENSE | {-3: 2}).startswith("-3:2 200#")
    assert "#" not in packed({key * 10: 1 for key in range(50)})


@pytest.mark.django_db
@pytest.mark.database
def test_rows_add_up_by_column() -> None:
    today = dt.date(2026, 11, 18)
    for day in (today, today - dt.timedelta(days=1)):
        keep(DurationDay, day, {(None, "phone", "wait", key): n for key, n in DENSE.items()})
        keep(DurationDay, day, {(None, "chat", "wait", 7): 2, (None, "chat", "handle", 7): 1})
    found = histograms(DurationDay.objects.filter(span="wait"), "channel")
    assert found == {("phone",): {key: 2 * n for key, n in DENSE.items()}, ("chat",): {7: 4}}
    assert histograms(DurationDay.objects.filter(day=today, span="wait"), "day", "channel") == {
        (today, "phone"): DENSE, (today, "chat"): {7: 2},
    }  # fmt: skip
