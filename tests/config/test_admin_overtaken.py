"""Two people in one form: nobody overwrites what they have not seen, and what both changed is told."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ground.models import Membership, Team, User
from surveys.models import SendingRule, Survey, SurveyVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(administrator: User) -> User:
    user = User.objects.create_user("anna@example.org", name="Anna K.", language="en")
    Membership.objects.create(user=user, team=None, role="administrator")
    return user


@pytest.fixture
def two(administrator: User, colleague: User) -> tuple[Client, Client]:
    """The administrator's browser and the colleague's."""
    User.objects.filter(pk=administrator.pk).update(language="en")
    clients = Client(), Client()
    for client, user in zip(clients, (administrator, colleague), strict=True):
        client.force_login(user)
    return clients


def opened(client: Client, address: str, **changed: Any) -> dict[str, Any]:
    """The form as the page shows it, with what the person types; an unticked box is None."""
    return as_posted(client.get(address), **changed)


def as_posted(page: Any, **changed: Any) -> dict[str, Any]:
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form, *(form for formset in formsets for form in formset.forms)]
    forms += [formset.management_form for formset in formsets]
    data = {bound.html_name: "off" if bound.value() is False else bound.value() for form in forms for bound in form}
    [stamp] = re.findall(r'name="as_seen" value="([^"]*)"', page.content.decode())
    data |= {"as_seen": html.unescape(stamp)} | changed
    return {name: "on" if value is True else value for name, value in data.items() if value not in (None, "off")}


def condition(field: str, op: str, value: str) -> dict[str, list[str]]:
    return {"conditions_field": [field], "conditions_op": [op], "conditions_value": [value]}


def change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_what_only_the_other_one_changed_stays(two: tuple[Client, Client], rule: SendingRule) -> None:
    mine, theirs = two
    typed = opened(mine, change(rule), delay_minutes=5)
    theirs.post(change(rule), opened(theirs, change(rule), name="Calls", is_active=None, priority=7))
    assert mine.post(change(rule), typed).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.is_active, rule.delay_minutes) == ("Calls", False, 5)
    assert rule.priority == 7


def test_what_both_changed_is_told_once(two: tuple[Client, Client], rule: SendingRule) -> None:
    mine, theirs = two
    typed = opened(mine, change(rule), delay_minutes=5)
    theirs.post(change(rule), opened(theirs, change(rule), delay_minutes=90))
    refused = mine.post(change(rule), typed)
    told = "Changed by Anna K. since you opened the page. It is “1 hour 30 minutes” by now. Save again to keep yours."
    assert refused.context["adminform"].form.errors == {"delay_minutes": [told]}
    assert SendingRule.objects.get().delay_minutes == 90
    assert mine.post(change(rule), as_posted(refused)).status_code == 302
    assert SendingRule.objects.get().delay_minutes == 5


def test_a_program_is_not_taken_for_a_person(two: tuple[Client, Client], survey: Survey) -> None:
    mine, theirs = two
    theirs.post(change(survey), opened(theirs, change(survey), name="Before"))
    typed = opened(mine, change(survey), name="Mine")
    Survey.objects.update(name="By a program")
    errors = mine.post(change(survey), typed).context["adminform"].form.errors
    assert errors["name"] == [
        "Changed by somebody else since you opened the page. It is “By a program” by now. Save again to keep yours."
    ]


def test_choices_are_told_in_words(two: tuple[Client, Client], rule: SendingRule, nps_survey: Survey) -> None:
    mine, theirs = two
    typed = opened(mine, change(rule), **condition("channel", "in", "chat"), is_active=None, survey=rule.survey_id)
    both = condition("channel", "in", "phone, e-mail")
    theirs.post(change(rule), opened(theirs, change(rule), **both, survey=nps_survey.pk))
    errors = mine.post(change(rule), typed).context["adminform"].form.errors
    assert "“channel is one of phone, e-mail”" in errors["conditions"][0]
    assert "survey" not in errors


def test_roles_that_somebody_else_gave_are_told(two: tuple[Client, Client], team: Team) -> None:
    mine, theirs = two
    person = User.objects.create_user("new@example.org", name="Neu")
    Membership.objects.create(user=person, team=team, role="viewer")
    typed = opened(mine, change(person)) | {"memberships-0-role": "agent"}
    theirs.post(change(person), opened(theirs, change(person)) | {"memberships-0-role": "manager"})
    refused = mine.post(change(person), typed)
    assert "Changed by Anna K. since you opened the page." in refused.content.decode()
    assert person.memberships.get().role == "manager"


def test_a_drafts_texts_are_kept_side_by_side(two: tuple[Client, Client], survey: Survey) -> None:
    mine, theirs = two
    draft = SurveyVersion.objects.create(survey=survey, texts=survey.published.texts)
    typed = opened(mine, change(draft), subject_ru="Моё")
    theirs.post(change(draft), opened(theirs, change(draft), subject_en="Theirs"))
    mine.post(change(draft), typed)
    draft.refresh_from_db()
    assert (draft.texts["ru"]["subject"], draft.texts["en"]["subject"]) == ("Моё", "Theirs")


@pytest.mark.parametrize("stamp", ["", "x", "[]", "{}", '{"at": "2026-01-01", "fields": {}, "rows": {}}', "[" * 5000])
def test_a_broken_stamp_is_no_error(two: tuple[Client, Client], rule: SendingRule, stamp: str) -> None:
    posted = two[0].post(change(rule), opened(two[0], change(rule), name="Named") | {"as_seen": stamp})
    assert posted.status_code == 302
    assert SendingRule.objects.get().name == "Named"
