"""Months of a service at random, for counts to be held against: rows late, edited, deleted, moved, relabelled."""

import datetime as dt
import random
from contextlib import suppress
from typing import Any

from analytics import month_sums, rollups
from analytics.models import (
    ServiceLevel,
)
from feedback import intake, later
from feedback.intake import Given
from feedback.models import Comment, Response, Topic
from ground.models import Change, Team
from surveys import bounces, deciding, interactions
from surveys.eligibility import Verdict
from surveys.models import Agent, Interaction, Invitation, Segment, Survey
from tests.analytics.rows import answer, further, invite, mail, say

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


class History:
    """Random writes as a service sees them over months: late, edited, deleted, moved and relabelled rows."""

    def __init__(self, seed: int, *, surveys: list[Survey], teams: list[Team | None], topics: list[Topic]) -> None:
        self.agents = [None, *(Agent.objects.get_or_create(external_id=code)[0] for code in ("a1", "a2"))]
        self.draw = random.Random(seed)
        self.surveys, self.teams, self.topics = surveys, teams, topics
        self.told = 0
        self.reports: list[interactions.Report] = []
        self.acts = [
            self.new_answer, self.new_answer, self.new_comment, self.new_comment, self.edit, self.delete, self.move,
            self.relabel, self.settle, self.some_recount, self.some_recount, self.contact, self.contact, self.contact,
            self.replay,
            self.new_level, self.answer_of_contact, self.answer_of_contact, self.segment,
            self.sent, self.sent, self.came_back, self.told_by_answer, self.decided,
            self.further_answers,
        ]  # fmt: skip

    def step(self) -> None:
        self.draw.choice(self.acts)()

    def one_of(self, rows: Any) -> Any:
        """One of them, or none."""
        key = self.draw.choice([None, *rows.order_by("pk").values_list("pk", flat=True)])
        return rows.get(pk=key) if key else None

    def moment(self) -> dt.datetime:
        return NOON + dt.timedelta(minutes=self.draw.randrange(-4 * 1440, 4 * 1440))

    def new_answer(self) -> None:
        survey = self.draw.choice(self.surveys)
        answer(
            survey,
            self.draw.choice([None, 1, 2, 3, 4, 5]),
            at=self.moment(),
            team=self.draw.choice(self.teams),
            channel=self.draw.choice(["", "phone", "chat"]),
            agent=self.draw.choice(self.agents),
            reason=self.draw.choice(["", "price"]),
            language=self.draw.choice(["ru", "en"]),
            evidence=self.draw.choice(Response.Evidence.values),
        )

    def new_comment(self) -> None:
        say(
            self.draw.choice(["", "positive", "negative", "neutral", "mixed"]),
            at=self.moment(),
            team=self.draw.choice(self.teams),
            source=self.draw.choice(Comment.Source.values),
            survey=self.draw.choice([None, *self.surveys]),
            is_counted=self.draw.random() < 0.8,
            topics=tuple(self.draw.sample(self.topics, self.draw.randrange(3))),
            language=self.draw.choice(["", "ru", "en"]),
            agent=self.draw.choice(self.agents),
        )

    def edit(self) -> None:
        if response := self.one_of(Response.objects):
            later.mark_of([response])
            was, response.answered_at = response.answered_at, self.moment()
            later.mark_of([response])
            response.score = self.draw.choice([1, 5])
            response.save()
            Invitation.objects.filter(pk=response.invitation_id).update(answered_at=response.answered_at)
            Invitation.mark_days([response.invitation_id] if response.invitation_id else [])
            Change.mark("response", was, response.answered_at)
            Change.mark("comment", response.answered_at, *response.comments.values_list("said_at", flat=True))
            response.comments.update(said_at=response.answered_at)

    def delete(self) -> None:
        for scope, rows, column in (("response", Response, "answered_at"), ("comment", Comment, "said_at")):
            if row := self.one_of(rows.objects):
                Change.mark(scope, getattr(row, column))
                about = row if isinstance(row, Response) else row.response
                key = about.invitation_id if about else None
                Invitation.mark_days([key] if key else [])
                if row is about:
                    later.mark_of([row])
                    Change.mark("comment", *Comment.objects.filter(response=row).values_list("said_at", flat=True))
                    Invitation.objects.filter(pk=key).update(answered_at=None, answer_state="none")
                row.delete()

    def move(self) -> None:
        team = self.draw.choice(self.teams)
        if comment := self.one_of(Comment.objects):
            comment.team = team
            comment.save()
            Change.mark("comment", comment.said_at)
        if response := self.one_of(Response.objects):
            Response.objects.filter(pk=response.pk).update(team=team, agent=self.draw.choice(self.agents))
            Change.mark("response", response.answered_at)
            later.mark_of([response])

    def relabel(self) -> None:
        if comment := self.one_of(Comment.objects):
            comment.tone = self.draw.choice(Comment.Tone.values)
            comment.constructive, comment.constructive_confidence = self.draw.random() < 0.5, self.draw.random()
            comment.polarity = self.draw.uniform(-1, 1)
            comment.save()
            comment.topics.all().delete()
            for topic in self.draw.sample(self.topics, self.draw.randrange(3)):
                comment.topics.create(topic=topic, confidence=1)
            Change.mark("comment", comment.said_at)

    def settle(self) -> None:
        if comment := self.one_of(Comment.objects):
            Comment.objects.filter(pk=comment.pk).update(is_counted=not comment.is_counted)
            Change.mark("comment", comment.said_at)

    def contact(self) -> None:
        """One of a few contacts, told of anew: later, moved to another day, answered or solved at last."""
        self.told += 1
        began, team = (
            self.moment() + self.draw.choice([0, 0, 9, 40]) * dt.timedelta(days=1),
            self.draw.choice(self.teams),
        )
        minutes = [self.draw.choice([None, 0, 5, 600, 20_000]) for _ in range(5)]
        responded, solved, closed, reopened, picked_up = (
            began + dt.timedelta(minutes=after) if after else None for after in minutes
        )
        fields = {"created_at": began, "first_response_at": responded, "resolved_at": solved, "closed_at": closed,
                  "reopened_at": reopened, "enqueued_at": self.draw.choice([None, began]), "answered_at": picked_up,
                  "is_abandoned": not picked_up and self.draw.random() < 0.4, "replies": self.draw.randrange(8),
                  "reason": self.draw.choice(["", "delivery"]), "is_resolved": self.draw.choice([None, True, False]),
                  "handle_seconds": self.draw.choice([None, 0, 300]),
                  "requester_wait_seconds": self.draw.choice([None, 0, 4000]),
                  "channel": self.draw.choice(["phone", "chat"]), "is_complaint": self.draw.random() < 0.3,
                  "direction": self.draw.choice(["inbound", "inbound", "outbound"])}  # fmt: skip
        report = interactions.Report(
            source=self.draw.choice(["crm", "crm", "link:1"]),
            external_id=str(self.draw.randrange(6)),
            updated_at=NOON + dt.timedelta(seconds=self.told),
            customer={
                "external_id": self.draw.choice(["Anna", "Boris"]),
                "attributes": {"tariff": self.draw.choice(["gold", 7, None, ["x"]])},
            },
            team={"code": team.code} if team else None,
            agent={"external_id": self.draw.choice(["a1", "a2"])} if self.draw.random() < 0.7 else None,
            fields=fields,
        )
        self.reports.append(report)
        self.replay(report)

    def replay(self, report: interactions.Report | None = None) -> None:
        """A report once more, however old."""
        with suppress(interactions.Refused):  # what was told of it before makes it impossible
            if report or self.reports:
                interactions.take(report or self.draw.choice(self.reports))

    def answer_of_contact(self) -> None:
        if contact := self.one_of(Interaction.objects.filter(invitations=None)):
            survey, at = self.draw.choice(self.surveys), self.moment()
            invitation = invite(survey, interaction=contact, answered_at=at, answer_state="confirmed")
            given = answer(
                survey, self.draw.choice([1, 4, 5]), at=at, invitation=invitation, team=contact.team,
                customer=contact.customer,
            )  # fmt: skip
            later.mark_of([given])

    def segment(self) -> None:
        if not Segment.objects.filter(attribute="tariff").delete()[0]:
            Segment.objects.create(attribute="tariff")
        rollups.mark_segments()

    def sent(self) -> None:
        where = {"channel": self.draw.choice(["phone", "chat"]), "team": self.draw.choice(self.teams)}
        where["agent"] = self.draw.choice(self.agents)
        invite(self.draw.choice(self.surveys), sent_at=self.moment(), **where)

    def came_back(self) -> None:
        if invitation := self.one_of(Invitation.objects):
            bounces.bounced(mail(invitation), status="4.2.2", is_hard=False, source="test")

    def told_by_answer(self) -> None:
        if invitation := self.one_of(Invitation.objects.filter(answer_state="none")):
            evidence = self.draw.choice(Response.Evidence.values)
            text = self.draw.choice([None, "5+", "Быстро"])
            intake.record(invitation, Given(score=self.draw.choice([1, 5]), text=text, evidence=evidence))

    def decided(self) -> None:
        """Somebody is asked, or not, about a contact that may have been decided about before."""
        if contact := self.one_of(Interaction.objects):
            verdict = Verdict(reason=self.draw.choice(["", "no_rule", "staff"]), trace=())
            ordinal = contact.decisions.count() + 1
            deciding.store(contact, rule=None, verdict=verdict, now=self.moment(), closing=1, ordinal=ordinal)

    def further_answers(self) -> None:
        """An answer to all that a survey asks, or another one by its author."""
        known = self.one_of(Invitation.objects.exclude(answer_state="none"))
        where = {"sent_at": self.moment(), "agent": self.draw.choice(self.agents)}
        invitation = known or invite(self.draw.choice(self.surveys), **where)
        given = Given(
            score=self.draw.choice([None, 1, 3, 5]), text=self.draw.choice(["", "Долго"]), proofs=("key",),
            wants_contact=self.draw.choice([None, True]), answers=further(self.draw), is_deliberate=True,
        )  # fmt: skip
        intake.record(invitation, given)

    def new_level(self) -> None:
        since = NOON.date() + dt.timedelta(days=self.draw.randrange(-3, 4))
        ServiceLevel.objects.update_or_create(
            channel=self.draw.choice(["", "phone"]),
            since=since,
            defaults={
                "minutes": self.draw.choice([5, 60]),
                "is_working_time": self.draw.random() < 0.5,
                "solved_hours": self.draw.choice([None, 1, 30]),
            },  # fmt: skip
        )
        rollups.mark_contacts(since)

    def some_recount(self) -> None:
        rollups.roll_up(limit=self.draw.choice([1, 3, 50]))
        month_sums.sum_next(quiet=dt.timedelta(0))
