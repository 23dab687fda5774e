"""Judging again by changed rules: what was opened and posted is kept, so every answer follows."""

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from analytics import rollups
from feedback import evidence, intake, rejudging, reviewing, settlement
from feedback.intake import Given
from feedback.models import Comment, Response, Revision
from ground import jobs
from ground.access import scope_of
from ground.models import Team, User
from surveys import links
from surveys.models import Invitation
from tests.feedback.answering import answer

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]
AGENT = "Mozilla/5.0 (X11; Linux x86_64)"


@pytest.fixture
def early(make_invitation: Make, team: Team) -> Response:
    """Opened ten seconds after the mail, an hour ago."""
    invitation = make_invitation(team=team, sent_at=timezone.now() - dt.timedelta(hours=1, seconds=10))
    with time_machine.travel(timezone.now() - dt.timedelta(hours=1), tick=False):
        Client(headers={"User-Agent": AGENT}).get(links.answer_path(invitation, 4))
    settlement.settle([invitation.pk])
    return Response.objects.get(invitation=invitation)


@pytest.fixture
def young(make_invitation: Make, team: Team) -> Response:
    """Confirmed two hours ago, five seconds after the page came."""
    invitation = make_invitation(team=team)
    answer(Client(headers={"User-Agent": AGENT}), invitation, 2, hours=-2, comment="Долго")
    return Response.objects.get(invitation=invitation)


def rejudge(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("rejudge", json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def changed(told: dict[str, Any]) -> dict[str, int]:
    return {f"{row['old']} {row['new']}": row["count"] for row in told["moves"] if row["old"] != row["new"]}


def test_unchanged_rules_change_nothing(early: Response, young: Response) -> None:
    revisions = Revision.objects.count()
    assert rejudge()["changed"] == 0 and Revision.objects.count() == revisions


def test_an_easier_rule_lets_count_and_a_stricter_one_holds(
    early: Response, young: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "EARLIEST_SECONDS", 5.0)
    monkeypatch.setattr(evidence, "YOUNGEST_PAGE", dt.timedelta(seconds=8))
    assert changed(rejudge(dry_run=True)) == {"unverified presumed": 1, "confirmed held": 1}
    assert Response.objects.get(pk=early.pk).evidence == "unverified"
    assert changed(rejudge()) == {"unverified presumed": 1, "confirmed held": 1}
    early.refresh_from_db()
    young.refresh_from_db()
    assert (early.evidence, early.held_for, early.invitation.answer_state) == ("presumed", "", "presumed")
    assert (young.evidence, young.held_for) == ("held", "young") and not Comment.objects.get().is_counted
    assert changed(rejudge()) == {}
    monkeypatch.undo()
    assert changed(rejudge()) == {"presumed unverified": 1, "held confirmed": 1}
    while rollups.roll_up():
        pass
    assert rollups.verify().differences == ()


def test_a_persons_word_stays(early: Response, manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewing.reject([early.pk], scope=scope_of(manager), by=manager)
    monkeypatch.setattr(evidence, "EARLIEST_SECONDS", 5.0)
    assert changed(rejudge()) == {}


def test_an_answer_that_was_given_elsewhere_stays_beside_an_opened_link(make_invitation: Make, team: Team) -> None:
    invitation = make_invitation(team=team, sent_at=timezone.now() - dt.timedelta(hours=2))
    with time_machine.travel(timezone.now() - dt.timedelta(hours=1), tick=False):
        Client(headers={"User-Agent": AGENT}).get(links.answer_path(invitation, 5))
    settlement.settle([invitation.pk])
    invitation.refresh_from_db()
    assert intake.record(invitation, Given(score=2)).outcome == "changed"
    assert changed(rejudge()) == {}
    response = Response.objects.get()
    assert (response.score, response.evidence) == (2, "confirmed")


def test_one_survey_since_a_day(early: Response, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "EARLIEST_SECONDS", 5.0)
    later = (timezone.now() + dt.timedelta(days=2)).date().isoformat()
    assert rejudge(since=later)["invitations"] == 0
    assert rejudge(survey="support", dry_run=True)["changed"] == 1
    for wrong in ({"survey": "nothing"}, {"since": "12.05.2026"}):
        with pytest.raises(CommandError):
            rejudge(**wrong)


def test_a_job_goes_on_where_it_stopped(
    early: Response, young: Response, manager: User, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudging, "STEP", 1)
    monkeypatch.setattr(evidence, "EARLIEST_SECONDS", 5.0)
    job = jobs.finish_now(rejudging.start(by=manager))
    assert (job.done, job.total, job.result["judged_differently"]) == (2, 2, 1)
    assert jobs.finish_now(rejudging.start(by=outsider)).done == 0


def test_a_table_for_people(early: Response, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "EARLIEST_SECONDS", 5.0)
    out = StringIO()
    call_command("rejudge", stdout=out)
    assert len(out.getvalue().splitlines()) == 2 and "->" in out.getvalue() and "*" in out.getvalue()
