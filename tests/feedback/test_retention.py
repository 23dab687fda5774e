"""Answers whose time is over lose their words and their customer, and no count changes by it."""

import datetime as dt
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics import rollups
from feedback import anonymous, classify, rejudging, repeated, retention
from feedback.anonymous import day_of
from feedback.models import Answer, Comment, Response, Revision, Sealed, Touch
from ground import erasing
from ground.models import Change, Team, User
from surveys import links, nobody, public_links
from surveys.models import Agent, Customer, Interaction, Invitation, Link, Message, Segment, Survey
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = dt.timedelta(days=1)


@pytest.fixture
def kept(survey: Survey) -> Survey:
    survey.retention_days = 120
    survey.full_clean()
    survey.save()
    Segment.objects.create(attribute="tariff")
    return survey


def answered(survey: Survey, *, ago: float, text: str = "Ждали долго", **fields: Any) -> Response:
    """An answer to a mail of so many days ago, with everything around it."""
    at = timezone.now() - ago * DAY
    customer = factories.make_customer(
        name="Ольга Т.", phone="+7 900 000-00-00", attributes={"tariff": "pro", "x": "y"}
    )
    contact = factories.make_interaction(
        customer=customer, created_at=at - dt.timedelta(hours=5), closed_at=at - dt.timedelta(hours=1), replies=3,
        first_response_at=at - dt.timedelta(hours=4), response_working_seconds=3600, reason="доставка", tags=["т"],
        **{name: fields[name] for name in ("team", "agent") if name in fields},
    )  # fmt: skip
    invitation = factories.make_invitation(
        survey, interaction=contact, sent_at=at, due_at=at, created_at=at, expires_at=at + 30 * DAY,
        answer_state="confirmed", answered_at=at,
    )  # fmt: skip
    Message.objects.create(invitation=invitation, address=customer.email, state="accepted", handed_over_at=at)
    Touch.objects.create(
        invitation=invitation, header_class="x", prefix_hash="p", agent_hash="a", verdict="clean", at=at
    )
    return said(survey, at, text, invitation=invitation, customer=customer, interaction=contact, **fields)


def said(survey: Survey, at: dt.datetime, text: str, *, interaction: Any = None, **fields: Any) -> Response:
    """An answer as the door leaves it, its text read."""
    version = survey.published
    assert version is not None
    question = version.score_question()
    response = Response.objects.create(
        survey=survey, version=version, language="ru", scale=question.scale.name, score=2, evidence="confirmed",  # type: ignore[union-attr]
        channel="phone", answered_at=at, changed_at=at, edit_key_hash="k", device="d", wants_contact=True, **fields,
    )  # fmt: skip
    Answer.objects.create(response=response, question=question, value=2)
    Revision.objects.create(response=response, number=1, score=2, text=text, evidence="confirmed", at=at)
    who = {name: value for name, value in fields.items() if name != "invitation"}
    comment = Comment.objects.create(
        source="survey", response=response, survey=survey, text=text, said_at=at, interaction=interaction,
        channel="phone", **who, **repeated.of_response(response),
    )  # fmt: skip
    assert classify.classify([comment.pk]) == 1
    return response


def count_all() -> dict[str, list[str]]:
    """Every count, made anew from the rows."""
    rollups.mark_everything()
    while rollups.has_work():
        rollups.roll_up()
    tables = {table for tables in rollups.TABLES.values() for table in tables}
    fields = {table: [f.attname for f in table._meta.concrete_fields if not f.primary_key] for table in tables}
    return {table.__name__: sorted(map(str, table._default_manager.values_list(*fields[table]))) for table in tables}


