"""The page of a rule in a real browser: conditions by script and without, the trial, and nothing for axe to find."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from ground import jobs
from ground.models import Job, User
from surveys import tryout
from surveys.models import SendingRule, Survey
from tests.browsing import at_rest, needs_browser
from tests.config.test_admin_browser import as_administrator

pytestmark = [
    pytest.mark.django_db(transaction=True),
    needs_browser,
]


@pytest.fixture
def addresses(rule: SendingRule, make_interaction: Any, administrator: User) -> list[str]:
    """A rule with a condition, the list, and a trial that is over."""
    interaction = make_interaction()
    interaction.events.create(kind="closed", at=interaction.closed_at)
    rule.conditions = [{"field": "channel", "op": "in", "value": ["phone"]}]
    rule.save()
    rule.sample_percent = 50
    job = jobs.finish_now(tryout.start(rule, author=administrator))
    return [
        reverse("admin:surveys_sendingrule_change", args=[rule.pk]),
        reverse("admin:surveys_sendingrule_changelist"),
        reverse("admin:surveys_sendingrule_trial", args=[job.pk]),
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_are_accessible_silent_and_fit(
    browser: Browser, live_server: LiveServer, administrator: User, addresses: list[str], theme: Any, width: int
) -> None:
    page = as_administrator(
        browser, live_server, administrator, color_scheme=theme, viewport={"width": width, "height": 900}
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in addresses:
        page.goto(live_server.url + address)
        page.wait_for_timeout(300)
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]]
        assert (address, faults) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert said == []
    page.context.close()


def test_conditions_come_and_go_and_a_trial_shows_its_result(
    browser: Browser, live_server: LiveServer, administrator: User, addresses: list[str], rule: SendingRule
) -> None:
    page = as_administrator(browser, live_server, administrator)
    page.goto(live_server.url + addresses[0])
    page.locator(".gone").click()
    page.locator("[data-add]").click()
    row = page.locator(".condition")
    row.locator("select").nth(0).select_option("replies")
    expect(row.locator("select").nth(1).locator("option:not([disabled])")).to_have_count(5)
    row.locator("select").nth(1).select_option("greater")
    row.locator("input").fill("2")
    page.locator("[name=_try]").click()
    page.wait_for_selector("[data-follow]")
    jobs.finish_now(Job.objects.order_by("-pk")[0])
    page.wait_for_selector(".figures")
    rule.refresh_from_db()
    assert rule.conditions[0]["field"] == "channel"
    page.context.close()


def test_a_rule_is_built_without_script(
    browser: Browser, live_server: LiveServer, administrator: User, addresses: list[str], rule: SendingRule
) -> None:
    page = as_administrator(browser, live_server, administrator, java_script_enabled=False)
    page.goto(live_server.url + addresses[0])
    row = page.locator(".condition").nth(1)
    row.locator("select").nth(0).select_option("reason")
    row.locator("select").nth(1).select_option("contains")
    row.locator("input").fill("доставка")
    with page.expect_navigation():
        page.locator("button[name=_save], input[name=_save]").first.click()
    rule.refresh_from_db()
    assert [condition["field"] for condition in rule.conditions] == ["channel", "reason"]
    page.context.close()


def test_a_new_rule_waits_for_an_event_and_begins_with_what_is_usual(
    browser: Browser, live_server: LiveServer, administrator: User
) -> None:
    """Also where no survey is asked at intervals: with none chosen, nothing is put away."""
    page = as_administrator(browser, live_server, administrator)
    page.goto(live_server.url + reverse("admin:surveys_sendingrule_add"))
    expect(page.locator("fieldset.of-events").first).to_be_visible()
    expect(page.locator("fieldset.of-intervals")).not_to_be_visible()
    assert page.locator("[name=delay_minutes]").input_value() == "1"
    assert page.locator("[name=delay_minutes_unit]").input_value() == "60"
    assert page.locator("[name=send_through]").first.input_value() == "email"
    page.context.close()


def test_a_survey_at_intervals_offers_what_is_known_of_customers_alone(
    browser: Browser, live_server: LiveServer, administrator: User, nps_survey: Survey, rule: SendingRule
) -> None:
    Survey.objects.filter(pk=nps_survey.pk).update(kind=Survey.Kind.RELATIONAL)
    page = as_administrator(browser, live_server, administrator)
    page.goto(live_server.url + reverse("admin:surveys_sendingrule_change", args=[rule.pk]))
    page.locator("[data-add]").click()
    choice = page.locator(".condition select").first
    asked, known = choice.locator("option[value=reason]"), choice.locator("option[value=vip]")
    expect(asked).to_be_enabled()
    for survey, offered in ((nps_survey, False), (rule.survey, True)):
        page.locator("#id_survey").select_option(str(survey.pk))
        expect(asked).to_be_enabled(enabled=offered)
        expect(known).to_be_enabled()
    page.context.close()


def test_on_a_phone_the_list_shows_the_whole_sentence(
    browser: Browser, live_server: LiveServer, administrator: User, addresses: list[str]
) -> None:
    page = as_administrator(browser, live_server, administrator, viewport={"width": 390, "height": 900})
    page.goto(live_server.url + addresses[1])
    sentence = page.locator("#result_list td.field-in_words").first
    expect(sentence).to_be_visible()
    assert sentence.evaluate("cell => cell.scrollHeight <= cell.clientHeight + 1")
    page.context.close()
