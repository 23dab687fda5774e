"""Pages read the narrowest counts that tell what they ask, and never fewer columns than they need."""

import datetime as dt
from collections import Counter

import pytest

from analytics import cuts
from analytics.models import AskedDay, CommentDay, ScoreDay
from analytics.periods import Period
from analytics.reports import Filters
from ground.access import EVERYTHING

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 5)


def cut_of(rows) -> str:
    return rows.query.where.children[0].rhs


@pytest.mark.parametrize(("needed", "cut"), [
    ((), "whole"), (("evidence",), "whole"), (("team",), "teams"), (("channel",), "channels"), (("survey",), "surveys"),
    (("team", "channel"), ""),
])  # fmt: skip
def test_the_narrowest_has_what_is_needed(needed: tuple[str, ...], cut: str) -> None:
    assert cut_of(cuts.narrowest(ScoreDay, needed)) == cut


def test_what_has_no_cut_for_a_question_is_read_whole() -> None:
    assert cut_of(cuts.narrowest(AskedDay, ())) == "surveys"
    assert cut_of(cuts.narrowest(CommentDay, ("team", "survey"))) == ""


def test_a_team_reads_counts_that_tell_teams_apart(team, manager) -> None:
    period = Period(DAY, DAY)
    assert cut_of(Filters(scope=EVERYTHING, period=period).counts(ScoreDay)) == "whole"
    assert cut_of(Filters(scope=EVERYTHING, period=period, team=team.pk).counts(ScoreDay)) == "teams"


def test_cuts_sum_over_what_they_leave_out() -> None:
    counts = Counter({(1, "nps", 7, "phone", 9): 2, (2, "nps", 7, "chat", 9): 3, (1, "nps", 8, "phone", 9): 4})
    key = ("survey", "scale", "team", "channel", "score")
    found = cuts.with_cuts(ScoreDay, key, counts)
    assert found["whole", None, "nps", None, "", 9] == 9
    assert found["teams", None, "nps", 7, "", 9] == 5
    assert found["channels", None, "nps", None, "phone", 9] == 6
    assert found["", 2, "nps", 7, "chat", 9] == 3
    assert found["surveys", 1, "nps", None, "", 9] == 6
    assert found.total() == 5 * 9
