"""A newer wording is published while pages of a link that names nobody stand open: a score means what it was asked."""

import pytest
from django.test import Client
from django.utils import timezone

from feedback.models import Response
from ground.models import Team
from surveys import deciding, drafts, public_links
from surveys.models import Link, SendingRule, Survey, SurveyVersion
from tests.feedback.answering import Fields
from tests.feedback.test_public_links import press, report

pytestmark = pytest.mark.django_db


def ask_otherwise(survey: Survey) -> SurveyVersion:
    """From now on 0 to 10 instead of 1 to 5."""
    newer = drafts.begin(survey)
    newer.questions.filter(kind="csat").update(kind="nps", options={})
    SurveyVersion.objects.filter(pk=newer.pk).update(published_at=timezone.now())
    return newer


def make_link(survey: Survey, **fields: object) -> Link:
    return Link.objects.create(label="Касса 4", survey=survey, public_key=public_links.new_key(), **fields)


def test_an_open_page_is_answered_as_it_asked(client: Client, survey: Survey) -> None:
    link, older = make_link(survey), survey.published
    path = public_links.path(link)
    page = client.get(path)
    newer = ask_otherwise(survey)
    thanks = press(client, path, page, score="5")
    assert Response.objects.values_list("score", "scale", "version").get() == (5, "csat_5", older.pk)
    assert press(client, path, thanks, later=20, score="4", comment="Быстро").status_code == 200
    assert Response.objects.values_list("score", "version").get() == (4, older.pk)
    press(Client(), path, Client().get(path), score="9")
    assert Response.objects.filter(version=newer.pk).values_list("score", "scale").get() == (9, "nps")


def test_a_ticket_that_was_asked_about_keeps_its_wording(client: Client, survey: Survey, team: Team) -> None:
    SendingRule.objects.create(name="All", survey=survey, delay_minutes=0)
    link, older = make_link(survey, kind="template", source="zendesk", channel="email", team=team), survey.published
    deciding.receive(report("14"))
    ask_otherwise(survey)
    path = public_links.template_path(link, "14")
    page = client.get(path)
    assert press(client, path, page, score="9").status_code == 400
    press(client, path, page, score="4")
    assert Response.objects.values_list("score", "scale", "version").get() == (4, "csat_5", older.pk)
    fresh = client.get(public_links.template_path(link, "15", 9))
    assert Fields(fresh).values["score"] == "9"
