"""Cells of tables: what they say, and that nothing in them is taken for markup."""

import datetime as dt
from typing import Any

import pytest
from django.utils import translation
from django.utils.html import escape

from analytics.blocks import week_row
from analytics.metrics import measure
from analytics.periods import Period
from analytics.reports import Week, week_of
from analytics.scores import share
from analytics.templatetags import cells, numbers
from analytics.wording import Delta

MONDAY = dt.date(2026, 11, 2)
HOSTILE = "<b>&\"'"


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def metric(part: int, whole: int) -> Any:
    return measure({0: share(part, whole)}, as_of=dt.datetime(2026, 11, 18, tzinfo=dt.UTC))[0]


def week(at: int, part: int, whole: int) -> Week:
    start = MONDAY + dt.timedelta(days=7 * at)
    return week_of(Period(start, start + dt.timedelta(days=6)), share(part, whole))


def test_a_share_opens_its_rows_and_those_of_its_n() -> None:
    told = cells.share(metric(30, 40), "?part", "?whole")
    assert told == (
        '<span class="nw"><a class="num" href="?part">75%</a></span> '
        '<small>(60–86), <a class="num" href="?whole">n=40</a></small>'
    )
    assert '<i class="tag">few</i>' in cells.share(metric(5, 8)) and "href" not in cells.share(metric(5, 8))
    assert cells.share(metric(1, 4)) == '<span class="few">too few (under 5)</span>'
    assert cells.share(metric(0, 0)) == cells.share(None) == "—"


def test_a_score_says_why_it_is_not_told() -> None:
    assert cells.scored(metric(30, 40), "?a").startswith('<a class="num" href="?a">75%</a> <small>(60–86), n=40')
    assert "too few (under 5)" in cells.scored(metric(1, 4), "?a")
    assert "no answers" in cells.scored(None, "?a")


def test_the_last_week_may_go_on_and_few_answers_are_not_told() -> None:
    weeks = [week_row(week(at, part, 9 * part), unit="share", href=f"?w={at}") for at, part in enumerate([5, 0, 4])]
    weeks.append(week_row(week(3, 1, 3), unit="share", href="?w=3"))
    told = cells.week_rows(weeks, has_notes=False, goes_on=True, is_cut=False)
    rows = told.split("</tr>")
    assert '<td><a class="num" href="?w=0">45</a></td>' in rows[0] and "so far" not in rows[0]
    assert rows[1].endswith("<td>—</td><td>—</td><td>—</td>")
    assert 'class="is-weak"' not in rows[2] and ">36</a>" in rows[2]
    assert '<a class="num" href="?w=3">&lt; 5</a>' in rows[3] and "so far" in rows[3]
    assert "so far" not in cells.week_rows(weeks, has_notes=True, goes_on=False, is_cut=False)
    assert cells.week_rows(weeks, has_notes=False, goes_on=False, is_cut=True).count("<small>to 29\xa0Nov</small>") == 1


def test_what_people_wrote_is_text() -> None:
    assert cells.options([("team:1", HOSTILE, True), ("2", "B", False)]) == (
        f'<option value="team:1" selected>{escape(HOSTILE)}</option><option value="2">B</option>'
    )
    noted = week_row(week(0, 5, 45), unit="share", href=f"?q={HOSTILE}") | {"notes": [HOSTILE]}
    told = cells.week_rows([noted], has_notes=True, goes_on=False, is_cut=False)
    assert HOSTILE not in told and told.count(escape(HOSTILE)) == 2
    assert HOSTILE not in numbers.how("csat", HOSTILE, HOSTILE)
    change = Delta(text=HOSTILE, look="good", arrow="▲", interval=HOSTILE, spoken=HOSTILE)
    assert numbers.told(change).count(escape(HOSTILE)) == 3
    assert numbers.told(Delta(text="0")) == '<span class="delta same">0</span>'
