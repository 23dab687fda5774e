"""Rows of everything with markup in every text, and every address that shows a page of them."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.contrib.admin.models import LogEntry
from django.urls import resolve
from django.utils import timezone

from analytics import rollups
from feedback.ideas import acts
from feedback.models import (
    Answer,
    Check,
    Comment,
    LearnedModel,
    MutedPhrase,
    Sealed,
    Touch,
)
from ground.models import (
    ColumnMapping,
    IdempotencyRecord,
    InboundMail,
    Job,
    Membership,
    NoticeTarget,
    Pulse,
    Role,
    Session,
    Team,
    User,
)
from surveys import links
from surveys.models import Invitation, Link, Survey, WidgetShow
from surveys.starters import CSAT, start_survey
from tests import conftest, two_teams
from tests.feedback.test_gets_change_nothing import paths
from tests.hostile import spoiling
from tests.hostile import world as public
from tests.two_teams import Whole, World

RECORD = Path(__file__).parents[1] / "access.txt"


class Spoilt:
    """One team's rows and those of the whole, each text of them a payload, and an administrator who looks at them."""

    def __init__(self, payloads: list[str]) -> None:
        conftest.make_organisation()
        survey = start_survey(CSAT, code="support", name="CSAT")
        self.team = World(Team.objects.create(code="a", name="A"), "ourword", survey)
        self.whole = Whole(survey, self.team.customer).keys()
        self.boss = User.objects.create_user("boss@example.org", name="Boss", language="en")
        Membership.objects.create(user=self.boss, team=None, role=Role.ADMINISTRATOR)
        self.public = public.make_world(self.team.team)
        self.more(survey)
        self.empty = spoiling.spoil(payloads)
        while rollups.roll_up():
            pass

    def more(self, survey: Survey) -> None:
        """A row of what the two-team tests do without."""
        now, day = timezone.now(), dt.timedelta(days=1)
        comment = Comment.objects.filter(source="review")[0]
        response, invitation = self.team.of("feedback/response"), self.team.of("surveys/invitation")
        question = survey.versions.get().questions.first()
        Answer.objects.create(response=response, question=question, item="x", value=1)
        Check.objects.create(user=self.boss, comment=comment, lane="doubt", until=now + day)
        self.step = acts.split([comment], by=self.boss)
        LearnedModel.objects.create(scheme="topic", weights=b"", manifest={"comments": 9}, error="x")
        MutedPhrase.objects.create(phrase="xx", words="x", author=self.boss)
        Sealed.objects.create(version=survey.versions.get(), evidence="confirmed", text="x", texts={"why": "x"})
        Touch.objects.create(invitation=invitation, header_class="x", prefix_hash="x", agent_hash="x")
        ColumnMapping.objects.create(kind="interactions", source="x", columns={"external_id": "x"})
        IdempotencyRecord.objects.create(caller="x", key="x", fingerprint="x", status=200, body={})
        InboundMail.objects.create(mailbox="x", uid="1", raw=b"x", quarantined_at=now)
        tagging = {"act": "tag_on", "value": 1, "name": "x", "ids": [comment.pk], "seen": 0, "newest": 0}
        for kind, params in (("import", {"kind": "interactions", "table": "x.rows"}), ("bulk_comments", tagging)):
            Job.objects.create(kind=kind, author=self.boss, params=params, total=1, error="x", quarantined_at=now)
        LogEntry.objects.create(user=self.boss, object_repr="x", action_flag=1, change_message="x")
        NoticeTarget.objects.create(user=self.boss, kind="webhook", address="x", secret="x", error="x", failed_at=now)
        NoticeTarget.objects.create(kind="webhook", address="x", secret="x", error="x", failed_at=now)
        Pulse.beat("x")
        Session.objects.create(user=self.boss, session_key="x", expire_date=now + day, program="x", address="x")
        WidgetShow.objects.create(link=Link.objects.filter(kind="widget")[0], visitor="x")

    def addresses(self, *, every_way: bool = False) -> list[str]:
        """Every page of the desk, with one row of each kind; and `every_way` in which lists are searched."""
        known = self.whole | self.team.keys() | {"ground/user": [self.boss.pk]}
        found = [*two_teams.walk({kind: keys[:1] for kind, keys in known.items()}), *self.others()]
        if every_way:
            found += [way for page in two_teams.lists() if page.count("/") == 4 for way in two_teams.ways(page)]
        return list(dict.fromkeys(found))

    def others(self) -> list[str]:
        """What says something back that was asked, or shows more than the bare address does."""
        said, idea = "%22%3E%3Csvg%20xssmark%20onload=alert(1)%3E", self.step.into_id if self.step else 0
        return [
            f"/admin/feedback/comment/?q={said}", f"/admin/surveys/customer/?q={said}",
            "/admin/feedback/theme/?days=28", "/admin/surveys/invitation/unsettled/?state=failed",
            f"/admin/feedback/idea/{idea}/change/?step={self.step.pk if self.step else 0}",
            f"/admin/surveys/decision/ledger/?customer={self.team.customer.pk}",
            f"/admin/surveys/link/print/?link={Link.objects.all()[0].pk}",
            "/admin/feedback/response/review/?state=decided", f"/admin/login/?next={said}", f"/admin/nothing/{said}/",
        ]  # fmt: skip

    def opened_by_anybody(self) -> list[str]:
        """The pages of customers, one of them with an answer that can be changed."""
        kept = {"r": self.public.token(), "u": self.public.stop, "m": self.public.own, "q": self.public.qr,
                "t": self.public.template, "w": self.public.widget}  # fmt: skip
        answered = Invitation.objects.exclude(answered_at=None)
        said = "/r/%22%3E%3Csvg%20xssmark%20onload=alert(1)%3E"
        return [
            *paths(kept, self.public.trial), *(f"/r/{links.token(one, links.ANSWER)}" for one in answered),
            f"/r/{self.public.token()}?score=1", "/brand/x.png", "/healthz", "/readyz", said,
        ]  # fmt: skip


def routes(addresses: list[str]) -> set[str]:
    """The routes that lead to these addresses."""
    return {resolve(address.partition("?")[0]).route for address in addresses}


def recorded(role: Any) -> set[str]:
    """The routes of the desk that a role may open, from the record of who gets in where."""
    lines = [line.split(" | ") for line in RECORD.read_text(encoding="utf-8").splitlines()]
    found = {path for path, *ways in lines if any(way.startswith("GET ") and role in way for way in ways)}
    # Pages of one room stand twice: the admin's own route is behind ours, which takes its addresses.
    return {path.replace("/^", "/") for path in found if "app_label" not in path}
