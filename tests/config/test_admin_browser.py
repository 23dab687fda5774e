"""The desk in a real browser: axe finds nothing, the console stays silent, nothing scrolls sideways."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from analytics import rollups
from analytics.models import Incident, Watch, WatchedSeries
from feedback import bulk, exclusions, notes, saved_views, tags
from feedback.ideas import acts
from feedback.models import Comment, MutedPhrase, Theme, ThemeRound
from ground import audit, jobfiles, jobs
from ground.access import scope_of
from ground.models import Organisation, Team, User
from surveys import drafts, interactions, pausing
from surveys.models import Agent, AskingPolicy, Customer, Gateway, Link, Survey
from tests import factories
from tests.browsing import at_rest, needs_browser
from tests.config.reading import label, make_response, make_topic

pytestmark = [
    pytest.mark.django_db(transaction=True),
    needs_browser,
]


@pytest.fixture
def addresses(
    survey: Survey,
    team: Team,
    agent: Agent,
    administrator: User,
    customer: Customer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Every kind of page that the desk has, with something in it; the reading list comes first."""
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    answer = make_response(survey, score=2, text="Долго ждал ответа", team=team, agent=agent, channel="phone")
    make_response(survey, text="Спасибо", team=team, evidence="held", held_for="sweep")
    make_response(survey, team=team, evidence="unverified", score=None, held_for="trap", review="rejected",
                  reviewed_at=timezone.now(), reviewed_by=administrator)  # fmt: skip
    comment = label(answer.comment, topic=make_topic(), spans=[[0, 5, "tone-"]])
    invitation = factories.make_invitation(survey, team=team, state="uncertain", error="TimeoutError")
    pausing.pause(customer, reason="manual")
    tags.add(comment, "Возврат", author=administrator)
    notes.add(comment, "Позвонить до обеда", author=administrator)
    exclusions.exclude(answer, reason="test", by=administrator, note="проба")
    scope = scope_of(administrator)
    saved_views.keep("Негатив", "class=negative", is_shared=False, by=administrator, scope=scope)
    bulk.start("done", "", by=administrator, seen=0, ids=[comment.pk])
    params = {"kind": "interactions", "table": "a.rows"}
    jobs.start("import", params=params, author=administrator, total=40)
    over = jobs.start("import", params=params, author=administrator, total=40)
    over.result, over.finished_at = {"counts": {"created": 38, "refused": 2}}, timezone.now()
    over.file, over.file_until = "a.csv", timezone.now() + jobfiles.KEPT
    over.save()
    audit.note("contact.shown", by=administrator, subject=comment)
    desk = Link.objects.create(label="Касса 4", survey=survey, team=team, public_key="0" * 12)
    desks = Link.objects.create(kind="template", label="Zendesk", survey=survey, public_key="1" * 12)
    gateway = Gateway.objects.create(kind="sms", name="SMS", url="https://example.org/", callback_key="k")
    count_contacts(team)
    leave_the_usual(team)
    listed, changed = "admin:%s_changelist", "admin:%s_change"
    return [
        reverse(listed % "feedback_comment"),
        reverse(listed % "feedback_comment") + "?class=negative&tag=1&q=ждать",
        reverse(changed % "feedback_comment", args=[comment.pk]),
        *ideas_and_themes(comment, administrator),
        reverse(listed % "feedback_response"),
        reverse(changed % "feedback_response", args=[answer.pk]),
        reverse("admin:feedback_response_review"),
        reverse("admin:feedback_response_review") + "?state=decided",
        reverse("analytics:dashboard"),
        reverse("analytics:deviations"),
        reverse("analytics:metrics"),
        reverse("analytics:quality"),
        reverse("desk:jobs"),
        reverse("admin:surveys_interaction_import"),
        columns_of_a_file(administrator),
        reverse("desk:quarantine"),
        reverse("desk:notifications"),
        reverse("admin:surveys_invitation_unsettled"),
        reverse(listed % "surveys_survey"),
        reverse("admin:surveys_sendingrule_add"),
        reverse("admin:surveys_decision_ledger") + f"?customer={customer.pk}",
        reverse("admin:surveys_decision_counted"),
        reverse(changed % "surveys_askingpolicy", args=[AskingPolicy.objects.get().pk]),
        reverse("admin:ground_calendar_add"),
        reverse(listed % "surveys_pause"),
        reverse(listed % "surveys_customer"),
        reverse(changed % "surveys_customer", args=[customer.pk]),
        reverse(listed % "surveys_agent"),
        reverse(listed % "feedback_tag"),
        reverse("admin:feedback_tag_add"),
        reverse(listed % "feedback_topic"),
        reverse(listed % "ground_auditentry"),
        reverse(listed % "ground_user"),
        reverse(changed % "surveys_link", args=[desk.pk]),
        reverse(changed % "surveys_link", args=[desks.pk]),
        reverse("admin:surveys_link_print") + f"?link={desk.pk}",
        reverse(changed % "surveys_gateway", args=[gateway.pk]),
        reverse("admin:surveys_gateway_add"),
        *beside_asking(survey),
        reverse(changed % "surveys_interaction", args=[invitation.interaction_id]),
    ]