def test_words_and_customer_go_and_counts_stay(kept: Survey, team: Team, agent: Agent) -> None:
    old, young = answered(kept, ago=130, team=team, agent=agent), answered(kept, ago=60, team=team, agent=agent)
    contact = old.invitation.interaction
    before = count_all()
    assert before["ScoreSliceDay"] and before["ServedDay"] and before["AskedDay"]
    assert retention.due(limit=9) == [kept.pk]
    assert retention.forget([kept.pk]) == 1
    old.refresh_from_db()
    comment, invitation = Comment.objects.get(response=old), old.invitation
    assert comment.text == "[erased]" and comment.lemmas == "" and comment.tone
    assert not Revision.objects.filter(response=old).exclude(text="").exists()
    assert {old.customer, comment.customer, invitation.customer, invitation.interaction.customer} == {old.customer}
    stranger = old.customer
    assert (stranger.name, stranger.email, stranger.external_id, stranger.attributes) == (
        "",
        "",
        None,
        {"tariff": "pro"},
    )
    assert invitation.interaction.source == nobody.SOURCE and invitation.interaction.tags == []
    assert (old.device, old.edit_key_hash) == ("", "") and old.contact_noticed_at
    assert not Message.objects.exclude(address="").filter(invitation=invitation).exists()
    moments = [old.answered_at, old.changed_at, comment.said_at, invitation.sent_at, invitation.interaction.created_at]
    assert all(at == day_of(at) for at in moments)
    young.refresh_from_db()
    assert young.customer.name == "Ольга Т." and Comment.objects.get(response=young).text == "Ждали долго"
    contact.refresh_from_db()
    assert contact.customer.name == "Ольга Т." and not Invitation.objects.filter(interaction=contact).exists()
    assert not Change.objects.exists()
    after = count_all()
    assert {table: set(rows) ^ set(before[table]) for table, rows in after.items() if rows != before[table]} == {}


