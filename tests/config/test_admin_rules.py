"""The page of sending rules: conditions without code, one sentence, the order of rules, and the trial."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ground import jobs
from ground.models import Job, Team, User
from surveys import tryout
from surveys.models import Interaction, SendingRule, Survey

pytestmark = pytest.mark.django_db
ADD = "admin:surveys_sendingrule_add"


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


def typed(survey: Survey, *conditions: tuple[str, str, str], **fields: Any) -> dict[str, Any]:
    names, ops, values = zip(*conditions, strict=True) if conditions else ((), (), ())
    known = {
        "name": "Calls", "survey": survey.pk, "is_active": "on", "event": "closed", "repeat": "closing", "priority": 0,
        "delay_minutes": 2, "delay_minutes_unit": 60, "cadence_days": 90, "sample_percent": 100,
        "quota_period": "month",
        "send_through": ["email", ""], "conditions_field": [*names, ""], "conditions_op": [*ops, "equals"],
        "conditions_value": [*values, ""],
    }  # fmt: skip
    return known | fields


def errors(response: Any) -> str:
    return str(response.context["errors"]) if response.context else ""


def rows(response: Any) -> list[str]:
    return response.content.decode().split('<div class="condition')[1:]


def disabled(html: Any) -> list[str]:
    return re.findall(r'<option value="(\w+)"[^>]* disabled>', html if isinstance(html, str) else html.content.decode())


def change(rule: SendingRule) -> str:
    return reverse("admin:surveys_sendingrule_change", args=[rule.pk])


def test_names_are_typed_and_codes_are_kept(desk: Client, survey: Survey, team: Team) -> None:
    posted = desk.post(
        reverse(ADD),
        typed(
            survey,
            ("channel", "in", "Phone, chat"),
            ("team", "equals", team.name),
            ("replies", "greater", "2,5"),
            ("complaint", "equals", "no"),
            ("reason", "set", ""),
            ("attribute:tariff", "in", "gold, silver"),
        ),
    )
    assert posted.status_code == 302, errors(posted)
    rule = SendingRule.objects.get()
    assert rule.conditions == [
        {"field": "channel", "op": "in", "value": ["phone", "chat"]},
        {"field": "team", "op": "equals", "value": str(team.pk)},
        {"field": "replies", "op": "greater", "value": 2.5},
        {"field": "complaint", "op": "equals", "value": False},
        {"field": "reason", "op": "set", "value": ""},
        {"field": "attribute:tariff", "op": "in", "value": ["gold", "silver"]},
    ]
    assert (rule.delay_minutes, rule.send_through, rule.version) == (120, ["email"], 1)


@pytest.mark.parametrize(
    ("condition", "fields", "told"),
    [
        (("replies", "greater", "many"), {}, "Condition 1: “replies”: “many” is not a number."),
        (("channel", "greater", "1"), {}, "cannot be compared"),
        (("reason", "equals", ""), {}, "lacks a value"),
        (("vip", "equals", "perhaps"), {}, "either yes or no"),
        (("channel", "equals", "ru"), {}, "“channel” is never “ru”."),
        (("agent", "not_in", "nobody"), {}, "“agent” is never “nobody”."),
        (("language", "in", "ru, de, pt-BR, немецкий"), {}, "“the customer&#x27;s language” is never “немецкий”."),
        (("reason", "set", ""), {"event": "other"}, "Name the event."),
        (("reason", "set", ""), {"sample_percent": 101}, "At most 100."),
        (("reason", "set", ""), {"sample_by": "channel", "sample_cells": "phone"}, "a share from 0 to 100"),
        (("reason", "set", ""), {"send_through": ["pigeon"]}, "There is no choice"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    desk: Client, survey: Survey, condition: tuple[str, str, str], fields: dict[str, Any], told: str
) -> None:
    page = desk.post(reverse(ADD), typed(survey, condition, **fields))
    assert page.status_code == 200
    assert told in str(page.context["errors"])
    assert not SendingRule.objects.exists()


def test_an_events_name_is_kept_as_programs_may_tell_it(desk: Client, survey: Survey) -> None:
    assert desk.post(reverse(ADD), typed(survey, event="other", event_name="Order-Shipped")).status_code == 302
    assert SendingRule.objects.get().trigger == "order-shipped"


def test_saving_what_was_not_touched_counts_no_version(desk: Client, survey: Survey) -> None:
    data = typed(survey, ("channel", "in", "phone"), sample_by="channel", sample_cells="phone = 50\nchat = 20 %")
    desk.post(reverse(ADD), data)
    rule = SendingRule.objects.get()
    assert rule.sample_cells == {"phone": 50, "chat": 20}
    desk.post(change(rule), data)
    assert SendingRule.objects.get().version == 1
    desk.post(change(rule), data | {"conditions_value": ["chat", ""]})
    assert SendingRule.objects.get().version == 2


def test_a_sentence_says_it_all(desk: Client, survey: Survey, team: Team) -> None:
    rule = SendingRule.objects.create(
        name="Calls", survey=survey, delay_minutes=60, delay_in_working_hours=True, sample_percent=50,
        daily_maximum=20, quota=100, vip_unsampled=True,
        conditions=[{"field": "team", "op": "in", "value": [str(team.pk)]}],
    )  # fmt: skip
    said = desk.get(change(rule)).context["in_words"]
    assert said == (
        f"When an interaction is closed (team is one of {team.name}), the customer is asked “CSAT” 1 hour of working "
        "time later; by e-mail; every second one, important customers always; at most 20 a day, until there are 100 "
        "answers a month."
    )
    assert said in desk.get(reverse("admin:surveys_sendingrule_changelist")).content.decode()


def test_a_survey_at_regular_intervals_has_customers_alone(desk: Client, nps_survey: Survey) -> None:
    Survey.objects.filter(pk=nps_survey.pk).update(kind=Survey.Kind.RELATIONAL)
    refused = desk.post(reverse(ADD), typed(nps_survey, ("channel", "equals", "phone")))
    assert "has no interaction" in str(refused.context["errors"])
    desk.post(reverse(ADD), typed(nps_survey, ("customer:segment", "equals", "b2b"), cadence_days=30))
    said = desk.get(change(SendingRule.objects.get())).context["in_words"]
    assert said == "Customers with segment is b2b are asked “NPS” every 30 days, spread evenly; by e-mail."


def test_a_survey_at_regular_intervals_is_offered_no_interactions_fields(desk: Client, nps_survey: Survey) -> None:
    """Without script; a condition of before stays where it is, for saving to say what is wrong with it."""
    old = [{"field": "channel", "op": "equals", "value": "phone"}]
    page = change(SendingRule.objects.create(name="Twice a year", survey=nps_survey, conditions=old))
    assert not disabled(desk.get(page))
    Survey.objects.filter(pk=nps_survey.pk).update(kind=Survey.Kind.RELATIONAL)
    (first, second, *_more) = rows(desk.get(page))
    assert "reason" in disabled(first) and "channel" not in disabled(first)
    assert {"channel", "reason", "age"} <= set(disabled(second)) and "vip" not in disabled(second)


def test_rules_before_and_after_are_named(desk: Client, survey: Survey) -> None:
    chat = [{"field": "channel", "op": "equals", "value": "chat"}]
    both = [{"field": "channel", "op": "in", "value": ["chat", "phone"]}]
    strong = SendingRule.objects.create(name="Strong", survey=survey, priority=9, conditions=both)
    rule = SendingRule.objects.create(name="Chats", survey=survey, priority=5, conditions=chat)
    weak = SendingRule.objects.create(name="Rest", survey=survey)
    SendingRule.objects.create(name="Never meets", survey=survey, priority=7,
                               conditions=[{"field": "channel", "op": "equals", "value": "web"}])  # fmt: skip
    around = desk.get(change(rule)).context["around"]
    assert (around.before, around.after, around.shadow) == ((strong,), (weak,), strong)


def test_a_rule_is_tried_without_being_saved(desk: Client, survey: Survey, rule: SendingRule) -> None:
    data = typed(survey, ("channel", "equals", "chat"), _try="1")
    started = desk.post(change(rule), data)
    job = Job.objects.get()
    address = reverse("admin:surveys_sendingrule_trial", args=[job.pk])
    assert started.headers["Location"] == address
    assert SendingRule.objects.get().conditions == []
    assert "data-follow" in desk.get(address).content.decode()
    jobs.finish_now(job)
    page = desk.get(address)
    assert page.context["typed"]["sent"] == 0
    assert "channel is chat" in page.context["in_words"]
    assert f'href="{address}"' in desk.get(reverse("desk:jobs")).content.decode()


def test_days_after_the_trials_last_are_explained(desk: Client, rule: SendingRule, administrator: User) -> None:
    job = tryout.start(rule, author=administrator)
    until = timezone.localdate()
    result = {"counts": {}, "reasons": {}, "examples": {}, "most": [], "rate": 0.2}
    for last, told in ((until, False), (until + dt.timedelta(days=2), True)):
        days = {(until - dt.timedelta(days=9)).isoformat(): 3, last.isoformat(): 1}
        Job.objects.filter(pk=job.pk).update(result={"typed": result | {"days": days}}, finished_at=timezone.now())
        page = desk.get(reverse("admin:surveys_sendingrule_trial", args=[job.pk])).content.decode()
        assert ("those on which mails leave that had to wait" in page) is told


def test_after_a_trial_one_goes_on_with_what_was_typed(desk: Client, survey: Survey) -> None:
    desk.post(reverse(ADD), typed(survey, ("channel", "equals", "chat"), _try="1", priority="30"))
    job = jobs.finish_now(Job.objects.get())
    onward = f"{reverse(ADD)}?trial={job.pk}"
    assert f'href="{onward}"' in desk.get(reverse("admin:surveys_sendingrule_trial", args=[job.pk])).content.decode()
    shown = desk.get(onward)
    form = shown.context["adminform"].form
    assert form["conditions"].value() == [{"field": "channel", "op": "equals", "value": "chat"}]
    assert form["priority"].value() == 30
    # Saved and opened again, the rule is not the tried one any more.
    assert f'action="{reverse(ADD)}"' in shown.content.decode()


def test_going_on_with_a_stored_rule_meets_what_others_changed_meanwhile(
    desk: Client, survey: Survey, rule: SendingRule
) -> None:
    desk.post(change(rule), typed(survey, ("channel", "equals", "chat"), _try="1", priority="30"))
    shown = desk.get(f"{change(rule)}?trial={Job.objects.get().pk}")
    assert shown.context["adminform"].form["priority"].value() == 30
    rule.refresh_from_db()
    assert (rule.priority, rule.conditions) == (0, [])
    seen = shown.context["as_seen"]
    SendingRule.objects.update(priority=7)
    refused = desk.post(change(rule), typed(survey, ("channel", "equals", "chat"), priority="30", as_seen=seen))
    assert "priority" in refused.context["adminform"].form.errors
    SendingRule.objects.update(priority=0)
    desk.post(change(rule), typed(survey, ("channel", "equals", "chat"), priority="30", as_seen=seen))
    rule.refresh_from_db()
    assert (rule.priority, rule.conditions[0]["value"]) == (30, "chat")


def test_what_cannot_be_tried_is_said_and_nothing_is_saved(desk: Client, survey: Survey) -> None:
    page = desk.post(reverse(ADD), typed(survey, ("replies", "greater", "many"), _try="1"))
    assert page.status_code == 200
    assert not (SendingRule.objects.exists() or Job.objects.exists())


def test_a_trial_is_its_authors(
    desk: Client, login: Callable[..., Client], manager: User, rule: SendingRule, survey: Survey
) -> None:
    desk.post(change(rule), typed(survey, _try="1"))
    address = reverse("admin:surveys_sendingrule_trial", args=[Job.objects.get().pk])
    assert login(manager).get(address).status_code in (403, 404)
    assert login(manager).post(change(rule), typed(survey, _try="1")).status_code in (302, 403, 404)
    assert Job.objects.count() == 1


def test_values_that_were_seen_are_suggested(desk: Client, rule: SendingRule, make_interaction: Any) -> None:
    make_interaction(reason="Доставка <b>", attributes={"tariff": "gold"}, tags=["late"])
    Interaction.objects.update(priority="urgent")
    page = desk.get(change(rule)).content.decode()
    assert "Доставка &lt;b&gt;" in page
    for told in ('value="attribute:tariff"', 'value="gold"', 'value="late"', 'value="urgent"'):
        assert told in page
