"""Customers by the API: found by the CRM's id, listed in pages, changed by keys of the whole organisation."""

import pytest
from django.db import connection

from surveys import interactions
from surveys.models import Customer
from tests.factories import make_customer, make_interaction

pytestmark = pytest.mark.django_db
URL = "/api/v1/customers/"


def test_one_is_created_then_brought_up_to_date(api) -> None:
    first = api.post(URL, {"external_id": "c1", "email": "Ivan@Example.org", "is_vip": True}, format="json")
    second = api.post(URL, {"external_id": "c1", "name": "Иван", "language": "ru"}, format="json")
    assert (first.status_code, second.status_code) == (201, 200)
    customer = Customer.objects.get()
    assert (customer.email, customer.name, customer.language, customer.is_vip) == (
        "ivan@example.org",
        "Иван",
        "ru",
        True,
    )
    assert second.json()["email"] == "ivan@example.org"


def test_a_telephone_is_one_however_programs_write_it(api) -> None:
    assert api.post(URL, {"phone": "79161234567"}, format="json").status_code == 201
    for written in ("+79161234567", "89161234567", "8 (916) 123-45-67", "79161234567"):
        assert api.post(URL, {"phone": written}, format="json").status_code == 200
    assert Customer.objects.get().phone == "79161234567"
    if connection.vendor == "sqlite":
        assert "surveys_customer_phone" in interactions._by_phone("79161234567").explain()


def test_what_names_nobody_is_400(api) -> None:
    reply = api.post(URL, {"name": "Иван"}, format="json")
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["attr"] == "customer"


def test_a_field_that_is_not_the_callers_is_refused(api) -> None:
    reply = api.post(URL, {"external_id": "c1", "created_at": "2020-01-01T00:00:00Z"}, format="json")
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["code"] == "unknown"


def test_many_at_once(api) -> None:
    make_customer(external_id="c1")
    items = [{"external_id": "c1", "name": "A"}, {"name": "nobody"}, {"external_id": "c2"}]
    body = api.post(f"{URL}bulk/", {"items": items}, format="json").json()
    assert [result["outcome"] for result in body["results"]] == ["updated", "refused", "created"]
    assert Customer.objects.count() == 2


def test_one_is_read_and_changed_by_its_id_with_a_slash(api) -> None:
    make_customer(external_id="a/b", name="Old", phone="+79161234567")
    address = f"{URL}a/b/"
    assert api.get(address).json()["name"] == "Old"
    reply = api.patch(address, {"phone": "", "no_consent": True, "value": None}, format="json")
    assert reply.status_code == 200, reply.json()
    customer = Customer.objects.get()
    assert (customer.name, customer.phone, customer.no_consent) == ("Old", "", True)
    told = {"language": "ru", "timezone": "Asia/Omsk"}
    assert api.patch(address, told, format="json").json()["timezone"] == "Asia/Omsk"
    taken = api.patch(address, {"language": "", "timezone": ""}, format="json").json()
    assert (taken["language"], taken["timezone"]) == ("", None) == tuple(api.get(address).json()[name] for name in told)
    assert api.patch(address, {"external_id": "other"}, format="json").status_code == 400
    assert api.get(f"{URL}missing/").status_code == 404


def test_pages_follow_each_other(api, django_assert_max_num_queries) -> None:
    made = [make_customer().pk for _number in range(7)]
    seen: list[int] = []
    address = f"{URL}?limit=3"
    while address:
        with django_assert_max_num_queries(4):
            body = api.get(address).json()
        seen += [row["id"] for row in body["results"]]
        address = body["next"]
    assert seen == made


def test_a_teams_key_sees_whom_its_team_served_and_changes_none(team_api, team, other_team) -> None:
    own, foreign = make_customer(), make_customer()
    make_interaction(customer=own, team=team)
    make_interaction(customer=foreign, team=other_team)
    assert [row["id"] for row in team_api.get(URL).json()["results"]] == [own.pk]
    assert team_api.get(f"{URL}{foreign.external_id}/").status_code == 404
    assert team_api.patch(f"{URL}{own.external_id}/", {"name": "X"}, format="json").status_code == 403
    assert team_api.post(URL, {"external_id": "new"}, format="json").status_code == 403
    assert team_api.post(f"{URL}bulk/", {"items": [{"external_id": "new"}]}, format="json").status_code == 403


@pytest.mark.parametrize("cursor", ["x", "%00", "cD0x", "🙂", "a" * 5000])
def test_a_cursor_that_is_none_is_404_or_ignored(api, cursor) -> None:
    assert api.get(URL, {"cursor": cursor}).status_code in (200, 404)
