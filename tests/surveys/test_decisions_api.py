"""Programs ask why a customer was asked or not, count the reasons, and say not to ask."""

import datetime as dt

import pytest
from django.utils import timezone

from surveys import deciding
from surveys.models import Decision, Invitation, Skip
from tests.factories import make_customer, make_interaction

pytestmark = pytest.mark.django_db
DECISIONS, COUNTS, SKIP = "/api/v1/decisions/", "/api/v1/decisions/counts/", "/api/v1/interactions/skip/"


@pytest.fixture
def decided(rule, team, other_team, customer) -> list[Decision]:
    """Asked, refused twice, and asked in another team."""
    shy = make_customer(no_consent=True)
    return [
        deciding.consider(make_interaction(customer=one, team=served, external_id=number))
        for one, served, number in [
            (customer, team, "1"), (shy, team, "2"), (shy, team, "3"), (make_customer(), other_team, "4"),
        ]
    ]  # fmt: skip


def test_a_decision_is_told_whole(api, decided, rule) -> None:
    asked = {"source": "crm", "external_id": "2"}
    (row,) = api.get(DECISIONS, asked, headers={"Accept-Language": "en"}).json()["results"]
    assert (row["outcome"], row["reason"], row["reason_text"]) == ("refuse", "no_consent", "no consent")
    assert (row["rule"], row["rule_version"], row["survey"], row["team"]) == ("Support", 1, "support", "first-line")
    assert row["checks"] == [{"check": "suppressed", "passed": False}]
    assert row["weight"] == 1


@pytest.mark.parametrize(("asked", "numbers"), [
    ({}, ["1", "2", "3", "4"]),
    ({"outcome": "refuse"}, ["2", "3"]),
    ({"customer": "c-olga"}, ["1"]),
    ({"reason": "no_consent", "external_id": "3"}, ["3"]),
    ({"survey": "support", "outcome": "send"}, ["1", "4"]),
    ({"survey": "other"}, []),
    ({"until": "2020-01-01T00:00:00Z"}, []),
    ({"since": "2020-01-01T00:00:00Z", "limit": "2"}, ["1", "2"]),
])  # fmt: skip
def test_it_is_narrowed(api, decided, asked, numbers) -> None:
    assert [row["external_id"] for row in api.get(DECISIONS, asked).json()["results"]] == numbers


def test_pages_follow_each_other(api, decided, django_assert_max_num_queries) -> None:
    first = api.get(DECISIONS, {"limit": 3}).json()
    with django_assert_max_num_queries(3):
        second = api.get(first["next"]).json()
    assert [len(page["results"]) for page in (first, second)] == [3, 1]
    assert second["next"] is None


@pytest.mark.parametrize("asked", [
    {"outcome": "maybe"}, {"reason": "because"}, {"since": "yesterday"}, {"serch": "x"}, {"customer": "\x00"},
])  # fmt: skip
def test_what_is_not_understood_is_refused(api, decided, asked) -> None:
    assert api.get(DECISIONS, asked).status_code == 400


def test_a_teams_key_sees_and_counts_its_own(team_api, decided) -> None:
    assert len(team_api.get(DECISIONS).json()["results"]) == 3
    assert team_api.get(DECISIONS, {"external_id": "4"}).json()["results"] == []
    assert team_api.get(COUNTS).json()["total"] == 3


def test_reasons_are_counted(api, decided) -> None:
    told = api.get(COUNTS, {"survey": "support"}).json()
    assert (told["total"], told["asked"]) == (4, 2)
    assert {(line["outcome"], line["reason"], line["count"], line["share"]) for line in told["reasons"]} == {
        ("send", "", 2, 0.5), ("refuse", "no_consent", 2, 0.5),
    }  # fmt: skip
    Decision.objects.update(decided_at=timezone.now() - dt.timedelta(days=40))
    assert api.get(COUNTS).json()["total"] == 0
    assert api.get(COUNTS, {"survey": "other"}).status_code == 404


def skip(client, **fields):
    body = {"source": "crm", "external_id": "1", "reason": "settled"} | fields
    return client.post(SKIP, body, format="json")


def test_a_skip_holds_back_and_is_counted_once(api, decided, agent) -> None:
    reply = skip(api, agent="a1").json()
    assert (reply["is_new"], reply["held_back"]) == (True, 1)
    assert Invitation.objects.get(interaction__external_id="1").state == "refused"
    again = skip(api, reason="other").json()
    assert (again["is_new"], again["reason"]) == (False, "settled")
    assert Skip.objects.get().agent == agent
    assert api.get(DECISIONS, {"reason": "skipped"}).json()["results"][0]["external_id"] == "1"


def test_a_skip_that_cannot_be_is_refused(api, team_api, decided, agent) -> None:
    assert skip(api, external_id="9").status_code == 404
    assert skip(team_api, external_id="4").status_code == 404
    assert skip(api, reason="").status_code == 400
    assert skip(api, agent="nobody").status_code == 400
    Invitation.objects.update(state="sent")
    assert skip(api).json()["errors"][0]["attr"] == "reason"
    assert not Skip.objects.exists()
