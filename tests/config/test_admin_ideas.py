"""The list of ideas, an idea's page and a comment's: what each person sees and may do."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from feedback.models import Comment, Idea, IdeaStep
from ground.models import AuditEntry, Membership, Role, User
from tests.conftest import _person
from tests.feedback.test_ideas import BUS, DARK, group, idea_of, suggest

pytestmark = pytest.mark.django_db
LIST = "/admin/feedback/idea/"
Login = Callable[[User], Client]


@pytest.fixture
def director(organisation) -> User:
    return _person("director@example.org", Role.MANAGER, None)


@pytest.fixture
def rows(team, other_team) -> list[Comment]:
    """Two comments of the team and one of the other about the dark theme, and one of the other about buses."""
    found = suggest(*DARK[:2], team=team) + suggest(DARK[2], BUS[0], team=other_team)
    group()
    return found


def page_of(comment: Comment) -> str:
    return f"{LIST}{idea_of(comment).pk}/change/"


def text(client: Client, address: str) -> str:
    reply = client.get(address, follow=True)
    assert reply.status_code == 200
    return re.sub(r"\s+", " ", reply.content.decode())


def act(client: Client, comment: Comment, **form) -> str:
    reply = client.post(f"{LIST}{idea_of(comment).pk}/act/", form, follow=True)
    assert reply.status_code == 200
    return reply.redirect_chain[-1][0]


def test_the_list_ranks_ideas_and_narrows_them(login: Login, director: User, rows: list[Comment]) -> None:
    client = login(director)
    told = text(client, LIST)
    dark, bus = f'href="{idea_of(rows[0]).pk}/change/"', f'href="{idea_of(rows[3]).pk}/change/"'
    assert told.index(dark) < told.index(bus)
    assert "<b>3</b>" in told
    narrowed = text(client, f"{LIST}?team={rows[0].team_id}&days=7&order=lately")
    assert dark in narrowed
    assert bus not in narrowed
    assert dark not in text(client, f"{LIST}?status=done")


@pytest.mark.parametrize("address", ["?page=0", "?page=99", "?team=x&topic=x&days=1&order=x&status=x", "?q=%00"])
def test_odd_addresses_are_stood(login: Login, director: User, rows: list[Comment], address: str) -> None:
    assert login(director).get(LIST + address).status_code == 200


def test_an_empty_list_says_what_will_be_there(login: Login, director: User) -> None:
    assert "empty" in text(login(director), LIST)


def test_a_team_counts_its_own_and_reads_its_own_words(login: Login, manager: User, rows: list[Comment]) -> None:
    client = login(manager)
    told = text(client, LIST)
    assert "<b>2</b>" in told
    assert BUS[0] not in told
    page = text(client, page_of(rows[0]))
    assert DARK[0] in page
    assert DARK[2] not in page
    assert 'name="save"' not in page
    assert client.get(page_of(rows[3])).status_code == 404


def test_statements_do_not_grow_with_the_ideas(
    login: Login, director: User, rows: list[Comment], django_assert_max_num_queries
) -> None:
    client = login(director)
    client.get(LIST)
    with django_assert_max_num_queries(30) as few:
        client.get(LIST)
    suggest("Сделайте пандус", "Откройте больше касс", "Нужна парковка для клиентов")
    group()
    with django_assert_max_num_queries(30) as more:
        client.get(LIST)
    assert len(few) == len(more)


def test_an_idea_gets_a_name_a_status_and_a_person(login: Login, director: User, rows: list[Comment]) -> None:
    client = login(director)
    act(client, rows[0], save="yes", title="  Тёмная   тема ", status="planned", owner=director.pk, note="к весне")
    idea = idea_of(rows[0])
    assert (idea.title, idea.status, idea.owner, idea.note) == ("Тёмная тема", "planned", director, "к весне")
    assert "Тёмная тема" in text(client, LIST)
    act(client, rows[0], save="yes", title="", status="gone", owner="", note="")
    assert idea_of(rows[0]).title == "Тёмная тема"


def test_merging_and_taking_it_back(login: Login, director: User, rows: list[Comment]) -> None:
    client, first = login(director), idea_of(rows[0])
    bus = idea_of(rows[3])
    at = act(client, rows[3], merge=first.pk)
    assert {idea_of(row) for row in rows} == {first}
    assert client.get(f"{LIST}{bus.pk}/change/").headers["Location"].endswith(f"/{first.pk}/change/")
    assert 'name="undo"' in text(client, at)
    act(client, rows[0], undo=IdeaStep.objects.get().pk)
    assert idea_of(rows[3]) == bus


def test_ticked_comments_part_and_move(login: Login, director: User, rows: list[Comment]) -> None:
    client, first = login(director), idea_of(rows[0])
    act(client, rows[0], row=[rows[0].pk, rows[2].pk], split="yes")
    assert idea_of(rows[0]) == idea_of(rows[2]) != first
    act(client, rows[0], row=[rows[0].pk], into=f"#{first.pk}", move="yes")
    assert idea_of(rows[0]) == first
    act(client, rows[0], row=[rows[0].pk], out="yes")
    assert idea_of(rows[0]) is None


def test_a_teams_manager_moves_own_comments_alone(login: Login, manager: User, rows: list[Comment]) -> None:
    client, first = login(manager), idea_of(rows[0])
    act(client, rows[0], row=[rows[2].pk], out="yes")
    assert idea_of(rows[2]) == first
    act(client, rows[0], merge=idea_of(rows[3]).pk)
    act(client, rows[0], save="yes", title="x", status="done")
    act(client, rows[0], row=[rows[0].pk], into=idea_of(rows[3]).pk, move="yes")
    assert idea_of(rows[0]) == first
    assert Idea.objects.get(pk=first.pk).status == "new"
    act(client, rows[0], row=[rows[0].pk], out="yes")
    assert idea_of(rows[0]) is None


def test_a_viewer_only_looks(login: Login, viewer: User, rows: list[Comment]) -> None:
    client = login(viewer)
    assert 'name="out"' not in text(client, page_of(rows[0]))
    act(client, rows[0], row=[rows[0].pk], out="yes")
    assert idea_of(rows[0])


def test_a_comments_page_leads_to_its_idea_and_moves_it(login: Login, manager: User, rows: list[Comment]) -> None:
    client, page = login(manager), f"/admin/feedback/comment/{rows[0].pk}/"
    assert page_of(rows[0]) in text(client, page + "change/")
    client.post(page + "idea/", {"idea": "new"})
    assert idea_of(rows[0]) != idea_of(rows[1])
    client.post(page + "idea/", {"idea": "new", "number": str(idea_of(rows[1]).pk)})
    assert idea_of(rows[0]) == idea_of(rows[1])
    client.post(page + "idea/", {"idea": "none"})
    assert idea_of(rows[0]) is None
    assert client.post(page + "idea/", {"idea": str(idea_of(rows[3]).pk)}).status_code == 400


def test_personal_data_is_hidden(login: Login, director: User, team) -> None:
    row = suggest("Сделайте обратный звонок, мой номер +7 921 555-12-34", team=team)[0]
    group()
    client = login(director)
    assert "555-12-34" not in text(client, LIST) + text(client, page_of(row))


def test_a_program_reads_ideas_as_far_as_its_key_goes(api, team_api, rows: list[Comment]) -> None:
    whole, own = (client.get("/api/v1/ideas/").json()["results"] for client in (api, team_api))
    assert [row["customers"] for row in whole] == [3, 1]
    assert [(row["customers"], row["status"], row["title"] in DARK[:2]) for row in own] == [(2, "new", True)]


def test_the_list_as_a_file_holds_what_the_reader_may_see(
    login: Login, director: User, manager: User, rows: list[Comment]
) -> None:
    whole = login(director).get(LIST + "?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(whole) == 3 and whole[1].split(";")[3:6] == ["3", "3", "3"]
    own = login(manager).get(LIST + "?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(own) == 2 and own[1].split(";")[3:6] == ["2", "2", "2"]
    book = load_workbook(BytesIO(login(director).get(LIST + "?format=xlsx").content)).active
    assert book.max_row == 3
    noted = AuditEntry.objects.filter(verb="ideas.exported").order_by("pk")
    assert [(entry.actor, entry.detail["count"]) for entry in noted] == [(director, 2), (manager, 1), (director, 2)]


def test_who_takes_out_the_last_comment_that_they_see_comes_back_to_the_list(
    login: Login, manager: User, rows: list[Comment]
) -> None:
    client = login(manager)
    own = [row.pk for row in rows[:2]]
    assert act(client, rows[0], row=own, out="yes") == LIST
    assert [idea_of(row) for row in rows[:2]] == [None, None]


@pytest.mark.parametrize("page", ["0", "99", "9" * 18])
def test_odd_pages_of_an_idea_are_stood(login: Login, director: User, rows: list[Comment], page: str) -> None:
    assert login(director).get(f"{page_of(rows[0])}?page={page}").status_code == 200


def test_who_manages_no_more_takes_nothing_back(login: Login, manager: User, rows: list[Comment]) -> None:
    client = login(manager)
    act(client, rows[0], row=[rows[0].pk], out="yes")
    step = IdeaStep.objects.get()
    Membership.objects.filter(user=manager).update(role=Role.VIEWER)
    act(client, rows[1], undo=step.pk)
    assert idea_of(rows[0]) is None
    Membership.objects.filter(user=manager).update(role=Role.MANAGER)
    act(client, rows[1], undo=step.pk)
    assert idea_of(rows[0]) == idea_of(rows[1])


def test_statements_do_not_grow_with_the_ideas_that_a_program_reads(
    api, rows: list[Comment], django_assert_max_num_queries
) -> None:
    api.get("/api/v1/ideas/")
    with django_assert_max_num_queries(30) as few:
        assert len(api.get("/api/v1/ideas/").json()["results"]) == 2
    suggest("Сделайте пандус", "Откройте больше касс", "Нужна парковка для клиентов")
    group()
    with django_assert_max_num_queries(30) as more:
        assert len(api.get("/api/v1/ideas/").json()["results"]) == 5
    assert len(few) == len(more)
