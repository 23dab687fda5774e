"""The bodies and scripts that the manual gives for other programs, taken from its page word for word."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from surveys.models import Interaction

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "connecting.md").read_text(encoding="utf-8")
TICKET = {
    "ticket.id": "4711", "ticket.updated_at_with_timestamp": "2026-11-20T12:00:00Z",
    "ticket.created_at_with_timestamp": "2026-11-20T09:00Z", "ticket.via": "Mail", "ticket.priority": "High",
    "ticket.requester.email": "vera@example.org", "ticket.requester.name": "Vera Antonova",
    "ticket.group.name": "Support", "ticket.assignee.email": "olga@example.org", "ticket.assignee.name": "Olga Reznik",
}  # fmt: skip
DEALS = [
    {"ID": "401", "DATE_MODIFY": "2026-11-20T14:00:00+03:00", "DATE_CREATE": "2026-11-20T09:00:00+03:00",
     "MOVED_TIME": "2026-11-20T13:30:00+03:00", "SOURCE_ID": "CALL", "ASSIGNED_BY_ID": "7", "CONTACT_ID": "55",
     "CLOSED": "Y", "STAGE_SEMANTIC_ID": "S"},
    {"ID": "402", "DATE_MODIFY": "2026-11-20T14:10:00+03:00", "DATE_CREATE": "2026-11-20T09:10:00+03:00",
     "MOVED_TIME": "2026-11-20T09:10:00+03:00", "SOURCE_ID": None, "ASSIGNED_BY_ID": "7", "CONTACT_ID": "56",
     "CLOSED": "N", "STAGE_SEMANTIC_ID": "P"},
]  # fmt: skip
PEOPLE = {
    "55": {"NAME": "Вера", "EMAIL": [{"VALUE": "vera@example.org"}], "PHONE": [{"VALUE": "+79161234567"}]},
    "56": {"NAME": None},
}


def block(name: str) -> str:
    found = re.search(rf"```\w+ {name}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def as_zendesk_fills_it(body: str) -> str:
    """Placeholders, and the case that Liquid and our engine write differently."""
    case = re.search(r"\{% case (\S+) %\}(.*?)\{% endcase %\}", body)
    assert case
    chosen = dict(re.findall(r"\{% when '([^']+)' %\}([^{]*)", case[2]))
    said = chosen.get(TICKET[case[1]], re.findall(r"\{% else %\}([^{]*)", case[2])[0])
    return re.sub(r"\{\{(\S+?)\}\}", lambda found: TICKET[found[1]], body.replace(case[0], said))


@time_machine.travel("2026-11-20T12:30:00Z")
def test_the_body_of_a_zendesk_trigger(api: APIClient) -> None:
    body = as_zendesk_fills_it(block("zendesk"))
    reply = api.post("/api/v1/interactions/", body, content_type="application/json")
    assert reply.status_code == 202, reply.json()
    contact = Interaction.objects.select_related("customer", "team", "agent").get()
    assert (contact.external_id, contact.channel, contact.is_resolved) == ("4711", "email", True)
    assert (contact.customer.email, contact.team.code, contact.agent.name) == (
        "vera@example.org", "Support", "Olga Reznik",
    )  # fmt: skip
    assert contact.closed_at.isoformat() == "2026-11-20T12:00:00+00:00"


@time_machine.travel("2026-11-20T12:30:00Z")
def test_the_script_for_bitrix24(api: APIClient) -> None:
    script: dict[str, Any] = {"__name__": "recipe"}
    exec(block("bitrix24"), script)  # the page's own words

    def answers(address: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        return {"result": DEALS if address.endswith("deal.list") else PEOPLE[body["id"]]}

    script["ask"] = answers
    items = script["changed"]("https://portal.example/rest/1/key", "2026-11-01T00:00:00+03:00")
    reply = api.post("/api/v1/interactions/bulk/", json.dumps({"items": items}), content_type="application/json")
    assert reply.json()["counts"]["created"] == 2, reply.json()
    rows = {row.external_id: row for row in Interaction.objects.select_related("customer")}
    assert (rows["401"].channel, rows["401"].is_resolved, rows["401"].customer.phone) == ("phone", True, "+79161234567")
    assert rows["401"].closed_at.isoformat() == "2026-11-20T10:30:00+00:00"
    assert (rows["402"].channel, rows["402"].closed_at, rows["402"].customer.external_id) == ("web", None, "56")
