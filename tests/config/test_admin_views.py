"""Saved views: what is offered with which count, keeping and sharing one, and how far a list looks."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback import reading, saved_views, search, seeking
from feedback.admin import listing
from feedback.models import Comment, SavedView
from ground import access, remembered
from ground.models import Membership, Role, Team, User
from surveys.models import Agent, Survey
from tests.config.reading import label, make_comment, make_response, make_topic

pytestmark = pytest.mark.django_db
LIST = "admin:feedback_comment_changelist"
KEEP = "admin:feedback_comment_keep"


@pytest.fixture
def desk(login: Callable[..., Client], manager: User) -> Client:
    User.objects.filter(pk=manager.pk).update(language="en")
    return login(manager)


def offered(client: Client, query: str = "") -> dict[str, str]:
    """The views that the page offers, with what it says of their number."""
    page = client.get(f"{reverse(LIST)}?{query}")
    return {str(link.view.name): link.count for link in page.context["saved"]}


def keep(client: Client, name: str = "Mine", query: str = "class=negative", **fields: str) -> Any:
    return client.post(reverse(KEEP), {"name": name, "query": query, **fields}, follow=True)


def test_every_desk_has_views_with_counts_of_its_own_rows(
    desk: Client, manager: User, survey: Survey, team: Team, other_team: Team
) -> None:
    for whose in (team, other_team):
        asking = make_response(survey, text="Перезвоните", team=whose, wants_contact=True).comment
        label(asking)
        make_response(survey, text="Не прочитан", team=whose)
    reading.mark_read(asking, reader=manager)
    assert offered(desk) == {
        "Unread": "2", "Negative this week, unread": "1", "Contact requests": "1", "Not sure": "1", "Suggestions": "",
    }  # fmt: skip


def test_a_view_is_work_and_shrinks_as_it_is_done(desk: Client, manager: User, team: Team) -> None:
    comment = label(make_comment(team=team))
    Comment.objects.filter(pk=comment.pk).update(constructive=True)
    assert offered(desk)["Suggestions"] == "1"
    reading.mark_done(comment, by=manager)
    assert (offered(desk)["Suggestions"], offered(desk)["Unread"]) == ("", "")


def test_filters_are_kept_under_a_name_and_open_the_same_rows(desk: Client, team: Team) -> None:
    negative = label(make_comment(team=team))
    label(make_comment(team=team), tone="positive")
    page = keep(desk, query="class=negative&state=open&nonsense=1&score=abc")
    view = SavedView.objects.get()
    assert view.query == "state=open&class=negative"
    assert "is kept among your views" in page.content.decode()
    assert page.context["open_view"].name == "Mine"
    assert [row.pk for _day, group in page.context["days"] for row in group] == [negative.pk]
    assert offered(desk)["Mine"] == "1"


def test_a_kept_period_stays_relative(desk: Client, team: Team) -> None:
    make_comment(team=team, said_at=timezone.now() - dt.timedelta(days=8))
    keep(desk, query="period=7d")
    assert offered(desk)["Mine"] == ""
    make_comment(team=team)
    assert offered(desk)["Mine"] == "1"


def test_the_same_name_shows_other_filters_from_then_on(desk: Client) -> None:
    keep(desk)
    keep(desk, query="class=positive")
    assert SavedView.objects.get().query == "class=positive"


def test_an_own_view_is_renamed_shared_and_dropped(desk: Client, manager: User) -> None:
    keep(desk)
    view = SavedView.objects.get()
    desk.post(reverse("admin:feedback_comment_view", args=[view.pk]), {"name": "<b>Ours</b>", "shared": "1"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("<b>Ours</b>", True)
    page = desk.get(f"{reverse(LIST)}?{view.query}").content.decode()
    assert "&lt;b&gt;Ours&lt;/b&gt;" in page
    assert "<b>Ours" not in page
    desk.post(reverse("admin:feedback_comment_view_drop", args=[view.pk]))
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "needs a name"), (" \n\x00 ", "needs a name"), ("я" * 61, "needs a name"), ("Mine", "another view of this")],
)
def test_a_name_that_cannot_be_is_refused_with_a_sentence(desk: Client, name: str, said: str) -> None:
    keep(desk)
    keep(desk, name="Second", query="class=positive")
    second = SavedView.objects.get(name="Second")
    page = desk.post(reverse("admin:feedback_comment_view", args=[second.pk]), {"name": name}, follow=True)
    assert said in page.content.decode()
    second.refresh_from_db()
    assert second.name == "Second"


def test_only_so_many_views_are_kept(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST_OWN", 1)
    keep(desk)
    assert "views already" in keep(desk, name="Another").content.decode()
    assert SavedView.objects.count() == 1


def test_a_shared_view_shows_each_reader_the_own_rows(
    client: Client, administrator: User, outsider: User, team: Team, other_team: Team
) -> None:
    own, foreign = label(make_comment(team=team)), label(make_comment(team=other_team))
    client.force_login(administrator)
    keep(client, name="Everybody's", shared="1")
    keep(client, name="Private")
    client.force_login(outsider)
    assert "Private" not in offered(client)
    page = client.get(f"{reverse(LIST)}?class=negative")
    assert [row.pk for _day, group in page.context["days"] for row in group] == [foreign.pk]
    assert offered(client)["Everybody's"] == "1"
    assert own.pk != foreign.pk


def test_a_shared_view_that_names_what_a_reader_may_not_know_is_not_offered(
    client: Client, manager: User, outsider: User, team: Team, agent: Agent
) -> None:
    make_comment(team=team, agent=agent)
    client.force_login(manager)
    keep(client, name="Our team", query=f"team={team.pk}", shared="1")
    keep(client, name="Our agent", query=f"agent={agent.pk}", shared="1")
    assert {"Our team", "Our agent"} <= set(offered(client))
    client.force_login(outsider)
    assert not {"Our team", "Our agent"} & set(offered(client))


def test_a_shared_view_stays_within_the_teams_that_its_owner_saw(
    client: Client, manager: User, outsider: User, viewer: User, administrator: User, team: Team, other_team: Team
) -> None:
    """Its name and search words tell of the rows that the owner saw."""
    client.force_login(manager)
    keep(client, name="The Petrov case", query="q=petrov", shared="1")
    for reader, is_offered in ((viewer, True), (administrator, True), (outsider, False)):
        client.force_login(reader)
        assert ("The Petrov case" in offered(client)) is is_offered, reader
        assert ("petrov" in client.get(reverse(LIST)).content.decode()) is is_offered, reader
    # Whoever changes teams takes along what was shared before to nobody, and belonging to both is enough.
    Membership.objects.filter(user=manager).update(team=other_team)
    client.force_login(outsider)
    assert "The Petrov case" not in offered(client)
    Membership.objects.create(user=outsider, team=team, role=Role.VIEWER)
    assert "The Petrov case" in offered(client)


def test_only_managers_share_and_only_owners_change(
    client: Client, manager: User, outsider: User, viewer: User, team: Team
) -> None:
    client.force_login(viewer)
    keep(client, shared="1")
    view = SavedView.objects.get()
    assert not view.is_shared
    client.force_login(outsider)
    for name in ("view", "view_drop"):
        reply = client.post(reverse(f"admin:feedback_comment_{name}", args=[view.pk]), {"name": "Stolen"})
        assert reply.status_code == 404
    view.refresh_from_db()
    assert view.name == "Mine"
    assert client.get(reverse(KEEP)).status_code == 405


def test_the_counts_of_any_number_of_views_are_one_statement(
    desk: Client, manager: User, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        keep(desk, name=f"View {number}", query=f"score={number % 10}&state=unread")
    scope = access.scope_of(manager)
    views = saved_views.offered(manager, scope)
    assert len(views) == 17
    for number in (5, 17):
        with django_assert_num_queries(1):
            saved_views.counts(views[:number], reader=manager, scope=scope)


def test_a_count_ends_at_ninety_nine_and_says_how_far_it_looked(
    desk: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(101):
        make_comment(team=team)
    assert offered(desk)["Unread"] == "99+"
    monkeypatch.setattr(saved_views, "LOOKED", 60)
    assert offered(desk)["Unread"] == "60+"
    assert offered(desk)["Not sure"] == "99+"


def test_counts_of_several_teams_look_at_each(
    desk: Client, manager: User, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    Membership.objects.create(user=manager, team=other_team, role=Role.MANAGER)
    for whose in (team, team, team, other_team):
        make_comment(team=whose)
    assert offered(desk)["Unread"] == "4"
    monkeypatch.setattr(saved_views, "LOOKED", 4)
    assert offered(desk)["Unread"] == "3+"


def test_a_list_looks_so_far_says_so_and_looks_further(
    desk: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "WINDOW", 60)
    made = [make_comment(team=team, said_at=timezone.now() - dt.timedelta(hours=number)) for number in range(130)]
    rare = {made[2].pk, made[70].pk, made[125].pk}
    Comment.objects.filter(pk__in=rare).update(tone="mixed")
    seen: list[int] = []
    address, pages = f"{reverse(LIST)}?tone=mixed", []
    while address:
        page = desk.get(address)
        seen += [row.pk for _day, group in page.context["days"] for row in group]
        pages.append((page.context["count"], "Looked through what was said since" in page.content.decode()))
        address = reverse(LIST) + page.context["older"] if page.context["older"] else ""
    assert seen == [made[2].pk, made[70].pk, made[125].pk]
    assert pages == [("at least 1 comment", True), ("at least 1 comment", True), ("at least 1 comment", False)]
    back = desk.get(f"{reverse(LIST)}?tone=mixed&after={made[125].pk}")
    assert [row.pk for _day, group in back.context["days"] for row in group] == [made[70].pk]


def test_a_list_that_found_nothing_so_far_does_not_say_that_there_is_nothing(
    desk: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "WINDOW", 2)
    for _number in range(3):
        make_comment(team=team)
    page = desk.get(f"{reverse(LIST)}?tone=mixed").content.decode()
    assert "Look further" in page
    assert "Nothing fits these filters" not in page


@pytest.mark.parametrize("few", [0, 100])
def test_what_is_rare_and_what_is_frequent_bring_the_same_rows(
    desk: Client, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(seeking, "FEW", few)
    first, second = (label(make_comment(team=team, said_at=timezone.now() - dt.timedelta(hours=hour)),
                           topic=make_topic()) for hour in (2, 1))  # fmt: skip
    label(make_comment(team=other_team), topic=make_topic())
    label(make_comment(team=team))
    Comment.objects.update(lemmas="ждать")
    Comment.objects.filter(pk=second.pk).update(tone="positive")
    page = desk.get(f"{reverse(LIST)}?topic=delays")
    assert [row.pk for _day, group in page.context["days"] for row in group] == [second.pk, first.pk]
    page = desk.get(f"{reverse(LIST)}?topic=delays&tone=positive")
    assert [row.pk for _day, group in page.context["days"] for row in group] == [second.pk]


@pytest.mark.parametrize(("few", "looked_at"), [(100, 1000), (0, 1000), (100, 2)])
def test_a_search_brings_the_same_rows_by_each_way(
    desk: Client, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch, few: int, looked_at: int
) -> None:
    monkeypatch.setattr(seeking, "FEW", few)
    monkeypatch.setattr(search, "LOOKED_AT", looked_at)
    now = timezone.now()
    made = [label(make_comment(team=whose, said_at=now - dt.timedelta(hours=number)))
            for number, whose in enumerate([team, other_team, team, team, team])]  # fmt: skip
    lemmas = ["ждать", "ждать", "нет ждать", "", "пождать"]
    said = dict(zip([comment.pk for comment in made], lemmas, strict=True))
    for pk, text in said.items():
        Comment.objects.filter(pk=pk).update(lemmas=text)
    search.remember(said)
    page = desk.get(f"{reverse(LIST)}?q=ждали")
    assert [row.pk for _day, group in page.context["days"] for row in group] == [made[0].pk, made[2].pk]


def test_a_list_of_one_page_is_counted_by_its_rows_and_a_long_one_up_to_a_limit(
    desk: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_comment(team=team)
    assert desk.get(reverse(LIST)).context["count"] == "1 comment"
    monkeypatch.setattr(listing, "MANY", 60)
    for _number in range(70):
        make_comment(team=team)
    assert desk.get(reverse(LIST)).context["count"] == "more than 60 comments"


def test_what_took_long_is_remembered_for_a_while(desk: Client, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "COSTLY_SECONDS", 0)
    make_comment(team=team)
    assert offered(desk)["Unread"] == "1"
    make_comment(team=team)
    assert offered(desk)["Unread"] == "1"
    cache.clear()
    assert offered(desk)["Unread"] == "2"
    cache.clear()


def test_rows_of_several_teams_are_looked_through_team_by_team(
    client: Client, manager: User, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    Membership.objects.create(user=manager, team=other_team, role=Role.MANAGER)
    monkeypatch.setattr(seeking, "WINDOW", 10)
    monkeypatch.setattr(seeking, "NARROW", 10)
    now = timezone.now()
    made = [make_comment(team=whose, said_at=now - dt.timedelta(hours=number), tone="mixed" if number % 3 == 0 else "")
            for number in range(12) for whose in (team, other_team)]  # fmt: skip
    client.force_login(manager)
    seen: list[int] = []
    address, pages = f"{reverse(LIST)}?tone=mixed", 0
    while address:
        page = client.get(address)
        seen += [row.pk for _day, group in page.context["days"] for row in group]
        address = reverse(LIST) + page.context["older"] if page.context["older"] else ""
        pages += 1
    assert seen == [row.pk for row in sorted(made, key=lambda row: (row.said_at, row.pk), reverse=True)
                    if row.tone == "mixed"]  # fmt: skip
    assert pages == 3
