"""How many answers a survey wants: it closes with the last one, or asks nobody else until its next period."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from feedback.models import Response
from surveys import deciding, drafts, links
from surveys.models import Invitation, SendingRule, Survey
from tests.factories import make_interaction, make_invitation
from tests.feedback.answering import answer, send

pytestmark = pytest.mark.django_db


def is_full(survey: Survey) -> bool:
    return Survey.objects.get(pk=survey.pk).is_full


def test_the_answer_that_reaches_the_limit_closes_the_survey_and_can_still_be_edited(
    client: Client, survey: Survey
) -> None:
    Survey.objects.update(response_limit=2)
    first, second, third = (make_invitation(survey) for _number in range(3))
    answer(client, first, 5)
    assert not is_full(survey) and third.is_open()
    page = answer(client, second, 4)
    assert is_full(survey)
    assert not Invitation.objects.get(pk=third.pk).is_open()
    assert "Этот опрос завершён" in client.get(links.answer_path(third)).content.decode()
    assert send(client, second, page, score="1").status_code == 200
    assert Response.objects.get(invitation=second).score == 1


def test_what_does_not_count_does_not_fill_it_and_what_is_taken_back_opens_it(survey: Survey) -> None:
    Survey.objects.update(response_limit=1)
    held, counted = (make_invitation(Survey.objects.get()) for _number in range(2))
    held.mark_answered(evidence="held", at=timezone.now())
    assert not is_full(survey)
    counted.mark_answered(evidence="confirmed", at=timezone.now())
    assert is_full(survey)
    Invitation.hold_answers([counted.pk])
    assert not is_full(survey)


def test_another_limit_is_judged_anew(survey: Survey) -> None:
    make_invitation(survey, answered_at=timezone.now())
    survey.response_limit = 1
    survey.count_answers()
    assert survey.is_full
    survey.response_limit = 2
    survey.count_answers()
    assert not is_full(survey)


def test_nobody_is_asked_with_a_full_survey(survey: Survey, rule: SendingRule) -> None:
    Survey.objects.update(is_full=True)
    decision = deciding.consider(make_interaction())
    assert decision and (decision.outcome, decision.reason) == ("refuse", "survey_closed")


def test_a_copy_of_a_full_survey_is_empty(survey: Survey) -> None:
    Survey.objects.update(response_limit=1, is_full=True, forgotten_until=timezone.now())
    twin = drafts.duplicate(Survey.objects.get(), name="Again")
    assert (twin.response_limit, twin.is_full, twin.forgotten_until) == (1, False, None)
    assert not Survey.objects.get(pk=twin.pk).is_closed()


def test_a_page_view_of_a_survey_with_a_limit_counts_nothing(
    client: Client, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    invitation = make_invitation(survey)
    with django_assert_max_num_queries(20) as without:
        client.get(links.answer_path(invitation))
    Survey.objects.update(response_limit=5)
    with django_assert_max_num_queries(len(without.captured_queries)):
        client.get(links.answer_path(invitation))


@pytest.mark.parametrize("period", ["day", "month"])
def test_the_quota_of_a_survey_counts_whatever_rule_asked(survey: Survey, rule: SendingRule, period: str) -> None:
    Survey.objects.update(quota=2, quota_period=period)
    long_ago = timezone.now() - dt.timedelta(days=32)
    for at in (timezone.now(), long_ago):
        make_invitation(survey, answered_at=at)
    assert deciding.consider(make_interaction()).outcome == "send"
    make_invitation(survey, answered_at=timezone.now())
    assert deciding.consider(make_interaction()).reason == "survey_quota_full"
