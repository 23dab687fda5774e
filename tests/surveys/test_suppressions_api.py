"""The list of addresses that get no mail, kept by a program."""

import pytest

from surveys import sending
from surveys.models import Invitation, Suppression

pytestmark = pytest.mark.django_db
URL = "/api/v1/suppressions/"


def test_an_address_is_added_once(api, survey) -> None:
    first = api.post(URL, {"address": " Ivan@Example.org "}, format="json")
    again = api.post(URL, {"address": "ivan@example.org", "reason": "manual"}, format="json")
    for_one = api.post(URL, {"address": "ivan@example.org", "survey": survey.code}, format="json")
    assert [reply.status_code for reply in (first, again, for_one)] == [201, 200, 201]
    assert again.json()["id"] == first.json()["id"]
    assert (first.json()["survey"], for_one.json()["survey"]) == (None, survey.code)
    assert [row["id"] for row in api.get(URL).json()["results"]] == [first.json()["id"], for_one.json()["id"]]


def test_a_planned_mail_does_not_leave_any_more(api, make_invitation) -> None:
    invitation = make_invitation(state="planned", sent_at=None)
    api.post(URL, {"address": invitation.customer.email, "reason": "unsubscribed"}, format="json")
    sending.send([invitation.pk])
    assert Invitation.objects.get().state == "refused"


@pytest.mark.parametrize("body", [{}, {"address": "nobody"}, {"address": ""}, {"address": "a@b.c", "survey": "none"},
                                  {"address": "a@example.org", "reason": "erased"}, {"address": ["a@example.org"]},
                                  {"address": "a@example.org\r\nBcc: b@example.org"}])  # fmt: skip
def test_what_is_wrong_is_400(api, body) -> None:
    assert api.post(URL, body, format="json").status_code == 400
    assert not Suppression.objects.exists()


def test_what_a_program_added_can_be_taken_back_and_the_customers_word_cannot(api) -> None:
    by_hand = api.post(URL, {"address": "+79161234567"}, format="json").json()["id"]
    own_word = api.post(URL, {"address": "a@example.org", "reason": "unsubscribed"}, format="json").json()["id"]
    assert api.delete(f"{URL}{by_hand}/").status_code == 204
    reply = api.delete(f"{URL}{own_word}/")
    assert reply.status_code == 409
    assert reply.json()["errors"][0]["detail"]
    assert Suppression.objects.get().pk == own_word
    assert api.get(f"{URL}{by_hand}/").status_code == api.delete(f"{URL}{by_hand}/").status_code == 404


def test_a_teams_key_sees_and_changes_nothing(team_api) -> None:
    entry = Suppression.objects.create(address="a@example.org", reason="manual")
    replies = [
        team_api.get(URL),
        team_api.post(URL, {"address": "b@example.org"}, format="json"),
        team_api.get(f"{URL}{entry.pk}/"),
        team_api.delete(f"{URL}{entry.pk}/"),
    ]
    assert [reply.status_code for reply in replies] == [403] * 4
    assert Suppression.objects.count() == 1
