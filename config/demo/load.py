"""Tell the demo's history through the doors that real traffic uses, each at its own moment."""

import datetime as dt
import json
import random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics import rollups
from analytics.models import ServiceLevel
from analytics.staying import counting
from analytics.watch import nightly
from config.demo import (
    asking_more,
    coming_back,
    effort,
    followups,
    holding,
    judging,
    noted,
    people,
    returns,
    served,
    topics,
    traffic,
    ways,
    wishes,
)
from config.demo.traffic import Contact, Voices
from feedback import intake
from feedback.intake import Given, Said
from feedback.models import Comment, Response
from ground import jobs
from ground.models import Team, reporting_day
from surveys import channels, deciding, interactions, links, sending
from surveys.deciding import Rules
from surveys.models import AskingPolicy, Interaction, Invitation, Message, Segment, SendingRule
from surveys.starters import CSAT, NPS, start_survey

SEED, CUSTOMERS = 20260401, 4000
# How soon somebody has to respond, in minutes, and to solve it, in hours; the first is for all other channels.
LEVELS = {"": (8 * 60, 27), "phone": (5, None), "chat": (5, None), "messenger": (30, 9)}
SOURCE = "demo"
LONG_AGO = dt.date(2020, 1, 1)


def load() -> int:
    """Load everything once; returns the number of contacts told, 0 when the demo was there before."""
    if Interaction.objects.filter(source=SOURCE).exists():
        write_note()
        return 0
    count = _tell_all(random.Random(SEED), timezone.now())
    write_note()
    return count


@transaction.atomic
def _tell_all(dice: random.Random, now: dt.datetime) -> int:
    """All or nothing: a load that was interrupted begins anew."""
    people.make_organisation()
    _prepare()
    effort.ask()
    followups.switch_on()
    customers = people.make_customers(CUSTOMERS, dice)
    told = traffic.contacts(customers, now=now, dice=dice)
    voices, rules = Voices(dice), deciding.active_rules()
    service = random.Random(SEED)
    for contact in told:
        _tell(contact, voices, rules=rules, service=service, now=now)
    for report in served.others(customers, now=now, dice=service, source=SOURCE):
        interactions.take(report)
    intake.add_comments(
        [Said(source=Comment.Source.REVIEW, **review) for review in traffic.reviews(now=now, dice=dice, voices=voices)]  # type: ignore[arg-type]
    )
    wished = wishes.reviews(now=now, dice=random.Random(SEED), voices=voices)
    intake.add_comments([Said(source=Comment.Source.REVIEW, **wish) for wish in wished])  # type: ignore[arg-type]
    returns.hear_back(dice, now=now)
    ways.answer_at_the_desk(ways.make_links(now=now), voices, dice=dice, now=now)
    followups.tell()
    people.make_logins()
    holding.hold_back(now=now)
    judging.judge(dice, now=now)
    coming_back.tell(told, source=SOURCE, now=now)
    noted.put_notes(now=now)
    while rollups.roll_up():
        pass
    if waiting := counting.ask(counting.WHOLE):
        jobs.finish_now(waiting)
    nightly.judge_until(reporting_day(now) - dt.timedelta(days=1))
    return len(told)


