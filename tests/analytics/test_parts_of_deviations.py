"""What is told of the whole organisation is not told once more by its teams and channels, whatever was decided."""

import pytest

from analytics import digest
from analytics.models import Incident
from analytics.watch import incidents, nightly, showing, words
from ground.access import EVERYTHING, scope_of
from ground.models import Team, User
from tests.analytics.test_deviations import fallen, morning

__all__ = ["fallen", "morning"]  # fixtures
pytestmark = pytest.mark.django_db
State = Incident.State


def csat(lines: list[dict[str, str]]) -> list[str]:
    """The anchors of what is told of a lower CSAT."""
    return [line["anchor"] for line in lines if line["title"].startswith("CSAT") and line["look"] == "bad"]


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.SNOOZED])
def test_who_looks_after_the_whole_is_not_shown_its_parts(
    fallen: None, team: Team, manager: User, administrator: User, state: str
) -> None:
    nightly.judge_due()
    whole = Incident.objects.get(metric="csat", team=None, channel="", direction="down")
    part = Incident.objects.get(metric="csat", team=team, direction="down")
    assert csat(showing.brief(EVERYTHING)) == [f"#i{whole.pk}"]
    incidents.decide(whole, state, by=administrator)
    assert csat(showing.brief(EVERYTHING)) == []
    # Whoever leads the team alone does not see the whole, nor who leads all and looks at that team.
    assert csat(showing.brief(scope_of(manager))) == csat(showing.brief(EVERYTHING, team=team.pk)) == [f"#i{part.pk}"]
    told = " ".join(line.text for line in digest._incidents(EVERYTHING))
    assert team.name not in told and (words.title(whole) in told) == (state == State.ACKNOWLEDGED)


def test_parts_of_what_is_not_worth_it_stand_for_themselves(fallen: None, team: Team, administrator: User) -> None:
    nightly.judge_due()
    whole = Incident.objects.get(metric="csat", team=None, channel="", direction="down")
    part = Incident.objects.get(metric="csat", team=team, direction="down")
    incidents.decide(whole, State.DISMISSED, by=administrator)
    assert f"#i{part.pk}" in csat(showing.brief(EVERYTHING))
