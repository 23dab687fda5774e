"""Up to a thousand interactions in one call: each by itself, each answered for."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from ground.models import ApiKey
from surveys import deciding
from surveys.models import Customer, Interaction, Invitation, SendingRule

pytestmark = pytest.mark.django_db
URL = "/api/v1/interactions/bulk/"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def two_days_later() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


def item(number: int, **changes) -> dict:
    return {
        "source": "zendesk",
        "external_id": str(number),
        "updated_at": "2026-11-20T12:00:00Z",
        "closed_at": "2026-11-20T11:59:00Z",
        "channel": "email",
        "customer": {"external_id": f"c{number}", "email": f"c{number}@example.org", "language": "ru"},
    } | changes


def post(api: APIClient, *items: dict, **headers: str):
    return api.post(URL, {"items": list(items)}, format="json", headers=headers)


def test_each_item_gets_its_result_in_order(api, rule) -> None:
    post(api, item(2))
    reply = post(api, item(1), item(2), item(3, channel="pigeon"), item(4, customer={}), item(5))
    assert reply.status_code == 200, reply.json()
    body = reply.json()
    assert [result["outcome"] for result in body["results"]] == ["created", "stale", "refused", "refused", "created"]
    assert [result["index"] for result in body["results"]] == [0, 1, 2, 3, 4]
    assert body["counts"] == {"created": 2, "stale": 1, "refused": 2}
    assert [result["errors"][0]["attr"] for result in body["results"][2:4]] == ["channel", "customer"]
    assert body["results"][0]["decision"]["outcome"] == "send"
    known = api.get("/api/schema/?format=json").json()["components"]["schemas"]["InteractionResult"]
    assert all(set(known["required"]) <= set(result) <= set(known["properties"]) for result in body["results"])
    assert Interaction.objects.count() == Invitation.objects.count() == 3


@pytest.mark.parametrize(
    "body",
    [{}, [], {"items": []}, {"items": {}}, {"items": None}, {"items": [item(1)], "more": 1},
     {"items": [{}] * 1001}],
    ids=["nothing", "a list", "no item", "an object", "null", "another field", "too many"],
)  # fmt: skip
def test_a_body_that_is_no_list_of_items_is_400(api, body) -> None:
    reply = api.post(URL, body, format="json")
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["detail"]
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, {"items": 1}, {"source": "x" * 500}])
def test_an_item_of_any_shape_is_refused_alone(api, wrong) -> None:
    results = post(api, wrong, item(1)).json()["results"]
    assert [result["outcome"] for result in results] == ["refused", "created"]
    assert results[0]["errors"]


def test_a_repeated_call_gets_the_kept_reply(api, rule) -> None:
    first = post(api, item(1), item(2), **{"Idempotency-Key": "k"})
    second = post(api, item(1), item(2), **{"Idempotency-Key": "k"})
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert post(api, item(3), **{"Idempotency-Key": "k"}).status_code == 409
    assert Interaction.objects.count() == 2


def test_a_teams_key_writes_its_own_teams_items_only(team_api, team, other_team) -> None:
    own, other = {"code": team.code}, {"code": other_team.code}
    reply = post(team_api, item(1, team=own), item(2, team=other), item(3))
    assert [result["outcome"] for result in reply.json()["results"]] == ["created", "refused", "refused"]
    assert reply.json()["results"][1]["errors"][0]["code"] == "permission_denied"


def test_two_hundred_items(api, rule) -> None:
    reply = post(api, *[item(number) for number in range(200)])
    assert reply.json()["counts"] == {"created": 200}
    assert Invitation.objects.count() == 200


def test_deciding_costs_no_more_statements_for_more_items(api, rule) -> None:
    def decisions(*numbers: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            post(api, *[item(number) for number in numbers])
        return sum('INTO "surveys_invitation"' in asked["sql"] for asked in seen.captured_queries)

    assert decisions(*range(5)) == decisions(*range(5, 25)) == 1
    assert Invitation.objects.count() == 25


def test_of_two_contacts_of_one_customer_the_second_finds_the_first_asked_about(api, rule) -> None:
    reply = post(api, item(1), item(2, customer=item(1)["customer"]), item(3))
    decisions = [result["decision"]["outcome"] for result in reply.json()["results"]]
    assert decisions == ["send", "refuse", "send"]


def test_an_item_that_is_told_twice_is_decided_about_once(api, rule) -> None:
    later = item(1, updated_at="2026-11-20T13:00:00Z", closed_at="2026-11-20T12:59:00Z")
    results = post(api, item(1), later, item(1)).json()["results"]
    assert [result["outcome"] for result in results] == ["created", "updated", "stale"]
    assert [result["decision"] for result in results] == [results[0]["decision"]] * 3
    assert Interaction.objects.get().closings == 2
    assert Invitation.objects.get().closing == 2


def test_what_a_lost_call_left_undecided_is_decided_when_it_is_repeated(api, rule, monkeypatch) -> None:
    with monkeypatch.context() as broken, pytest.raises(SystemExit):
        broken.setattr(deciding, "consider_all", lambda *told, **more: exit())
        post(api, item(1))
    assert (Interaction.objects.count(), Invitation.objects.count()) == (1, 0)
    assert post(api, item(1)).json()["results"][0]["decision"]["outcome"] == "send"


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_over_the_same_customers_leave_one_row_each(organisation, rule) -> None:
    SendingRule.objects.update(daily_maximum=5)  # so that the places of several days are wanted, too
    _key, secret = ApiKey.objects.create_key(name="crm")
    there, back = [item(number) for number in range(12)], [item(number) for number in reversed(range(12))]
    replies: list = []

    def call(items: list[dict]) -> None:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
        replies.append(post(client, *items))
        connection.close()

    threads = [threading.Thread(target=call, args=[items]) for items in (there, back, there, back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status_code for reply in replies] == [200] * 4
    outcomes = [result["outcome"] for reply in replies for result in reply.json()["results"]]
    assert sorted(set(outcomes)) == ["created", "stale"]
    assert outcomes.count("created") == 12
    assert Interaction.objects.count() == Customer.objects.count() == Invitation.objects.count() == 12
