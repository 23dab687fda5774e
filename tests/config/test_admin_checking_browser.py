"""The queue of labels to check in a browser: ten comments by keyboard alone, and a telephone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback.models import Check, Comment, Label
from ground.models import Team, User
from tests.browsing import at_rest, needs_browser
from tests.config.reading import make_comment, make_topic
from tests.config.test_admin_checking import read

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]


@pytest.fixture
def queue(live_server: LiveServer, client: Client, manager: User, team: Team) -> str:
    """Twelve comments to check, the least sure first; two more say the same as the last one."""
    User.objects.filter(pk=manager.pk).update(language="en")
    for code, name in (("speed", "Скорость"), ("price", "Цена")):
        make_topic(code, name)
    for number in range(12):
        text = f"Ждал ответа {number} дней."
        read(make_comment(team=team, text=text), sure=0.3 + number / 100, topics=("delays",))
    client.force_login(manager)
    return f"{live_server.url}{reverse('admin:feedback_comment_checking')}?lane=doubt"


def opened(browser: Browser, client: Client, address: str, **options: object) -> Page:
    context = browser.new_context(**options)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address.split("/admin")[0]}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(address)
    return page


def shows(page: Page, number: int) -> None:
    expect(page.locator(".card:visible .full")).to_have_text(f"Ждал ответа {number} дней.")


def test_ten_comments_by_keyboard_alone(browser: Browser, client: Client, queue: str, manager: User) -> None:
    page = opened(browser, client, queue)
    press = page.keyboard.press
    shows(page, 0)
    press("Enter")  # all correct
    shows(page, 1)
    press("1")
    press("c")
    press("Enter")
    shows(page, 2)
    press("t")
    page.keyboard.type("pri")
    press("Enter")
    page.keyboard.type("sp")
    press("Enter")
    press("Backspace")  # the last one again
    press("Enter")
    shows(page, 3)
    press("s")
    shows(page, 4)
    for number in range(5, 10):
        press("Enter")
        shows(page, number)
    press("KeyZ")
    shows(page, 8)
    press("2")
    press("Enter")
    shows(page, 9)
    press("Enter")
    press("Enter")
    shows(page, 11)
    press("k")
    shows(page, 10)
    press("j")
    press("Enter")
    expect(page.locator("[data-empty]")).to_be_visible()
    expect(page.locator(".pace b")).to_have_text("11")
    rows = list(Comment.objects.order_by("pk"))
    assert [row.pk for row in rows if row.checked_by != manager] == [rows[3].pk]
    assert (rows[1].tone, rows[1].constructive) == ("positive", True)
    assert {topic.topic.code for topic in rows[2].topics.all()} == {"delays", "price"}
    assert Check.objects.filter(state="taken_back").count() == 1
    assert Label.objects.filter(comment=rows[8], source="human", author=manager).count() > 3
    page.context.close()


def test_what_was_refused_comes_back_as_it_was_left(
    browser: Browser, client: Client, queue: str, administrator: User
) -> None:
    page = opened(browser, client, queue)
    shows(page, 0)
    first = Comment.objects.earliest("pk")
    first.labels.create(scheme="tone", value="mixed", confidence=1, source="human", author=administrator)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator(".said-now")).to_contain_text("meanwhile Admin said")
    shows(page, 0)
    expect(page.locator(".card:visible [value=positive]")).to_be_checked()
    page.keyboard.press("Enter")
    shows(page, 1)
    expect(page.locator(".pace b")).to_have_text("1")
    first.refresh_from_db()
    assert first.tone == "positive"
    page.context.close()


def test_the_same_words_are_labelled_by_one_more_key(browser: Browser, client: Client, queue: str) -> None:
    Comment.objects.filter(pk__in=[row.pk for row in Comment.objects.order_by("pk")[9:]]).update(lemmas="ждать ответ")
    last = Comment.objects.order_by("pk")[9]
    page = opened(browser, client, f"{queue}&at={last.pk}")
    shows(page, 9)
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator(".others")).to_contain_text("2 more comments say the same.")
    page.keyboard.press("a")
    expect(page.locator(".said-now")).to_have_text("Applied to 2 more comments.")
    assert Comment.objects.filter(tone="mixed").count() == 3
    page.keyboard.press("u")
    expect(page.locator(".said-now")).to_have_text("Taken back for all that say the same.")
    assert Comment.objects.filter(tone="mixed").count() == 1
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone_and_has_no_faults_for_screen_readers(
    browser: Browser, client: Client, queue: str, scheme: str
) -> None:
    page = opened(browser, client, queue, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    shows(page, 0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".card:visible [role=combobox]").focus()
    expect(page.locator(".card:visible [role=option]")).not_to_have_count(0)
    results = Axe().run(at_rest(page), options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert results.violations_count == 0, results.generate_report()
    page.context.close()


def test_without_script_there_are_plain_forms(browser: Browser, client: Client, queue: str) -> None:
    page = opened(browser, client, queue, java_script_enabled=False)
    shows(page, 0)
    page.locator(".card:visible .opt.pos").click()
    page.get_by_role("button", name="All correct").first.click()
    shows(page, 1)
    assert Comment.objects.earliest("pk").tone == "positive"
    page.get_by_role("button", name="Skip").first.click()
    shows(page, 2)
    page.get_by_role("button", name="Undo").click()
    shows(page, 0)
    page.context.close()
