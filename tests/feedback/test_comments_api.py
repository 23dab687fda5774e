"""`POST /api/v1/comments/`: reviews, complaints and messages from elsewhere."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from feedback import intake
from feedback.models import Comment, Response
from ground import erasing
from ground.models import Change, Team
from surveys.models import Customer

pytestmark = pytest.mark.django_db
PATH = "/api/v1/comments/"
REVIEW = {"source": "review", "origin": "maps.example", "external_key": "r1", "text": "Вежливо и быстро", "stars": 5}


def test_a_review_becomes_a_comment_and_no_score(api: APIClient, team: Team) -> None:
    reply = api.post(PATH, REVIEW | {"team": team.code, "said_at": "2026-05-12T23:30:00+03:00"}, format="json")
    assert reply.status_code == 201 and reply.data["team"] == team.code
    comment = Comment.objects.get()
    assert (comment.text, comment.stars, comment.team, comment.classified_at) == ("Вежливо и быстро", 5, team, None)
    assert not Response.objects.exists()
    assert str(Change.objects.get(scope="comment").day) == "2026-05-12"


def test_the_same_key_again_is_the_same_comment(api: APIClient) -> None:
    first = api.post(PATH, REVIEW, format="json")
    second = api.post(PATH, REVIEW, format="json")
    assert (first.status_code, second.status_code) == (201, 200) and first.data == second.data
    assert api.post(PATH, REVIEW | {"source": "complaint"}, format="json").status_code == 201


def test_customer_is_found_or_made(api: APIClient, customer: Any) -> None:
    api.post(PATH, REVIEW | {"customer": {"external_id": "c-olga"}}, format="json")
    assert Comment.objects.get().customer == customer


def test_what_was_erased_does_not_come_back_when_it_is_sent_again(
    api: APIClient, customer: Any, settings: Any, tmp_path: Path
) -> None:
    """A program that sends its comments anew every night is told that this one is known, and nothing of it is kept."""
    settings.KEYS_DIR = tmp_path
    customer_there = {"customer": {"external_id": customer.external_id}}
    api.post(PATH, REVIEW | customer_there, format="json")
    kept = Comment.objects.get()
    erasing.erase(erasing.find(customer.external_id), by=None)
    for _time in range(2):
        reply = api.post(PATH, REVIEW | customer_there, format="json")
        assert (reply.status_code, reply.data["id"]) == (200, kept.pk) and REVIEW["text"] not in str(reply.data)
    [(comment, is_fresh)] = intake.add_comments([intake.Said(**REVIEW)])
    assert (comment.pk, is_fresh) == (kept.pk, False)  # nor with a file
    stored = Comment.objects.get()
    assert stored.text == "[erased]" and "r1" not in (stored.external_key or "")
    assert not Customer.objects.exclude(external_id=None).exists()  # nor is she known anew by it
    assert api.post(PATH, REVIEW | {"external_key": "r2"}, format="json").status_code == 201


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"sorce": "x"}, "sorce"),
        ({"customer": {"mail": "x"}}, "customer.mail"),
        ({"customer": {}}, None),
        ({"source": "survey"}, "source"),
        ({"stars": 6}, "stars"),
        ({"stars": "five"}, "stars"),
        ({"text": ""}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"external_key": None}, "external_key"),
        ({"said_at": "yesterday"}, "said_at"),
        ({"said_at": "2999-01-01T00:00:00Z"}, "said_at"),
        ({"team": "nobody"}, "team"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_what_is_wrong_is_named(api: APIClient, change: dict[str, Any], attr: str | None) -> None:
    reply = api.post(PATH, REVIEW | change, format="json")
    if attr is None:
        assert reply.status_code == 201 and Comment.objects.get().customer is None
        return
    assert reply.status_code == 400 and [error["attr"] for error in reply.data["errors"]] == [attr]
    assert not Comment.objects.exists()


@pytest.mark.parametrize("body", [b"{", b'{"text": "\\u0000"}', b"\xff", b"[]", b"[" * 100_000, b"null", b"1"])
def test_broken_bodies_are_refused(api: APIClient, body: bytes) -> None:
    assert api.post(PATH, body, content_type="application/json").status_code == 400


def test_without_key_nobody_comes_in(client: Any) -> None:
    assert client.post(PATH, REVIEW, content_type="application/json").status_code == 401


def test_a_teams_key_writes_for_its_own_team_only(team_api: APIClient, team: Team, other_team: Team) -> None:
    assert team_api.post(PATH, REVIEW, format="json").status_code == 201
    assert Comment.objects.get().team == team
    refused = team_api.post(PATH, REVIEW | {"team": other_team.code, "external_key": "r2"}, format="json")
    unknown = team_api.post(PATH, REVIEW | {"team": "nobody", "external_key": "r2"}, format="json")
    assert refused.status_code == 400 and refused.data == unknown.data


def test_a_teams_key_reads_no_comment_of_another(team_api: APIClient, other_team: Team) -> None:
    Comment.objects.create(source="review", origin="maps.example", external_key="r1", text="secret", team=other_team)
    reply = team_api.post(PATH, REVIEW, format="json")
    assert reply.status_code == 403 and "secret" not in str(reply.data)
