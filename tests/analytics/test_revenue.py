"""NPS by revenue: each answer weighs as much as its customer is worth in a year."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.periods import Period
from analytics.reports import Filters
from analytics.revenue import nps_by_revenue
from analytics.scores import weighted_nps
from ground.access import EVERYTHING, scope_of
from ground.models import Team, User
from surveys.models import Customer, Invitation, Survey
from tests.analytics.rows import answer, invite

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def recommend(survey: Survey, score: int, worth: float | None, number: int, **fields: Any) -> None:
    invitation = invite(survey, sent_at=timezone.now() - 2 * DAY)
    Customer.objects.filter(pk=invitation.customer_id).update(value=None if worth is None else Decimal(str(worth)))
    answer(survey, score, at=timezone.now() - DAY, invitation=invitation, scale="nps", **fields)


def told(**chosen: Any) -> Filters:
    today = timezone.now().date()
    return Filters(period=Period(today - 27 * DAY, today), **({"scope": EVERYTHING} | chosen))


def test_large_customers_weigh_more(survey: Survey, team: Team, viewer: User, client: Client, administrator: User,
                                    api: APIClient) -> None:  # fmt: skip
    User.objects.update(language="en")
    given = [(9, 5), (10, 1), (8, 2), (3, 10), (9, 1), (0, 1), (7, 3), (10, 2.5)]
    for number, (score, worth) in enumerate(given):
        recommend(survey, score, worth, number)
    recommend(survey, 10, None, 20)
    recommend(survey, 10, 0, 21)
    recommend(survey, 10, 99, 22, evidence="held")
    found = nps_by_revenue(told())
    assert found is not None
    signs = [1 if score >= 9 else -1 if score <= 6 else 0 for score, _worth in given]
    expected = weighted_nps(signs, [worth for _score, worth in given])
    assert (found.plain.n, found.answered, found.plain.value) == (8, 10, 25.0)
    for name in ("value", "n_eff", "lo", "hi"):
        assert getattr(found.weighted, name) == pytest.approx(getattr(expected, name))
    assert not found.is_shown  # one account leaves fewer than five effective answers
    (value,) = api.get("/api/v1/metrics/weighted_nps/").json()["values"]
    assert (value["state"], value["value"]) == ("hidden", None)
    client.force_login(administrator)
    assert "a few large customers make up most of it" in client.get("/admin/funnel/").content.decode()
    for number in range(30):
        recommend(survey, 9, 5, 30 + number, team=team)
    (value,) = api.get("/api/v1/metrics/weighted_nps/").json()["values"]
    assert value["n"] == 38 and value["state"] == "full" and value["lo"] < value["value"] < value["hi"]
    page = client.get("/admin/funnel/")
    assert page.context["revenue"]["weighted"] and "By revenue" in page.content.decode()
    assert "NPS by revenue" in client.get("/admin/funnel/?format=csv").content.decode("utf-8-sig")
    own = nps_by_revenue(told(scope=scope_of(viewer)))
    assert own is not None and own.plain.n == 30


def test_nothing_is_told_where_no_worth_is_known_or_nobody_is_to_be_known(
    survey: Survey, django_assert_num_queries: Any
) -> None:
    recommend(survey, 9, None, 1)
    with django_assert_num_queries(1):  # no answer is read
        assert nps_by_revenue(told()) is None
    if connection.vendor == "sqlite":
        assert "surveys_customer_value" in Customer.objects.filter(value__gt=0).explain()
    recommend(survey, 9, 5, 2)
    assert nps_by_revenue(told()) is not None
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    assert nps_by_revenue(told()) is None
    assert Invitation.objects.count() == 2
