"""A comment's page by keyboard, by touch and without script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback import exclusions, notes, tags
from feedback.models import Comment, CommentTag, Exclusion, Note
from ground.models import Team, User
from surveys.models import Customer, Survey
from tests.browsing import at_rest, needs_browser
from tests.config.reading import label, make_response, make_topic
from tests.config.test_admin_browser import as_administrator

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]
LIST = "admin:feedback_comment_changelist"


@pytest.fixture
def comments(survey: Survey, team: Team, customer: Customer, manager: User, viewer: User) -> list[Comment]:
    """Three of one customer, the newest first; the middle one has everything beside it."""
    User.objects.update(language="en")
    User.objects.filter(pk=viewer.pk).update(name="Vera Vetrova")
    texts = ("Ещё раз спасибо", "Долго ждал ответа", "Здравствуйте")
    found = [make_response(survey, score=2, text=text, team=team, customer=customer).comment for text in texts][::-1]
    for comment in found:
        label(comment, topic=make_topic())
    notes.add(found[1], "Спросить у @Vera Vetrova", author=manager)
    notes.remove(notes.add(found[1], "Лишнее", author=manager), by=manager)
    tags.add(found[1], "пресса", author=manager)
    exclusions.exclude(found[1], reason="test", by=manager)
    return found


def open_page(browser: Browser, live_server: LiveServer, person: User, path: str, **options: object) -> Page:
    page = as_administrator(browser, live_server, person, locale="en", **options)
    page.goto(live_server.url + path)
    return page


def address(comment: Comment) -> str:
    return reverse("admin:feedback_comment_change", args=[comment.pk])


def test_a_manager_walks_notes_and_tags_by_keyboard(
    browser: Browser, live_server: LiveServer, manager: User, viewer: User, comments: list[Comment]
) -> None:
    page = open_page(browser, live_server, manager, f"{reverse(LIST)}?tone=negative")
    for key in ("j", "j", "o"):
        page.keyboard.press(key)
    page.wait_for_url(f"**{address(comments[1])}?list=*")
    page.keyboard.press("j")
    page.wait_for_url(f"**{address(comments[2])}?list=*")
    page.keyboard.press("n")
    page.keyboard.type("Ask @ver")
    expect(page.get_by_role("option", name="Vera Vetrova")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#note")).to_have_value("Ask @Vera Vetrova ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("mark.at")).to_have_text("@Vera Vetrova")
    page.wait_for_load_state()  # the page that came listens to keys
    page.keyboard.press("g")
    page.keyboard.type("vip")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove tag: #vip")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("k")
    page.wait_for_url(f"**{address(comments[1])}?list=*")
    page.keyboard.press("b")
    page.wait_for_url(f"**{reverse(LIST)}?tone=negative#c{comments[1].pk}")
    expect(page.locator(f"#c{comments[1].pk} .tl")).to_be_focused()
    assert list(Note.objects.latest("pk").mentions.all()) == [viewer]
    assert CommentTag.objects.filter(comment=comments[2], tag__name="vip", author=manager).exists()
    page.context.close()


def test_choosing_a_colleague_can_be_left_and_stays_silent_within_a_word(
    browser: Browser, live_server: LiveServer, manager: User, comments: list[Comment]
) -> None:
    page = open_page(browser, live_server, manager, address(comments[0]))
    page.keyboard.press("n")
    page.keyboard.type("mail me@v")
    expect(page.get_by_role("listbox", name="Colleagues")).to_be_hidden()
    page.keyboard.type(" @v")
    expect(page.get_by_role("option", name="Vera Vetrova")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Colleagues")).to_be_hidden()
    expect(page.locator("#note")).to_have_value("mail me@v @v")
    page.context.close()


def test_the_link_is_copied(
    browser: Browser, live_server: LiveServer, manager: User, comments: list[Comment]
) -> None:  # fmt: skip
    page = open_page(
        browser, live_server, manager, address(comments[0]), permissions=["clipboard-read", "clipboard-write"]
    )
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(address(comments[0]))
    page.context.close()


def test_everything_works_without_script(
    browser: Browser, live_server: LiveServer, manager: User, comments: list[Comment]
) -> None:
    page = open_page(browser, live_server, manager, address(comments[0]), java_script_enabled=False)
    page.get_by_label("A note for colleagues").fill("@vera vetrova, посмотри")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("mark.at")).to_have_text("@vera vetrova")
    page.get_by_label("A tag").fill("VIP")
    page.get_by_role("button", name="Add tag").click()
    expect(page.get_by_role("button", name="Remove tag: #VIP")).to_be_visible()
    page.get_by_text("Exclude from the scores", exact=True).click()
    page.get_by_label("Reason").select_option("duplicate")
    page.get_by_role("button", name="Exclude", exact=True).click()
    page.get_by_role("button", name="Let it count again").click()
    expect(page.get_by_role("button", name="Let it count again")).to_have_count(0)
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="To the list").click()
    expect(page.locator(".row")).to_have_count(3)
    exclusion = Exclusion.objects.latest("pk")
    assert (exclusion.reason, exclusion.lifted_by) == ("duplicate", manager)
    page.context.close()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
def test_the_page_is_accessible_silent_and_fits(
    browser: Browser, live_server: LiveServer, manager: User, viewer: User, comments: list[Comment], theme: str,
    width: int,
) -> None:  # fmt: skip
    for person in (manager, viewer):
        page = as_administrator(
            browser, live_server, person, locale="en", color_scheme=theme, viewport={"width": width, "height": 800}
        )
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        for number in (0, 1):
            page.goto(live_server.url + address(comments[number]))
            if person == manager:
                page.keyboard.press("n")
                page.keyboard.type("@")
                expect(page.get_by_role("listbox", name="Colleagues")).to_be_visible()
            faults = [
                (fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]
            ]
            assert faults == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert said == []
        page.context.close()


def test_on_a_telephone_the_bar_below_leads_to_the_acts(
    browser: Browser, live_server: LiveServer, manager: User, comments: list[Comment]
) -> None:
    page = open_page(
        browser, live_server, manager, address(comments[0]), viewport={"width": 390, "height": 800}, has_touch=True
    )
    bar = page.get_by_role("navigation", name="Correct")
    for name in ("Tone", "Topic", "Note"):
        bar.get_by_role("link", name=name).tap()
        expect(page.locator(f"#{name.lower() if name != 'Note' else 'notes'}")).to_be_in_viewport()
    small = page.evaluate(
        "[...document.querySelectorAll('.story .btn, .story .plain, .dock button, .dock a')]"
        ".filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 40).map(e => e.outerHTML)"
    )
    assert small == []
    bar.get_by_role("button", name="Done").tap()
    expect(bar.get_by_role("button", name="Open again")).to_be_visible()
    assert Comment.objects.get(pk=comments[0].pk).done_by == manager
    page.context.close()
