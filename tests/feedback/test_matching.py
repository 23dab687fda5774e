"""What came through a help desk's link before its ticket was reported finds its customer, whatever it is."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from feedback import matching
from feedback.models import Comment, Response
from ground.models import Team
from surveys import deciding, interactions, public_links
from surveys.models import Customer, Link
from tests.feedback.answering import Fields

pytestmark = pytest.mark.django_db


def press(client: Client, path: str, page: HttpResponse, **changes: Any) -> HttpResponse:
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=5), tick=False):
        return client.post(path, Fields(page).values | changes)


def report(number: str) -> interactions.Report:
    now = timezone.now()
    return interactions.Report(
        source="zendesk", external_id=number, updated_at=now, team={"code": "second"},
        customer={"external_id": f"c-{number}", "name": "Ольга"},
        fields={"channel": "chat", "reason": "оплата", "closed_at": now},
    )  # fmt: skip


def test_a_message_beside_the_answer_goes_along_and_holds_up_no_other(client: Client, template: Link) -> None:
    """It is written where the answer is closed already; the unknown customer has to be let go of all the same."""
    Team.objects.create(code="second", name="Вторая")
    public_links.new_secret(template)
    moment = int(timezone.now().timestamp())
    first, second = (public_links.signed_path(template, number, time=moment) for number in ("26", "27"))
    for path in (first, second):
        press(client, path, client.get(path), score="3")
    with time_machine.travel(timezone.now() + dt.timedelta(days=20)):
        closed = client.get(first)
        assert Fields(closed).values["only"] == "message"
        press(client, first, closed, comment="Так и не решили")
    for number in ("26", "27"):
        deciding.receive(report(number))
    assert matching.match(matching.due(limit=9)) == 2
    message = Comment.objects.get(source="message")
    assert (message.customer.external_id, message.team.code, message.reason) == ("c-26", "second", "оплата")
    assert set(Response.objects.values_list("customer__external_id", flat=True)) == {"c-26", "c-27"}
    assert matching.due(limit=9) == [] and Customer.objects.count() == 2
