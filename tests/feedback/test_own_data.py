"""A customer looks at what we hold, changes it, stops it and asks to be erased; nobody else does."""

import datetime as dt
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feedback.models import Response
from ground.models import Calendar
from surveys import links, own_data, suppression
from surveys.models import Consent, Customer, ErasureRequest, Invitation, OwnDataLink, Suppression, Survey
from tests.config.reading import make_response
from tests.feedback.answering import Fields, answer
from tests.mailing import Server

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]


@pytest.fixture
def invitation(make_invitation: Make, customer: Customer) -> Invitation:
    return make_invitation(customer=customer)


@pytest.fixture
def path(invitation: Invitation) -> str:
    """The address that was mailed."""
    own_data.ask_for_link(invitation, language="en")
    return own_data.path_of(own_data.token_of(OwnDataLink.objects.get()))


def press(client: Client, path: str, **data: Any) -> Any:
    return client.post(f"{path}?lang=en", data, follow=True)


# --- the way there -----------------------------------------------------------------------------------------------


def test_the_start_page_shows_nothing_and_mails_to_the_address_we_hold(
    client: Client, invitation: Invitation, smtp: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    start = links.own_data_path(invitation)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(start + "?lang=en").content.decode()
    assert not [one for one in queries if one["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert "olga" not in page and "Ольга" not in page
    sent = client.post(start + "?lang=en", {"email": "thief@example.org"})
    assert "olga" not in sent.content.decode()
    assert own_data.mail([row.pk for row in own_data.waiting()]) == 1
    [letter] = smtp.mails
    assert smtp.recipients == ["olga@example.org"]
    token = re.search(r"/m/(\w{27})", letter.get_content())[1]
    assert client.get(f"/m/{token}").status_code == 200
    ours = [record for record in caplog.records if not record.name.startswith("mail.")]  # that is the test's own server
    assert not any(token in record.getMessage() for record in ours)
    assert token not in str(list(OwnDataLink.objects.values()))


def test_the_mail_leaves_once(invitation: Invitation, path: str, smtp: Server) -> None:
    keys = [row.pk for row in own_data.waiting()]
    assert [own_data.mail(keys), own_data.mail(keys)] == [1, 0]
    assert len(smtp.mails) == 1


def test_the_mail_tells_the_hour_of_the_organisation(invitation: Invitation) -> None:
    """A worker has no clock but UTC."""
    with time_machine.travel(dt.datetime(2026, 3, 18, 20, 30, tzinfo=dt.UTC), tick=False), timezone.override(dt.UTC):
        own_data.ask_for_link(invitation, language="ru")
        text = str(own_data.build(OwnDataLink.objects.get()).body)
    assert "23:30" in text and "20:30" not in text


@pytest.mark.usefixtures("early")
def test_three_mails_a_day_and_no_more(client: Client, invitation: Invitation) -> None:
    start = links.own_data_path(invitation)
    assert [client.post(start).status_code for _time in range(4)] == [200, 200, 200, 429]
    assert OwnDataLink.objects.count() == 3


def test_without_an_address_nothing_is_sent_and_nobody_is_told(client: Client, invitation: Invitation) -> None:
    start = links.own_data_path(invitation)
    known = client.post(start + "?lang=en").content.decode()
    Customer.objects.update(email="")
    assert client.post(start + "?lang=en").content.decode() == known
    assert OwnDataLink.objects.count() == 1


@pytest.mark.parametrize("what", ["answer", "unsubscribe", "expired", "closed", "nothing"])
def test_no_other_link_opens_the_page(client: Client, invitation: Invitation, path: str, what: str) -> None:
    now = timezone.now() + dt.timedelta(minutes=1)
    if what in ("answer", "unsubscribe"):
        path = f"/m/{links.token(invitation, what)}"
    if what == "expired":
        now += dt.timedelta(hours=24, minutes=1)
    if what == "closed":
        press(client, path, act="leave")
    if what == "nothing":
        path = "/m/" + "0" * 27
    with time_machine.travel(now, tick=False):
        assert client.get(path).status_code == 404
        assert client.post(path, {"act": "erase"}).status_code == 404
    assert not ErasureRequest.objects.exists()


def test_its_token_opens_no_other_page(client: Client, path: str) -> None:
    token = path.removeprefix("/m/")
    others = (f"/r/{token}", f"/u/{token}", f"/u/{token}/data", f"/q/{token}", f"/t/{token}/1")
    assert {client.get(other).status_code for other in others} == {404}


def test_the_pages_lead_there(client: Client, invitation: Invitation) -> None:
    start = links.own_data_path(invitation)
    thanks = answer(client, invitation, 4)
    pages = [client.get(links.answer_path(invitation)), client.get(links.unsubscribe_path(invitation)), thanks]
    assert all(start in page.content.decode() for page in pages)


# --- what stands there -------------------------------------------------------------------------------------------


def test_it_shows_all_of_the_customer_and_nothing_of_another(
    client: Client, invitation: Invitation, path: str, make_invitation: Make
) -> None:
    answer(client, invitation, 4, comment="Быстро и вежливо")
    invitation.messages.create(address="olga@example.org", state="accepted", handed_over_at=timezone.now())
    other = make_invitation()
    answer(client, other, 2, comment="Чужое")
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path + "?lang=en")
    words = page.content.decode()
    assert not [one for one in queries if one["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert "Быстро и вежливо" in words and "4 of 5, Good" in words
    assert "invitation" in words
    assert "Чужое" not in words
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_speaks_the_customers_language(client: Client, invitation: Invitation, language: str) -> None:
    own_data.ask_for_link(invitation, language=language)
    path = own_data.path_of(own_data.token_of(OwnDataLink.objects.get()))
    assert client.get(path).headers["Content-Language"] == language


def test_many_answers_cost_as_many_questions_as_one(
    client: Client, survey: Survey, customer: Customer, path: str, django_assert_max_num_queries: Any
) -> None:
    for _number in range(12):
        make_response(survey, customer=customer, text="Слово")
    with django_assert_max_num_queries(24):
        client.get(path)


# --- what can be done there --------------------------------------------------------------------------------------


def test_an_answer_is_changed_there_and_only_with_a_post(client: Client, invitation: Invitation, path: str) -> None:
    answer(client, invitation, 2, comment="Долго")
    stranger = Client().get(links.answer_path(invitation)).content.decode()
    assert "Долго" not in stranger
    form = press(client, path, act="edit", response=Response.objects.get().pk)
    assert "Долго" in form.content.decode()
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=9), tick=False):
        client.post(links.answer_path(invitation), Fields(form).values | {"score": "4", "comment": "Долго, но вежливо"})
    response = Response.objects.get()
    assert (response.score, response.comments.get().text, response.revisions.count()) == (4, "Долго, но вежливо", 2)


def test_a_closed_window_says_so(client: Client, survey: Survey, customer: Customer, path: str) -> None:
    old = make_response(survey, customer=customer, at=timezone.now() - dt.timedelta(days=15), text="Давно")
    assert 'value="edit"' not in client.get(path).content.decode()
    page = press(client, path, act="edit", response=old.pk)
    assert 'name="score"' not in page.content.decode()


@pytest.mark.parametrize("key", ["another", "x", "9" * 18, "-1", ""])
def test_anothers_answer_is_not_to_be_had(client: Client, path: str, make_invitation: Make, key: str) -> None:
    other = make_invitation()
    answer(client, other, 2, comment="Чужое")
    before = Response.objects.get().edit_key_hash
    page = press(client, path, act="edit", response=Response.objects.get().pk if key == "another" else key)
    assert page.status_code == 400 and "Чужое" not in page.content.decode()
    assert Response.objects.get().edit_key_hash == before


def test_all_or_one_survey_is_stopped_and_resumed(
    client: Client, customer: Customer, invitation: Invitation, survey: Survey, path: str
) -> None:
    press(client, path, act="stop", survey=survey.code)
    stopped = set(Suppression.objects.values_list("address", "survey"))
    assert stopped == {("+79000000000", survey.pk), ("olga@example.org", survey.pk)}
    press(client, path, act="stop")
    assert Suppression.objects.filter(address="olga@example.org", survey=None).exists()
    page = press(client, path, act="resume")
    assert not Suppression.objects.exists()
    acts = list(customer.consents.order_by("pk").values_list("act", "text", "source"))
    source = own_data.SOURCE
    assert acts == [
        ("unsubscribed", "Stop this survey", source), ("unsubscribed", "Stop all surveys", source),
        ("resubscribed", "Ask me again", source),
    ]  # fmt: skip
    assert "Stop all surveys" in page.content.decode()


def test_a_spam_report_is_not_taken_back(client: Client, customer: Customer, path: str) -> None:
    suppression.suppress("olga@example.org", reason=Suppression.Reason.SPAM_REPORT)
    press(client, path, act="resume")
    assert Suppression.objects.get().reason == "spam_report"


def test_a_survey_that_never_asked_is_not_stopped(client: Client, nps_survey: Survey, path: str) -> None:
    for code in (nps_survey.code, "a\0b", "\0"):
        assert press(client, path, act="stop", survey=code).status_code == 400
    assert press(client, path, act="nonsense").status_code == 400
    assert not Suppression.objects.exists() and not Consent.objects.exists()


def test_erasure_is_due_after_ten_working_days_of_the_calendar(
    client: Client, customer: Customer, path: str, invitation: Invitation
) -> None:
    week = {str(day): [["09:00", "18:00"]] for day in range(5)}
    Calendar.objects.create(
        name="x", is_default=True, timezone="Europe/Moscow", week=week, holidays="", days={"2026-11-05": []}
    )
    with time_machine.travel(dt.datetime(2026, 10, 30, 15, 0, tzinfo=dt.UTC), tick=False):  # a Friday
        asked = own_data.ask_erasure(customer)
    assert asked.due_at == dt.datetime(2026, 11, 16, 15, 0, tzinfo=dt.UTC)


def test_erasure_is_asked_once_shown_and_withdrawn(client: Client, customer: Customer, path: str) -> None:
    page = press(client, path, act="erase")
    press(client, path, act="erase")
    assert ErasureRequest.objects.get().closed_at is None
    assert "Withdraw the request" in page.content.decode()
    press(client, path, act="keep")
    assert ErasureRequest.objects.get().is_withdrawn
    press(client, path, act="erase")
    assert ErasureRequest.objects.filter(closed_at=None).count() == 1
