import datetime as dt

import pytest
from django.utils import timezone

from surveys import deciding, suppression
from surveys.models import Customer, Decision, Invitation, SendingRule, Suppression
from tests.factories import make_interaction, make_invitation

pytestmark = pytest.mark.django_db


def test_a_closed_interaction_is_decided_and_planned(rule, customer, team, agent) -> None:
    interaction = make_interaction(customer=customer, team=team, agent=agent, reason="billing")
    decision = deciding.consider(interaction)
    invitation = Invitation.objects.get()
    assert (decision.outcome, decision.rule, decision.survey) == ("send", rule, rule.survey)
    assert invitation.due_at == decision.due_at == interaction.closed_at
    assert (invitation.team, invitation.agent, invitation.channel, invitation.reason) == (
        team,
        agent,
        "phone",
        "billing",
    )
    assert (invitation.language, invitation.state, invitation.answer_state) == ("ru", "planned", "none")


def test_an_open_interaction_is_not_decided(rule) -> None:
    assert deciding.consider(make_interaction(closed=False)) is None
    assert not Decision.objects.exists()


def test_considering_twice_decides_once(rule) -> None:
    interaction = make_interaction()
    assert deciding.consider(interaction) == deciding.consider(interaction)
    assert Invitation.objects.count() == Decision.objects.count() == 1


def test_no_rule_is_a_stored_reason(survey) -> None:
    assert deciding.consider(make_interaction()).reason == "no_rule"


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ([{"field": "channel", "op": "in", "value": ["phone"]}], True),
        ([{"field": "channel", "op": "in", "value": ["chat"]}], False),
        ([{"field": "reason", "op": "equals", "value": "billing"}], True),
        ([{"field": "reason", "op": "equals", "value": "delivery"}], False),
    ],
)
def test_a_rules_conditions(rule, conditions: list, fits: bool) -> None:
    SendingRule.objects.filter(pk=rule.pk).update(conditions=conditions)
    decision = deciding.consider(make_interaction(channel="phone", reason="billing"))
    assert (decision.outcome == "send") is fits


def test_a_rule_of_another_team_does_not_fit(rule, team, other_team) -> None:
    rule.conditions = [{"field": "team", "op": "in", "value": [str(other_team.pk)]}]
    rule.save(update_fields=["conditions"])
    assert deciding.consider(make_interaction(team=team)).reason == "no_rule"
    assert deciding.consider(make_interaction(team=other_team)).outcome == "send"


def test_the_highest_priority_wins(rule, nps_survey) -> None:
    urgent = SendingRule.objects.create(name="NPS", survey=nps_survey, priority=5, delay_minutes=0)
    assert deciding.consider(make_interaction()).rule == urgent


def test_the_delay_counts_from_the_closing(rule) -> None:
    SendingRule.objects.filter(pk=rule.pk).update(delay_minutes=90)
    interaction = make_interaction()
    assert deciding.consider(interaction).due_at == interaction.closed_at + dt.timedelta(minutes=90)


def test_a_second_survey_keeps_its_distance(rule, customer) -> None:
    assert deciding.consider(make_interaction(customer=customer)).outcome == "send"
    assert deciding.consider(make_interaction(customer=customer)).reason == "survey_rest"


def test_two_surveys_keep_the_distance_that_either_wants(rule, customer, nps_survey) -> None:
    type(nps_survey).objects.filter(pk=nps_survey.pk).update(gap_days=30)
    ten_days_ago = timezone.now() - dt.timedelta(days=10)
    make_invitation(nps_survey, customer=customer, due_at=ten_days_ago, sent_at=ten_days_ago)
    assert deciding.consider(make_interaction(customer=customer)).reason == "gap"


def test_a_suppressed_address_is_not_asked(rule, customer) -> None:
    suppression.suppress("OLGA@example.org", reason=Suppression.Reason.SPAM_REPORT)
    assert deciding.consider(make_interaction(customer=customer)).reason == "spam_report"


def test_a_suppression_of_another_survey_does_not_count(rule, customer, nps_survey) -> None:
    suppression.suppress(customer.email, reason=Suppression.Reason.UNSUBSCRIBED, survey=nps_survey)
    assert deciding.consider(make_interaction(customer=customer)).outcome == "send"


def test_own_staff_is_never_asked(rule, customer) -> None:
    Customer.objects.update(is_staff=True)
    assert deciding.consider(make_interaction(customer=customer)).reason == "own_staff"


def test_an_interaction_from_last_year_is_too_late_to_ask_about(rule) -> None:
    long_ago = timezone.now() - dt.timedelta(days=400)
    decision = deciding.consider(make_interaction(closed_at=long_ago))
    assert (decision.outcome, decision.reason) == ("refuse", "expired")
    assert not Invitation.objects.exists()


def test_a_second_closing_is_decided_again(rule, customer) -> None:
    interaction = make_interaction(customer=customer)
    deciding.consider(interaction)
    interaction.closings = 2
    interaction.save(update_fields=["closings"])
    assert deciding.consider(interaction).reason == "survey_rest"
    assert interaction.decisions.count() == 2


def test_the_language_falls_back_to_one_the_survey_has(rule) -> None:
    for wanted, given in [("en-GB", "en"), ("kk", "ru"), ("", "ru")]:
        interaction = make_interaction()
        Customer.objects.filter(pk=interaction.customer_id).update(language=wanted)
        deciding.consider(interaction)
        assert Invitation.objects.get(interaction=interaction).language == given


def test_a_late_answer_begins_the_rest_anew(rule, customer) -> None:
    now = timezone.now()
    first = deciding.consider(make_interaction(customer=customer))
    assert first.outcome == "send"
    Invitation.objects.update(due_at=now - dt.timedelta(days=95), answered_at=now - dt.timedelta(days=70))
    assert deciding.consider(make_interaction(customer=customer)).reason == "survey_rest"


def test_a_mail_that_left_late_keeps_its_distance(rule, customer, nps_survey) -> None:
    now = timezone.now()
    deciding.consider(make_interaction(customer=customer))
    Invitation.objects.update(survey=nps_survey, due_at=now - dt.timedelta(days=8), sent_at=now - dt.timedelta(days=5))
    assert deciding.consider(make_interaction(customer=customer)).reason == "gap"
