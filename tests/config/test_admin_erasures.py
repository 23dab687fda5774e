"""Requests for erasure on the desk: seen by managers of the whole, closed by administrators, once."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ground.models import AuditEntry, Membership, User
from surveys import own_data
from surveys.models import Customer, ErasureRequest

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
LIST = "admin:surveys_erasurerequest_changelist"


@pytest.fixture
def asked(customer: Customer) -> ErasureRequest:
    return own_data.ask_erasure(customer)


def page_of(asked: ErasureRequest) -> str:
    return reverse("admin:surveys_erasurerequest_change", args=[asked.pk])


def test_an_administrator_closes_it_with_what_was_done(
    login: Login, administrator: User, asked: ErasureRequest
) -> None:
    desk = login(administrator)
    assert desk.post(page_of(asked), {"outcome": ""}).status_code == 200
    desk.post(page_of(asked), {"outcome": "Erased in CRM and here"})
    asked.refresh_from_db()
    assert asked.closed_at and asked.outcome == "Erased in CRM and here"
    assert AuditEntry.objects.filter(verb="erasure.closed").count() == 1
    assert desk.post(page_of(asked), {"outcome": "Another story"}).status_code == 403
    asked.refresh_from_db()
    assert asked.outcome == "Erased in CRM and here"


def test_an_overdue_one_is_red_and_stands_first(login: Login, administrator: User, asked: ErasureRequest) -> None:
    ErasureRequest.objects.update(due_at=timezone.now() - dt.timedelta(days=1))
    words = login(administrator).get(reverse(LIST)).content.decode()
    assert 'class="overdue"' in words
    ErasureRequest.objects.update(closed_at=timezone.now())
    assert "Ольга" not in login(administrator).get(reverse(LIST)).content.decode()
    assert "Ольга" in login(administrator).get(reverse(LIST) + "?state=closed").content.decode()


def test_managers_of_the_whole_look_and_others_do_not(login: Login, manager: User, asked: ErasureRequest) -> None:
    assert login(manager).get(reverse(LIST)).status_code == 403
    whole = User.objects.create_user("whole@example.org", "correct horse battery")
    Membership.objects.create(user=whole, team=None, role="manager")
    desk = login(whole)
    assert desk.get(reverse(LIST)).status_code == 200
    assert desk.post(page_of(asked), {"outcome": "x"}).status_code == 403
    assert ErasureRequest.objects.get().closed_at is None


def test_one_that_was_withdrawn_meanwhile_stays_withdrawn(
    login: Login, administrator: User, asked: ErasureRequest, customer: Customer
) -> None:
    own_data.withdraw_erasure(customer)
    assert not own_data.close_erasure(asked, outcome="Erased")
    assert login(administrator).post(page_of(asked), {"outcome": "Erased"}).status_code == 403
    assert ErasureRequest.objects.get().outcome == ""
