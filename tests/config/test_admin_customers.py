"""The customers with what they last said: columns of the list, who is unhappy, and the whole timeline of one."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from feedback import customers
from ground.models import Membership, Role, Team, User
from surveys import seeking
from surveys.models import Agent, Customer, Invitation, Survey
from tests import factories
from tests.config.reading import make_comment, make_response

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
LIST = "/admin/surveys/customer/"


@pytest.fixture(autouse=True)
def english(organisation: Any) -> None:
    organisation.language = "en"
    organisation.save()


def ago(days: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def page_of(client: Client, customer: Customer, what: str = "change") -> str:
    reply = client.get(reverse(f"admin:surveys_customer_{what}", args=[customer.pk]))
    assert reply.status_code == 200
    return reply.content.decode()


def order(page: str, *words: str) -> bool:
    """Whether the words stand on the page in this order."""
    places = [page.index(word) for word in words]
    return places == sorted(places)


def test_a_page_tells_what_was_asked_and_said_the_newest_first(
    login: Login, manager: User, team: Team, survey: Survey, customer: Customer
) -> None:
    User.objects.update(language="en")
    response = make_response(survey, text="Слишком долго", score=2, at=ago(1), customer=customer, team=team)
    Invitation.objects.filter(pk=response.invitation_id).update(sent_at=ago(2))
    response.invitation.interaction.decisions.create(
        closing=9, outcome="refuse", reason="customer_pause", decided_at=ago(3)
    )
    make_comment(text="Пишу на карту", source="review", customer=customer, team=team, said_at=ago(4))
    old = factories.make_interaction(customer=customer, team=team, reason="refund", created_at=ago(100))
    page = page_of(login(manager), customer)
    assert order(page, "Слишком долго", "Asked: CSAT", "Not asked:", "Пишу на карту", "refund")
    facts = page.partition('class="known"')[2].partition("</dl>")[0]
    assert "<b>2</b>" in facts and "2 contacts" in facts and "1 in 90 days" in facts
    assert reverse("admin:surveys_interaction_change", args=[old.pk]) in page


def test_the_timeline_turns_pages_of_fifty(login: Login, manager: User, team: Team, customer: Customer) -> None:
    for number in range(120):
        factories.make_interaction(customer=customer, team=team, created_at=ago(number), reason=f"matter {number};")
    client = login(manager)
    address = reverse("admin:surveys_customer_timeline", args=[customer.pk])
    first, third = client.get(address), client.get(f"{address}?page=3")
    assert [len(page.context["moments"]) for page in (first, third)] == [50, 20]
    assert "matter 49;" in first.content.decode() and "matter 50;" not in first.content.decode()
    assert "matter 119;" in third.content.decode() and third.context["older"] is None
    for odd in ("0", "x", "-1", "99999", "²"):
        assert client.get(address, {"page": odd}).status_code == 200


def test_everybody_sees_the_rows_of_the_own_work_alone(
    login: Login, manager: User, outsider: User, team: Team, other_team: Team, agent: Agent, survey: Survey,
    customer: Customer,
) -> None:  # fmt: skip
    make_response(survey, text="ours said", score=5, customer=customer, team=team, agent=agent, at=ago(2))
    make_response(survey, text="theirs said", score=1, customer=customer, team=other_team, at=ago(1))
    person = User.objects.create_user("own@example.org")
    Membership.objects.create(user=person, team=team, role=Role.AGENT)
    Agent.objects.filter(pk=agent.pk).update(user=person)
    for what in ("change", "timeline"):
        for user in (manager, person):
            page = page_of(login(user), customer, what)
            assert "ours said" in page and "theirs said" not in page and "<b>1</b>" not in page
        assert "theirs said" in page_of(login(outsider), customer, what)
    stranger = factories.make_customer()
    factories.make_interaction(customer=stranger, team=other_team)
    for what in ("change", "timeline"):
        address = reverse(f"admin:surveys_customer_{what}", args=[stranger.pk])
        missing = reverse(f"admin:surveys_customer_{what}", args=[999_999])
        assert login(manager).get(address).status_code == login(manager).get(missing).status_code != 200


def test_personal_data_stays_hidden(login: Login, manager: User, team: Team, survey: Survey) -> None:
    customer = factories.make_customer(email="lena@home.example", phone="+7 999 000-11-22")
    make_response(survey, text="Позвоните на +7 999 000-11-22", customer=customer, team=team)
    for what in ("change", "timeline"):
        page = page_of(login(manager), customer, what)
        assert "000-11-22" not in page and "lena@home.example" not in page


def test_list_tells_the_last_score_and_finds_who_is_unhappy(
    login: Login, manager: User, team: Team, other_team: Team, survey: Survey
) -> None:
    User.objects.update(language="en")
    glad, cross, calm = (factories.make_customer(name=name) for name in ("Glad", "Cross", "Calm"))
    make_response(survey, score=1, customer=glad, team=team, at=ago(40))  # long ago
    make_response(survey, score=5, customer=glad, team=team, at=ago(2))
    make_response(survey, score=2, customer=cross, team=team, at=ago(3))
    make_response(survey, score=1, customer=calm, team=team, at=ago(3), evidence="held")
    make_response(survey, score=1, customer=calm, team=other_team, at=ago(3))  # nobody of ours heard it
    client = login(manager)
    shown = client.get(LIST).content.decode()
    assert "5 of 5, CSAT" in shown and "2 of 5, CSAT" in shown and "1 of 5" not in shown
    found = client.get(LIST, {"mood": "unhappy"}).context["cl"].queryset
    assert [row.name for row in found] == ["Cross"]


def test_as_many_statements_for_many_customers(
    login: Login, manager: User, team: Team, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    for _number in range(12):
        make_response(survey, score=2, text="Долго", customer=factories.make_customer(), team=team)
    client = login(manager)
    client.get(LIST)
    for address in (LIST, f"{LIST}?mood=unhappy"):
        with django_assert_max_num_queries(18):
            assert len(client.get(address).context["cl"].result_list) == 12
    row = Customer.objects.order_by("-pk").first()
    assert row is not None
    for _number in range(30):
        make_response(survey, score=2, text="Долго", customer=row, team=team)
    with django_assert_max_num_queries(30):
        page_of(client, row)


def test_only_so_many_of_the_newest_answers_are_looked_through(
    monkeypatch: pytest.MonkeyPatch, manager: User, team: Team, survey: Survey
) -> None:
    from ground.access import EVERYTHING

    monkeypatch.setattr(customers, "LOOKED_THROUGH", 2)
    known = [make_response(survey, score=1, customer=factories.make_customer(), team=team, at=ago(day)) for day in
             (1, 2, 3)]  # fmt: skip
    assert customers.unhappy(EVERYTHING) == [row.customer_id for row in known[:2]]


def names(client: Client, **asked: str) -> list[str]:
    reply = client.get(LIST, asked)
    assert reply.status_code == 200
    return sorted(row.name for row in reply.context["cl"].queryset)


def test_search_finds_numbers_first_and_names_however_written(
    login: Login, administrator: User, manager: User, viewer: User, team: Team, other_team: Team
) -> None:
    given = [("C-100", "Анна Петрова", "+79110000001"), ("C-101", "Пётр Анин", ""), ("X-1", "C-100 лично", "")]
    for number, name, phone in given:
        customer = factories.make_customer(external_id=number, name=name, phone=phone)
        factories.make_interaction(customer=customer, team=team)
    factories.make_interaction(
        customer=factories.make_customer(name="Анна Чужая", phone="+79110000002"), team=other_team
    )
    boss = login(administrator)
    assert names(boss, q="C-100") == ["Анна Петрова"]
    assert names(boss, q="C-1") == ["Анна Петрова", "Пётр Анин"]
    assert names(boss, q="c-9") == names(boss, q="зюзя") == []
    assert names(boss, q="анна") == names(boss, q="АНН") == ["Анна Петрова", "Анна Чужая"]
    assert names(boss, q="петрова анна") == ["Анна Петрова"]
    # Who sees some alone is told of names too: what others have must not decide it.
    ours = login(manager)
    assert names(ours, q="C-100") == ["C-100 лично", "Анна Петрова"]
    assert names(ours, q="анна") == ["Анна Петрова"]
    for written in ("+79110000001", "8 911 000-00-01", "7 (911) 000-00-01", "911 000-00-01"):
        assert names(ours, q=written) == ["Анна Петрова"]
    assert names(ours, q="+79110000002") == []
    assert names(login(viewer), q="+79110000001") == []


def test_languages_to_filter_by_are_known(login: Login, administrator: User) -> None:
    for name, language in (("A", "ru"), ("B", "kk"), ("C", "de"), ("D", "")):
        factories.make_customer(name=name, language=language)
    client = login(administrator)
    with CaptureQueriesContext(connection) as told:
        client.get(LIST)
    assert not [one for one in told.captured_queries if "DISTINCT" in one["sql"]]
    for chosen, found in (("ru", ["A"]), ("kk", ["B"]), ("other", ["C"]), ("und", ["D"])):
        assert names(client, language=chosen) == found


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans of SQLite")
def test_a_part_of_a_name_looks_at_names_alone() -> None:
    found = seeking.customers(Customer.objects.all(), "анна", is_reached=Q(), sees_all=True)
    plan = found.order_by("-pk").values("pk")[:50].explain()
    assert "USING COVERING INDEX surveys_customer_name" in plan, plan
    by_number = seeking.customers(Customer.objects.all(), "C-12345", is_reached=Q(), sees_all=False)
    plan = by_number.order_by("-pk").values("pk")[:50].explain()
    assert "external_id=?" in plan and "external_id>?" in plan, plan