def test_it_is_looked_at_once_a_day_and_in_bunches(kept: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(3):
        answered(kept, ago=130)
    monkeypatch.setattr(retention, "BUNCH", 2)
    monkeypatch.setattr(retention, "TURN_SECONDS", 0)
    assert retention.forget([kept.pk]) == 2 and retention.due(limit=9) == [kept.pk]
    assert retention.forget([kept.pk]) == 1
    assert retention.forget([kept.pk]) == 0 and retention.due(limit=9) == []
    assert Comment.objects.filter(text="[erased]").count() == 3
    Survey.objects.update(retention_days=119)
    assert retention.due(limit=9) == [kept.pk]


def test_what_is_finished_is_not_passed_over_for_every_bunch(kept: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BUNCH", 1)
    monkeypatch.setattr(retention, "TURN_SECONDS", 60)
    keys = [answered(kept, ago=130).invitation_id for _number in range(3)]
    with CaptureQueriesContext(connection) as context:
        assert retention.forget([kept.pk]) == 3
    asked = [query["sql"] for query in context if query["sql"].startswith("SELECT")]
    for key in keys:
        assert any(f'"surveys_invitation"."id" > {key}' in sql for sql in asked)
    assert Survey.objects.get().forgotten_until


def test_what_falls_due_behind_the_walk_is_met_too(kept: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BUNCH", 1)
    monkeypatch.setattr(retention, "TURN_SECONDS", 0)
    late, first, last = answered(kept, ago=60), answered(kept, ago=130), answered(kept, ago=130)
    assert retention.forget([kept.pk]) == 1
    assert Comment.objects.get(response=first).text == "[erased]"
    Invitation.objects.filter(pk=late.invitation_id).update(sent_at=timezone.now() - 130 * DAY)
    for _turn in range(9):
        if retention.due(limit=9):
            retention.forget([kept.pk])
    assert not retention.due(limit=9)
    assert set(Comment.objects.filter(response__in=[late, first, last]).values_list("text", flat=True)) == {"[erased]"}


def test_the_old_link_is_dead(kept: Survey, client: Client) -> None:
    invitation = answered(kept, ago=130).invitation
    path = links.answer_path(invitation)
    assert client.get(path).status_code != 404
    retention.forget([kept.pk])
    assert client.get(path).status_code == 404


def test_answers_through_public_links_lose_their_words(kept: Survey) -> None:
    at = timezone.now() - 130 * DAY
    response = said(kept, at, "Здесь жду")
    before = count_all()
    retention.forget([kept.pk])
    response.refresh_from_db()
    assert (response.device, response.comment.text) == ("", "[erased]")
    assert count_all() == before and retention.due(limit=9) == []


def test_nobody_who_is_asked_for_is_found_in_them(kept: Survey) -> None:
    response = answered(kept, ago=130)
    email = response.customer.email
    retention.forget([kept.pk])
    found = erasing.export(erasing.find(email))["rows"]
    assert "feedback.Response" not in found and "surveys.Invitation" not in found and "surveys.Customer" in found


def test_without_a_time_nothing_is_forgotten(survey: Survey) -> None:
    answered(survey, ago=900)
    assert retention.due(limit=9) == [] and retention.forget([survey.pk]) == 0
    assert Interaction.objects.count() == 1 and Customer.objects.count() == 1


def test_it_cannot_be_shorter_than_links_live_and_surveys_rest(
    survey: Survey, login: Callable[..., Client], administrator: User
) -> None:
    survey.retention_days = 89
    with pytest.raises(ValidationError):
        survey.full_clean()
    page = login(administrator).get(reverse("admin:surveys_survey_change", args=[survey.pk])).content.decode()
    assert 'name="retention_days"' in page


def test_what_was_forgotten_is_not_judged_again(kept: Survey) -> None:
    """Opened with a 5, posted with a 2: who posted is not known any more, so that the 5 would be presumed."""
    response = answered(kept, ago=130)
    Touch.objects.update(score=5, settled_at=timezone.now())
    assert rejudging.Which().invitations().count() == 1
    retention.forget([kept.pk])
    assert not rejudging.Which().invitations().exists()
    call_command("rejudge", stdout=StringIO())
    response.refresh_from_db()
    assert (response.score, response.evidence) == (2, "confirmed")


def test_a_held_answer_through_a_link_loses_its_words_and_its_customer(kept: Survey) -> None:
    at = timezone.now() - 130 * DAY
    contact = factories.make_interaction(created_at=at)
    invitation = factories.make_invitation(
        kept, interaction=contact, sent_at=None, due_at=at, created_at=at, expires_at=at + 30 * DAY,
        sent_through="link", answer_state="held", answered_at=None,
    )  # fmt: skip
    response = said(kept, at, "Грубили", invitation=invitation, customer=contact.customer, interaction=contact)
    Response.objects.filter(pk=response.pk).update(evidence="held", held_for="duplicate")
    assert retention.forget([kept.pk]) == 1
    response.refresh_from_db()
    assert response.comment.text == "[erased]" and response.device == ""
    assert response.customer.email == "" and response.invitation.interaction.source == nobody.SOURCE
    assert retention.forget([kept.pk]) == 0


def test_words_that_wait_for_others_beyond_their_time_never_come_out(kept: Survey) -> None:
    kept.is_anonymous = True
    kept.save()
    link = Link.objects.create(label="Касса", survey=kept, public_key=public_links.new_key())
    version, at = kept.published, timezone.now() - 130 * DAY
    assert version is not None
    for number in range(5):
        text = "Обо мне" if number == 0 else ""
        anonymous.record_through(link, version, anonymous.Given(score=4, text=text), at=at)
    assert Response.objects.count() == 5 and Sealed.objects.get().text == "Обо мне"
    retention.forget([kept.pk])
    assert not Sealed.objects.exists()
    for _number in range(5):
        anonymous.record_through(link, version, anonymous.Given(score=5, text="Позже"), at=timezone.now())
    assert set(Comment.objects.values_list("text", flat=True)) == {"Позже"} and Comment.objects.count() == 5
