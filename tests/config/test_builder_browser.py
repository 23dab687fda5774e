"""A survey of six questions built by mouse, and by keyboard alone, published, and answered in a test run."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback.models import Response
from ground.models import User
from surveys import drafts
from surveys.models import Survey, SurveyVersion
from tests.browsing import at_rest, needs_browser
from tests.config.test_admin_browser import as_administrator

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]
SIX = ["csat", "text", "grid", "single", "multiple", "yes_no"]


@pytest.fixture
def draft(survey: Survey, administrator: User) -> SurveyVersion:
    """The words of the mail are there, no question yet, one language."""
    User.objects.update(language="en")
    draft = drafts.begin(survey)
    draft.questions.all().delete()
    draft.texts = {"en": draft.texts["en"]}
    draft.save()
    return draft


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, administrator: User, draft: SurveyVersion) -> Any:
    page = as_administrator(browser, live_server, administrator, viewport={"width": 1280, "height": 900}, locale="en")
    page.said = []
    page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(live_server.url + reverse("admin:surveys_surveyversion_change", args=[draft.pk]))
    yield page
    assert page.said == []
    page.context.close()


def cards(page: Page) -> Locator:
    return page.locator("[data-builder] .card:not(.removed)")


def fill_names(page: Page, card: Locator, *names: str) -> None:
    """Enter leads to the next row, a new one where there is none."""
    card.locator("[data-rows$=items] input[type=text]").first.focus()
    for name in names:
        page.keyboard.type(name)
        page.keyboard.press("Enter")


def of(draft: SurveyVersion) -> list[str]:
    return list(draft.questions.values_list("kind", flat=True))


def publish_and_try(page: Page, draft: SurveyVersion) -> None:
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Published: invitations use this wording from here on.")).to_be_visible()
    draft.refresh_from_db()
    assert draft.published_at


def test_six_questions_by_mouse(page: Page, draft: SurveyVersion, live_server: LiveServer) -> None:
    for kind in SIX:
        page.locator(f"[name=_add_question][value={kind}]").click()
        cards(page).last.locator("textarea").fill(f"About {kind}")
    for kind in ("grid", "single", "multiple"):
        fill_names(page, cards(page).nth(SIX.index(kind)), "Speed", "Manners")
    cards(page).nth(0).get_by_text("Smileys").click()
    expect(cards(page).nth(0).locator("[data-rows$=steps] input[type=text]").first).to_have_value("Very bad")
    single = cards(page).nth(3)
    single.locator("select").nth(1).select_option(label="only after: About csat")
    single.get_by_label("a low score", exact=True).check()
    frame = page.frame_locator(".see iframe")
    expect(frame.get_by_text("About multiple")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 3400})
    handle, second = cards(page).nth(5).locator("[data-drag]"), cards(page).nth(1)
    handle.hover()
    page.mouse.down()
    box = second.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 4, steps=8)
    page.mouse.up()
    expect(cards(page).nth(1).locator("textarea")).to_have_value("About yes_no")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("Everything is there: this version can be published.")).to_be_visible()
    assert of(draft) == ["csat", "yes_no", "text", "grid", "single", "multiple"]
    assert draft.questions.get(kind="single").options["when"] == {"question": "score", "in": ["low"]}
    assert draft.questions.get(kind="csat").options["look"] == "smileys"
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Test run of what is saved").click()
    trial = opened.value
    trial.get_by_text("Very bad").first.click()
    expect(trial.get_by_text("About single")).to_be_visible()
    trial.get_by_role("button", name="Send").click()
    expect(trial.get_by_text("Sorry", exact=False).or_(trial.get_by_text("Your answer is recorded"))).to_be_visible()
    trial.close()
    assert not Response.objects.exists()
    publish_and_try(page, draft)


def test_six_questions_by_keyboard(page: Page, draft: SurveyVersion) -> None:
    keys = page.keyboard
    for kind in SIX:
        page.locator(f"[name=_add_question][value={kind}]").focus()
        keys.press("Enter")
        keys.type(f"About {kind}")
    for kind in ("grid", "single", "multiple"):
        fill_names(page, cards(page).nth(SIX.index(kind)), "Speed", "Manners")
    for _press in range(4):
        cards(page).filter(has=page.locator("textarea")).nth(5 - _press).locator("[data-up]").focus()
        keys.press("Enter")
    expect(cards(page).nth(1).locator("textarea")).to_have_value("About yes_no")
    expect(page.locator("[data-said]")).to_have_text("Moved to place 2")
    cards(page).nth(2).locator(".gone input").focus()
    keys.press("Space")
    expect(cards(page)).to_have_count(5)
    page.get_by_role("button", name="Save and publish").focus()
    keys.press("Enter")
    expect(page.get_by_text("Published: invitations use this wording from here on.")).to_be_visible()
    assert of(draft) == ["csat", "yes_no", "grid", "single", "multiple"]
    assert draft.questions.get(kind="grid").options["aspects"] == ["speed", "manners"]


def test_the_page_follows_what_is_typed_and_asks_before_a_language_goes(page: Page, draft: SurveyVersion) -> None:
    page.locator("[name=_add_question][value=nps]").click()
    cards(page).last.locator("textarea").fill("Would you tell a friend?")
    frame = page.frame_locator(".see iframe")
    expect(frame.get_by_role("heading", name="Would you tell a friend?")).to_be_visible()
    page.get_by_role("button", name="By night").click()
    expect(frame.locator("html")).to_have_css("color-scheme", "dark")
    page.get_by_role("button", name="Computer").click()
    expect(page.locator(".glass")).to_have_class(re.compile("wide"))
    assert not draft.questions.exists()
    page.get_by_text("Add or remove a language").click()
    page.locator("[name=new_language]").select_option("ar")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("Arabic.*missing"))).to_be_visible()
    assert draft.questions.get().texts == {"en": "Would you tell a friend?"}
    page.wait_for_load_state()  # the page that came asks before a language goes
    page.get_by_text("Add or remove a language").click()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Remove: Arabic").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove: Arabic").click()
    expect(page.get_by_role("button", name=re.compile("Arabic.*missing"))).to_have_count(0)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_builder_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, administrator: User, draft: SurveyVersion, theme: Any, width: int
) -> None:
    page = as_administrator(
        browser, live_server, administrator, color_scheme=theme, viewport={"width": width, "height": 900}
    )
    draft.texts["ru"] = draft.texts["en"]
    draft.save()
    page.goto(live_server.url + reverse("admin:surveys_surveyversion_change", args=[draft.pk]))
    for kind in ("csat", "nps", "grid", "multiple", "text", "contact"):
        page.locator(f"[name=_add_question][value={kind}]").click()
    page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
    page.wait_for_timeout(800)
    faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]]
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    names = page.locator("[data-rows] input[type=text]:visible")
    assert names.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.value)") == []
    page.context.close()
