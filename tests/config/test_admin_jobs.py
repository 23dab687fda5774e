"""The page of jobs: whose are shown, what each says, and its buttons."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from feedback import bulk
from feedback.models import Comment
from ground import jobs
from ground.models import Job, Team, User
from tests.browsing import at_rest, needs_browser
from tests.config.reading import make_comment
from tests.config.test_admin_browser import as_administrator

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]


@pytest.fixture
def rows(team: Team, manager: User) -> list[Comment]:
    User.objects.update(language="en")
    return [make_comment(team=team) for _number in range(3)]


@pytest.fixture
def job(rows: list[Comment], manager: User) -> Job:
    return bulk.start("done", "", by=manager, seen=0, ids=[row.pk for row in rows])


@pytest.fixture
def desk(login: Login, manager: User) -> Client:
    return login(manager)


def shown(client: Client) -> list[int]:
    return [card.pk for card in client.get(reverse("desk:jobs")).context["cards"]]


def post(client: Client, act: str, job: Job, **form: str) -> Any:
    return client.post(reverse(f"desk:job_{act}", args=[job.pk]), form)


def test_everybody_sees_ones_own_and_administrators_all(
    login: Login, job: Job, manager: User, outsider: User, administrator: User, viewer: User
) -> None:
    assert shown(login(manager)) == shown(login(administrator)) == [job.pk]
    assert shown(login(outsider)) == shown(login(viewer)) == []


def test_another_persons_job_does_not_exist(login: Login, job: Job, outsider: User) -> None:
    client = login(outsider)
    assert client.get(reverse("desk:job", args=[job.pk])).status_code == 404
    for act in ("cancel", "undo", "retry"):
        assert post(client, act, job).status_code == 404
        assert client.get(reverse(f"desk:job_{act}", args=[job.pk])).status_code == 405
    assert not Job.objects.exclude(cancelled_at=None).exists()


def test_a_job_at_work_shows_how_far_it_is(desk: Client, job: Job) -> None:
    Job.objects.update(done=1)
    page = desk.get(reverse("desk:jobs")).content.decode()
    assert '<progress aria-label="Done · 3 comments" value="33" max="100">' in page
    assert "1 of 3" in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_stopping_and_taking_back(desk: Client, job: Job, rows: list[Comment]) -> None:
    jobs.finish_now(job)
    assert "Changed: 3." in desk.get(reverse("desk:jobs")).content.decode()
    assert post(desk, "undo", job)["Location"] == reverse("desk:jobs")
    assert not Comment.objects.exclude(done_at=None).exists()
    waiting = bulk.start("done", "", by=job.author, seen=0, ids=[rows[0].pk])
    post(desk, "cancel", waiting)
    assert Job.objects.get(pk=waiting.pk).cancelled_at
    post(desk, "undo", waiting)
    assert Job.objects.count() == 3, "nothing was changed, so there is nothing to take back"


def test_a_failed_job_says_why_and_is_tried_again(desk: Client, job: Job) -> None:
    Job.objects.update(quarantined_at=timezone.now(), error="OperationalError", attempts=3)
    page = desk.get(reverse("desk:jobs")).content.decode()
    assert "It failed three times: OperationalError. Try again" in page
    assert reverse("desk:job_undo", args=[job.pk]) not in page
    post(desk, "retry", job)
    assert jobs.due(limit=5) == [job.pk]


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_led_out_of_the_desk(desk: Client, job: Job, back: str) -> None:
    assert post(desk, "cancel", job, next=back)["Location"] == reverse("desk:jobs")


def test_the_list_that_one_came_from_shows_the_next_job(desk: Client, job: Job) -> None:
    jobs.finish_now(job)
    reply = post(desk, "undo", job, next=f"/admin/feedback/comment/?state=open&job={job.pk}")
    assert reply["Location"] == f"/admin/feedback/comment/?state=open&job={Job.objects.latest('pk').pk}"


def test_the_page_takes_as_many_queries_for_more_jobs(
    desk: Client, job: Job, manager: User, rows: list[Comment], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30) as few:
        desk.get(reverse("desk:jobs"))
    for _number in range(10):
        done = jobs.finish_now(bulk.start("done", "", by=manager, seen=0, ids=[rows[0].pk]))
        jobs.undo(done, by=manager)
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(reverse("desk:jobs"))


def test_nothing_yet_says_what_will_stand_here(desk: Client) -> None:
    User.objects.update(language="en")
    assert "No jobs yet" in desk.get(reverse("desk:jobs")).content.decode()


class TestInBrowser:
    pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]

    @pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
    def test_a_card_follows_its_job_to_the_end(
        self, browser: Browser, live_server: LiveServer, manager: User, job: Job, theme: Any, width: int
    ) -> None:
        page = as_administrator(
            browser, live_server, manager, locale="en", color_scheme=theme, viewport={"width": width, "height": 844}
        )
        page.goto(live_server.url + reverse("desk:jobs"))
        expect(page.get_by_role("progressbar")).to_be_visible()
        followed = f"**{reverse('desk:job', args=[job.pk])}*"
        page.route(followed, lambda route: route.abort())  # or a new card might come while axe looks at the old one
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]]
        assert faults == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.unroute(followed)
        jobs.finish_now(job)
        expect(page.get_by_text("Changed: 3.")).to_be_visible()
        expect(page.get_by_role("button", name="Undo")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_count(0)
        page.context.close()
