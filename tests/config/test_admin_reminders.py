"""A manager sets reminders, thanks and what happens to uncertain mails on the survey's page, and sees what went out."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from ground.models import User
from surveys.models import Invitation, Message, Survey
from tests.config.test_admin_asking import as_posted

pytestmark = pytest.mark.django_db
PARTS = [f"{kind}_{part}" for kind in ("reminder1", "reminder2", "thanks") for part in ("subject", "intro")]


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


@pytest.fixture
def worded(survey: Survey) -> Survey:
    version = survey.published
    for texts in version.texts.values():
        texts.update(dict.fromkeys(PARTS, "text"))
    version.save(update_fields=["texts"])
    return survey


def change(desk: Client, survey: Survey, **fields: object) -> str:
    """The errors of the form, "" when it was saved."""
    address = reverse("admin:surveys_survey_change", args=[survey.pk])
    posted = desk.post(address, as_posted(desk.get(address)) | fields)
    if posted.status_code == 302:
        return ""
    return " ".join(str(error) for error in posted.context["adminform"].form.errors.values())


def test_all_of_it_is_set_on_one_page(desk: Client, worded: Survey) -> None:
    fields = {"first_reminder_days": 3, "second_reminder_days": 4, "sends_thanks": "on", "on_uncertain": "resend"}
    assert change(desk, worded, **fields) == ""
    worded.refresh_from_db()
    assert (worded.first_reminder_days, worded.second_reminder_days) == (3, 4)
    assert (worded.sends_thanks, worded.on_uncertain) == (True, "resend")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"second_reminder_days": 4}, "no first reminder"),
        ({"first_reminder_days": 30}, "link would be dead"),
        ({"first_reminder_days": 20, "second_reminder_days": 10}, "link would be dead"),
    ],
)
def test_what_cannot_work_is_said(desk: Client, worded: Survey, fields: dict[str, int], said: str) -> None:
    assert said in change(desk, worded, **fields)


@pytest.mark.parametrize("fields", [{"first_reminder_days": 3}, {"sends_thanks": "on"}])
def test_a_mail_without_words_cannot_be_switched_on(desk: Client, worded: Survey, fields: dict[str, object]) -> None:
    version = worded.published
    del version.texts["ru"]["reminder1_intro"], version.texts["ru"]["thanks_subject"]
    version.save(update_fields=["texts"])
    said = change(desk, worded, **fields)
    assert "no words for this mail in: ru" in said
    assert str(version) in said


def test_the_invitation_shows_each_mail_and_when_the_next_is_due(desk: Client, make_invitation) -> None:
    invitation: Invitation = make_invitation(reminders_sent=1)
    for kind in ("invitation", "reminder1"):
        Message.objects.create(invitation=invitation, kind=kind, address="a@example.org", state="accepted")
    page = desk.get(reverse("admin:surveys_invitation_change", args=[invitation.pk])).content.decode()
    assert "first reminder" in page
    assert "next reminder" in page.lower()
