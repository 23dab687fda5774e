"""Mails in a real browser, as narrow and as dark as phones show them: nothing sideways, nothing unreadable."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from ground.models import Organisation
from surveys import letters, snippets, starters
from surveys.models import Link, Survey
from tests.browsing import needs_browser

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]
BOXES = """[...document.querySelectorAll("a.score")].map(each => each.getBoundingClientRect())
           .map(box => [Math.round(box.width), Math.round(box.height)])"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_buttons_of_every_kind_of_score(browser: Browser, survey: Survey, scheme) -> None:
    """Each has its word or stands in a row whose ends are named; a finger hits it at every width."""
    version, organisation = survey.published, Organisation.objects.get()
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    for kind, look in (("csat", "stars"), ("csat", "smileys"), ("csat", "three"), ("csat", "thumbs"), ("yes_no", ""),
                       ("ces", "")):  # fmt: skip
        question = version.score_question()
        question.kind, scale = kind, {"csat": look, "yes_no": "yes_no", "ces": "ces"}[kind]
        names = starters.USUAL_NAMES[starters.scales()["of"][scale]]
        question.options = {"look": look, "labels": names} if look else {"labels": names}
        letter = letters.write(version, kind="invitation", language="en", organisation=organisation)
        filled = letter.filled(answer="a", unsubscribe="u")
        page.set_content(filled.html)
        for score, name in names["en"].items():
            assert name in page.locator("body").inner_text(), (kind, look)
            assert re.search(rf"{name} +\S+/r/a/{score}$", filled.text, re.MULTILINE), filled.text
        for width in (320, 600):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (kind, look, width)
            sizes = page.evaluate(BOXES)
            assert len(sizes) == len(question.scale.values)
            assert all(height >= 44 and across >= 40 for across, height in sizes), (kind, look, width, sizes)
        assert Axe().run(page).response["violations"] == []
        # What a help desk puts into its own mail has no rules for narrow windows.
        page.set_content(snippets.of(Link(public_key="k" * 12), version, "en")[0].html)
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, (kind, look)
        assert page.locator("a").count() == len(question.scale.values)
        assert all(name in page.locator("body").inner_text() for name in names["en"].values()), (kind, look)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["#1d6b5a", "#ffd400"])
def test_every_mail_fits_and_reads(browser: Browser, survey: Survey, nps_survey: Survey, scheme, colour) -> None:
    organisation = Organisation.objects.get()
    organisation.colour = colour
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for number, (each, kind) in enumerate([(survey, "invitation"), (nps_survey, "invitation"), (survey, "thanks")]):
        language = ("ru", "en")[number % 2]
        letter = letters.write(each.published, kind=kind, language=language, organisation=organisation)
        page.set_content(letter.filled(answer="a", unsubscribe="u").html)
        for width in (320, 390, 600, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (each, kind, width)
            sizes = page.evaluate(BOXES)
            assert all(height >= 44 and across >= 40 for across, height in sizes), (each, width, sizes)
            if width in (320, 600):
                found = Axe().run(page).response["violations"]
                assert [rule["id"] for rule in found] == [], found
    assert asked == []
    context.close()