def ideas_and_themes(comment: Comment, administrator: User) -> list[str]:
    """An idea that one comment speaks for, and a theme in it that somebody may mute."""
    step = acts.split([comment], by=administrator)
    assert step
    looked = ThemeRound.objects.create(days=28, until=timezone.now(), finished_at=timezone.now(), in_window=400)
    theme = Theme.objects.create(round=looked, phrase="долго", words="долго", others=["ждать"], position=0,
                                 in_window=20, in_base=1, lift=9.5, p_adjusted=0.01)  # fmt: skip
    theme.found.create(comment=comment)
    MutedPhrase.objects.create(phrase="спасибо", words="спасибо", author=administrator)
    page = reverse("admin:feedback_idea_change", args=[step.into_id])
    themes = reverse("admin:feedback_theme_changelist")
    return [reverse("admin:feedback_idea_changelist"), f"{page}?step={step.pk}", themes, f"{themes}?days=7"]


def leave_the_usual(team: Team) -> None:
    """A deviation with everything that its card shows, and what is watched."""
    today = timezone.localdate()
    days = [today - dt.timedelta(days=back) for back in reversed(range(1, 41))]
    Incident.objects.create(
        metric="csat", team=team, direction="down", kind="shift",
        began_on=days[-5], first_day=days[-2], last_day=days[-1], days=[day.isoformat() for day in days[-2:]],
        extent={"now": 0.6, "now_lo": 0.5, "now_hi": 0.7, "before": 0.8, "diff": -0.2, "lo": -0.3, "hi": -0.1,
                "n": 120, "n_before": 900, "driver": {"channel": "phone", "part": 0.7}},
        points=[[day.isoformat(), 0.8 if place < 35 else 0.6, 0.8, 0.7, 0.9] for place, day in enumerate(days)],
    )  # fmt: skip
    Watch.objects.create(pk=1, judged_until=today)
    WatchedSeries.objects.create(metric="csat", team=team, by="day", per_day=24, quarter="down", year="same")


def count_contacts(team: Team) -> None:
    """So many contacts that the indicators show how they were served, and when they come."""
    now = timezone.now()
    for number in range(30):
        began = now - dt.timedelta(days=1 + number % 7, hours=number % 5)
        interactions.take(interactions.Report(
            source="crm", external_id=f"C-{number}", updated_at=now, customer={"external_id": "c-1"},
            team={"code": team.code}, fields={"channel": "chat", "created_at": began,
                                              "first_response_at": began + dt.timedelta(minutes=number)},
        ))  # fmt: skip
    while rollups.roll_up():
        pass


def beside_asking(survey: Survey) -> list[str]:
    """What managers set up before anybody is asked, and the files they bring."""
    version = survey.published
    assert version is not None
    listed, changed = "admin:%s_changelist", "admin:%s_change"
    return [
        reverse(changed % "surveys_survey", args=[survey.pk]),
        reverse(changed % "surveys_surveyversion", args=[version.pk]),
        reverse(changed % "surveys_surveyversion", args=[drafts.begin(survey).pk]),
        reverse("admin:surveys_version_preview", args=[version.pk]),
        reverse(listed % "surveys_link"),
        reverse(listed % "surveys_gateway"),
        reverse(listed % "surveys_suppression"),
        reverse("admin:surveys_interaction_import"),
        reverse("desk:mail_check"),
        reverse("desk:person"),
        reverse(changed % "ground_organisation", args=[Organisation.current().pk]),
    ]


def columns_of_a_file(person: User) -> str:
    """The import page that shows a file's columns, of which one is lacking and one has wrong cells."""
    client = Client()
    client.force_login(person)
    file = SimpleUploadedFile("a.csv", "№;Канал;Почта\n1;голубь;a@example.org\n2;телефон;b".encode())
    address = reverse("admin:surveys_interaction_import")
    return client.post(address, {"kind": "interactions", "source": "desk", "file": file}).url


def as_administrator(browser: Browser, live_server: LiveServer, user: User, **options: Any) -> Page:
    client = Client()
    client.force_login(user)
    context = browser.new_context(**options)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return context.new_page()


@pytest.mark.parametrize(
    ("theme", "width", "pages"), [("light", 1280, 99), ("dark", 390, 99), ("dark", 1280, 6), ("light", 390, 6)]
)
def test_pages_are_accessible_silent_and_fit(
    browser: Browser,
    live_server: LiveServer,
    administrator: User,
    addresses: list[str],
    theme: Any,
    width: int,
    pages: int,
) -> None:
    page = as_administrator(
        browser, live_server, administrator, color_scheme=theme, viewport={"width": width, "height": 900}
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in addresses[:pages]:
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
        page.wait_for_timeout(300)
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]]
        assert (address, faults) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert said == []
    page.context.close()


def test_the_list_is_read_and_filtered_without_script(
    browser: Browser, live_server: LiveServer, administrator: User, addresses: list[str]
) -> None:
    page = as_administrator(browser, live_server, administrator, java_script_enabled=False, locale="en")
    page.goto(live_server.url + addresses[0])
    page.get_by_text("Filters", exact=True).click()
    page.locator("select[name=class]").select_option("positive")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing fits these filters")).to_be_visible()
    page.get_by_role("link", name="Show everything").click()
    page.get_by_role("link", name="Долго ждал ответа").click()
    expect(page.get_by_role("heading", name="How it came about")).to_be_visible()
    page.context.close()


def test_choosing_a_file_writes_its_name_nowhere_else(
    browser: Browser, live_server: LiveServer, administrator: User, team: Team
) -> None:
    """The theme would take it for the source, and the next file of the same source for another one's."""
    page = as_administrator(browser, live_server, administrator)
    page.goto(live_server.url + reverse("admin:surveys_interaction_import"))
    page.wait_for_load_state()
    page.set_input_files("[name=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"1;2"})
    page.wait_for_timeout(100)
    assert page.input_value("[name=source]") == ""
    page.context.close()