def _prepare() -> None:
    """Teams, two surveys and the rules that send them; mail leaves at any hour, for whoever tries it at night."""
    AskingPolicy.objects.create(days=[*range(7)], send_from=dt.time(), send_until=dt.time(), skips_holidays=False)
    for code, name, _share, _channels, _goodness in people.TEAMS:
        Team.objects.get_or_create(code=code, defaults={"name": name})
    topics.make_topics()
    holding.make_calendars()
    for channel, (minutes, hours) in LEVELS.items():
        ServiceLevel.objects.create(channel=channel, minutes=minutes, solved_hours=hours, since=LONG_AGO)
    ServiceLevel.objects.create(minutes=24 * 60, is_for_complaints=True, is_working_time=False, since=LONG_AGO)
    Segment.objects.create(attribute="тариф", name="Тариф")
    support = start_survey(CSAT, code="support", name="CSAT после обращения")
    asking_more.ask_more(support)
    loyalty = start_survey(NPS, code="loyalty", name="NPS, лояльность")
    SendingRule.objects.create(name="После обращения", survey=support, delay_minutes=60)
    teams = Team.objects.filter(code__in=["delivery", "returns"]).order_by("pk")
    SendingRule.objects.create(
        name="Доставка и возвраты",
        survey=loyalty,
        delay_minutes=180,
        priority=10,
        conditions=[{"field": "team", "op": "in", "value": [str(team.pk) for team in teams]}],
    )
    # Left for the reader to try and to switch on.
    SendingRule.objects.create(
        name="Долгие звонки",
        survey=support,
        is_active=False,
        priority=20,
        conditions=[
            {"field": "channel", "op": "equals", "value": "phone"},
            {"field": "duration", "op": "greater", "value": 30},
            {"field": "complaint", "op": "equals", "value": False},
        ],
        delay_minutes=60,
        delay_in_working_hours=True,
        sample_percent=50,
        vip_unsampled=True,
        daily_maximum=40,
    )


def _tell(contact: Contact, voices: Voices, *, rules: Rules, service: random.Random, now: dt.datetime) -> None:
    decision = deciding.receive(_report(contact, service), rules=rules, now=contact.closed).decision
    invitation = decision.planned if decision else None
    if invitation is None or invitation.due_at > now - dt.timedelta(minutes=30):
        return  # not to be asked, or to be asked by a real mail once the workers run
    sent_at = invitation.due_at + dt.timedelta(seconds=2)
    message = Message.objects.create(
        invitation=invitation,
        address=contact.person.told()["email"],
        message_id=channels.message_id(invitation),
        state=Message.State.SENDING,
        created_at=sent_at,
        handed_over_at=sent_at,
    )
    sending.record_accepted(message, at=sent_at)
    answered_at = sent_at + contact.answer_delay
    if contact.answers and answered_at < now:
        _answer(contact, invitation, voices, at=answered_at)


def _answer(contact: Contact, invitation: Invitation, voices: Voices, *, at: dt.datetime) -> None:
    question = invitation.version.score_question()
    assert question is not None and question.scale is not None
    comments = contact.comments and not contact.presumed
    said = voices.text(language=invitation.language, mood=contact.mood, has_waited=contact.has_waited)
    intake.record(
        invitation,
        Given(
            score=traffic.score(contact, question.scale.name),
            text=said if comments else None,
            wants_contact=comments and contact.mood < 0.3,
            evidence=Response.Evidence.PRESUMED if contact.presumed else Response.Evidence.CONFIRMED,
            at=at,
            answers=None if contact.presumed else asking_more.answers(contact),
        ),
    )


def _report(contact: Contact, service: random.Random) -> interactions.Report:
    fields = served.fields(contact, service)
    return interactions.Report(
        source=SOURCE,
        external_id=f"T-{50_000 + contact.number}",
        updated_at=contact.closed,
        customer=contact.person.told(),
        team={"code": contact.team, "name": contact.team_name},
        agent={"external_id": f"{contact.team}-{contact.agent}", "name": contact.agent},
        fields={
            "channel": contact.channel,
            "reason": contact.reason,
            "created_at": contact.began,
            "first_response_at": contact.first_response,
            "resolved_at": contact.closed if contact.is_resolved else None,
            "closed_at": contact.closed,
            "replies": contact.replies,
            "is_resolved": contact.is_resolved,
            "is_complaint": contact.is_complaint,
            **fields,
        },
        events=(("resolved", served.first_solved(contact)),) if "reopened_at" in fields else (),
    )


def write_note() -> None:
    """What `manage.py up` prints at its end: the login and a survey link that nobody has answered."""
    open_one = (
        Invitation.objects.filter(
            state=Invitation.State.SENT, answer_state="none", language="ru", survey__code="support"
        )
        .order_by("-sent_at")
        .first()
    )
    note = {
        "login": people.LOGIN,
        "password": people.PASSWORD,
        "survey_path": links.answer_path(open_one) if open_one else "/",
    }
    (settings.DATA_DIR / "demo.json").write_text(json.dumps(note), encoding="utf-8")
