"""The bar over the comment list: what it sends and asks, who may use it, by mouse, by keys and without script."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback import classify
from feedback.models import Comment, Label
from ground.models import Job, Membership, Role, Team, User
from tests.browsing import at_rest, needs_browser
from tests.config.reading import label, make_comment, make_topic
from tests.config.test_admin_browser import as_administrator

pytestmark = pytest.mark.django_db
LIST, BULK = "admin:feedback_comment_changelist", "admin:feedback_comment_bulk"
Login = Callable[..., Client]


@pytest.fixture
def rows(team: Team, manager: User) -> list[Comment]:
    User.objects.filter(pk=manager.pk).update(language="en")
    topic = make_topic()
    now = timezone.now()
    return [
        label(make_comment(team=team, text=f"Ответ {number}", said_at=now - dt.timedelta(hours=number)), topic=topic)
        for number in range(3)
    ]


@pytest.fixture
def desk(login: Login, manager: User, rows: list[Comment]) -> Client:
    return login(manager)


def fields(client: Client, **params: str) -> dict[str, Any]:
    """The hidden fields of the bar, as the list shows it."""
    bar = client.get(reverse(LIST), params).context["bulk"]
    return {"list": bar["query"], "looked": bar["looked"], "token": bar["token"]}


def send(client: Client, act: str, rows: list[Comment], **more: Any) -> Any:
    form = fields(client) | {"act": act, "pick": [row.pk for row in rows]} | more
    return client.post(reverse(BULK), form)


def shown(client: Client, reply: Any) -> str:
    assert reply.status_code == 302
    return client.get(reply["Location"]).content.decode()


def done(rows: list[Comment]) -> list[bool]:
    return [bool(Comment.objects.get(pk=row.pk).done_at) for row in rows]


def test_a_selection_is_done_at_once_and_the_list_tells(desk: Client, rows: list[Comment]) -> None:
    reply = send(desk, "done", rows[:2], list="state=open")
    assert re.fullmatch(r".*/comment/\?state=open&job=\d+", reply["Location"])
    page = shown(desk, reply)
    assert "Changed: 2." in page
    assert "data-take-back" in page
    assert done(rows) == [True, True, False]
    assert "job=" not in desk.get(reply["Location"]).context["bulk"]["query"]


def test_undo_stands_beside_the_result(desk: Client, rows: list[Comment]) -> None:
    reply = send(desk, "done", rows)
    job = Job.objects.get()
    back = desk.post(reverse("desk:job_undo", args=[job.pk]), {"next": reply["Location"]})
    assert "Taken back: 3." in shown(desk, back)
    assert done(rows) == [False, False, False]


@pytest.mark.parametrize(
    ("act", "more", "holds"),
    [
        ("more", {"more": "tone:mixed"}, lambda row: row.tone == "mixed"),
        ("more", {"more": "topic_off:delays"}, lambda row: not row.topics.exists()),
        ("tag_on", {"tag": " #Возврат: да "}, lambda row: row.tags.get().tag.name == "Возврат: да"),
    ],
)
def test_selects_and_fields_reach_the_comments(
    desk: Client, rows: list[Comment], act: str, more: dict[str, str], holds: Callable[[Comment], bool]
) -> None:
    assert "Changed: 3." in shown(desk, send(desk, act, rows, **more))
    assert all(holds(Comment.objects.get(pk=row.pk)) for row in rows)


def test_a_double_click_is_one_job_and_another_wish_another(desk: Client, rows: list[Comment]) -> None:
    form = fields(desk) | {"act": "done", "pick": [rows[0].pk]}
    first, second = desk.post(reverse(BULK), form), desk.post(reverse(BULK), form)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1
    desk.post(reverse(BULK), form | {"pick": [rows[1].pk]})
    assert done(rows) == [True, True, False]


def test_a_whole_filter_is_asked_about_with_the_exact_number(
    desk: Client, rows: list[Comment], team: Team, other_team: Team
) -> None:
    label(make_comment(team=team), tone="positive")
    label(make_comment(team=other_team))
    form = fields(desk, tone="negative") | {"act": "done", "every": "1", "pick": [rows[0].pk]}
    label(make_comment(team=team))
    page = desk.post(reverse(BULK), form).content.decode()
    assert "Do it for 3 comments" in page
    assert not Job.objects.exists()
    desk.post(reverse(BULK), form | {"confirmed": "1"})
    assert done(rows) == [True] * 3
    assert Comment.objects.exclude(done_at=None).count() == 3


def test_asking_makes_no_tag_yet(desk: Client, rows: list[Comment]) -> None:
    page = send(desk, "tag_on", rows, tag="Возврат", every="1").content.decode()
    assert "Add tag: Возврат" in page
    assert desk.get(reverse(LIST)).context["bulk"]["tags"] == []


def test_many_comments_are_left_to_the_worker(desk: Client, team: Team, rows: list[Comment]) -> None:
    Comment.objects.bulk_create(Comment(team=team, source="review", text="Долго") for _number in range(60))
    reply = send(desk, "done", [], every="1", confirmed="1")
    job = Job.objects.get()
    assert (job.total, job.done, job.finished_at) == (63, 0, None)
    page = shown(desk, reply)
    assert "<progress" in page
    assert f'data-follow="/admin/jobs/{job.pk}/' in page
    stopped = desk.post(reverse("desk:job_cancel", args=[job.pk]), {"next": reply["Location"]})
    assert "stopped" in shown(desk, stopped)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"act": "done", "pick": []}, "Nothing is chosen."),
        ({"act": "more", "more": ""}, "Choose what to do"),
        ({"act": "tag_on", "tag": "# "}, "Type the tag first."),
        ({"act": "tag_on", "tag": "я" * 41}, "A tag has at most 40 characters."),
        ({"act": "tag_off", "tag": "нет такого"}, "There is no such tag."),
    ],
)
def test_what_was_forgotten_is_said_in_the_list(
    desk: Client, rows: list[Comment], form: dict[str, Any], said: str
) -> None:
    assert said in shown(desk, desk.post(reverse(BULK), fields(desk) | {"pick": [rows[0].pk]} | form))
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "form",
    [{"act": "explode"}, {"act": "more", "more": "tone:angry"}, {"pick": ["x"]}, {"pick": ["9" * 30]}, {"looked": "-1"},
     {"looked": ""}, {"looked": "9" * 18}, {"token": ""}, {"pick": [1] * 101}, {"act": "more", "more": "topic_on:\0"},
     {"token": "x" * 400}],
)  # fmt: skip
def test_what_no_page_sends_is_refused(desk: Client, rows: list[Comment], form: dict[str, Any]) -> None:
    sent = fields(desk) | {"act": "done", "pick": [rows[0].pk]} | form
    assert desk.post(reverse(BULK), sent).status_code == 400
    assert not Job.objects.exists()


def test_only_post_with_the_pages_token(desk: Client, manager: User) -> None:
    assert desk.get(reverse(BULK)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    assert strict.post(reverse(BULK)).status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_who_may_only_look_gets_no_bar(login: Login, rows: list[Comment], team: Team, role: str) -> None:
    form = {"act": "done", "pick": [rows[0].pk], "looked": 1, "token": "t" * 20}
    person = User.objects.create_user("looks@example.org", "correct horse battery")
    Membership.objects.create(user=person, team=team, role=role)
    client = login(person)
    assert client.post(reverse(BULK), form).status_code == 403
    assert 'name="pick"' not in client.get(reverse(LIST)).content.decode()
    assert not Job.objects.exists()


def test_comments_of_other_teams_look_like_none(
    login: Login, rows: list[Comment], outsider: User, other_team: Team
) -> None:
    User.objects.filter(pk=outsider.pk).update(language="en")
    own = make_comment(team=other_team)
    client = login(outsider)
    foreign, nothing = send(client, "done", [own, rows[0]]), send(client, "done", [own, Comment(pk=10**9)])
    left = "no longer there or not yours: 1"
    assert left in shown(client, foreign)
    assert left in shown(client, nothing)
    assert done(rows) == [False] * 3
    assert "job-" not in client.get(reverse(LIST), {"job": Job.objects.earliest("pk").pk + 100}).content.decode()


def test_the_list_takes_as_many_queries_for_more_rows(
    desk: Client, team: Team, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(45) as few:
        desk.get(reverse(LIST))
    for _number in range(20):
        label(make_comment(team=team))
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(reverse(LIST))


def test_a_phrase_leads_to_the_comments_that_share_it(desk: Client, team: Team, rows: list[Comment]) -> None:
    texts = ["Звонок сорвался, ужас", "Опять звонок сорвался", "Звонка не было, он сорвался"]
    made = [make_comment(team=team, text=text) for text in texts]
    classify.classify([row.pk for row in made])
    Label.objects.create(
        comment=made[0], scheme="tone", value="negative", confidence=1, source="rule", spans=[[0, 15, "tone-"]]
    )
    page = desk.get(reverse("admin:feedback_comment_change", args=[made[0].pk]))
    [found] = [phrase for phrase in page.context["phrases"] if phrase.text == "Звонок сорвался"]
    assert found.said == "1 more comment"
    listed = desk.get(found.address).context["days"]
    assert {row.pk for _day, group in listed for row in group} == {made[0].pk, made[1].pk}


class TestInBrowser:
    pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]

    def open(self, browser: Browser, live_server: LiveServer, person: User, **options: Any) -> Page:
        page = as_administrator(
            browser, live_server, person, locale="en", **{"viewport": {"width": 1280, "height": 900}} | options
        )
        page.goto(live_server.url + reverse(LIST))
        return page

    def test_keys_choose_act_and_take_back(
        self, browser: Browser, live_server: LiveServer, manager: User, rows: list[Comment]
    ) -> None:
        page = self.open(browser, live_server, manager)
        expect(page.locator("#bulk")).to_be_hidden()
        for key in ("j", "x", "j", "x"):
            page.keyboard.press(key)
        expect(page.locator(".picked")).to_have_text("Chosen: 2")
        page.keyboard.press("4")
        expect(page.locator(".job .came")).to_have_text("Changed: 2.")
        assert [row.tone for row in Comment.objects.order_by("pk")] == ["mixed", "mixed", "negative"]
        page.wait_for_load_state()  # the page that came listens to keys
        page.keyboard.press("u")
        expect(page.locator(".job .came")).to_have_text("Taken back: 2.")
        assert {row.tone for row in Comment.objects.all()} == {"negative"}
        page.wait_for_load_state()
        page.keyboard.press("a")
        expect(page.locator(".picked")).to_have_text("Chosen: 3")
        page.keyboard.press("Escape")
        expect(page.locator("#bulk")).to_be_hidden()
        page.context.close()

    def test_a_range_by_mouse_and_a_tag_by_enter(
        self, browser: Browser, live_server: LiveServer, manager: User, rows: list[Comment]
    ) -> None:
        page = self.open(browser, live_server, manager)
        boxes = page.locator(".pick input")
        boxes.nth(0).click()
        boxes.nth(2).click(modifiers=["Shift"])
        expect(page.locator(".picked")).to_have_text("Chosen: 3")
        page.keyboard.press("g")
        expect(page.locator("#bulk-tag")).to_be_focused()
        page.keyboard.type("Возврат")
        page.keyboard.press("Enter")
        expect(page.locator(".job h2")).to_have_text("Add tag: Возврат · 3 comments")
        assert not Comment.objects.exclude(done_at=None).exists()
        page.context.close()

    @pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
    def test_the_bar_is_accessible_and_fits(
        self, browser: Browser, live_server: LiveServer, manager: User, rows: list[Comment], theme: Any, width: int
    ) -> None:
        page = self.open(browser, live_server, manager, color_scheme=theme, viewport={"width": width, "height": 844})
        page.locator(".pick input").first.check()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]]
        assert faults == []
        if width == 390:
            small = [
                control.inner_text() or control.get_attribute("name")
                for control in page.locator("#bulk :is(button:not(.vh), select, [name=tag]), .pick").all()
                if control.is_visible() and (box := control.bounding_box()) and min(box["width"], box["height"]) < 44
            ]
            assert small == []
        page.context.close()

    def test_everything_works_without_script(
        self, browser: Browser, live_server: LiveServer, manager: User, rows: list[Comment]
    ) -> None:
        page = self.open(browser, live_server, manager, java_script_enabled=False)
        page.locator(".pick input").nth(1).check()
        page.get_by_role("button", name="Done").click()
        expect(page.locator(".job .came")).to_have_text("Changed: 1.")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".job .came")).to_have_text("Taken back: 1.")
        assert not Comment.objects.exclude(done_at=None).exists()
        page.context.close()
