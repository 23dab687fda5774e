"""Notes on the charts: who puts them there, who sees them, and what becomes of them."""

import datetime as dt
import tracemalloc
from collections.abc import Callable

import pytest
from django.test import Client

from analytics import annotations, rollups
from analytics.models import Annotation
from analytics.periods import Period
from analytics.watch import nightly
from ground.access import scope_of
from ground.models import AuditEntry, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer_all

URL = "/admin/dashboard/"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = NOON.date() - dt.timedelta(days=9)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def answered(time_machine: object, survey: Survey, team: Team) -> None:
    time_machine.move_to(NOON, tick=False)
    answer_all(survey, [5] * 40 + [1] * 9, at=NOON - dt.timedelta(days=9), team=team)
    rollups.roll_up()


def page(client: Client, query: str = "") -> str:
    User.objects.update(language="en")
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


def note(text: str, **fields: object) -> Annotation:
    return Annotation.objects.create(**({"start": DAY, "end": DAY, "text": text, "kind": "release"} | fields))


def test_a_manager_puts_a_note_on_the_charts_and_comes_back(login: Callable, manager: User, team: Team) -> None:
    client = login(manager)
    html = page(client)
    add = html.partition('href="/admin/analytics/annotation/add/')[2].partition('"')[0].replace("&amp;", "&")
    form = {"start": str(DAY), "end": "", "kind": "outage", "text": "Mail was down", "team": team.pk}
    reply = client.post(f"/admin/analytics/annotation/add/{add}", form)
    assert reply.status_code == 302 and reply["Location"] == URL
    html = page(client)
    assert html.count('<line class="noted"') == 1 and "<title>13\xa0Nov\xa02026: outage: Mail was down</title>" in html
    assert "<td>outage: Mail was down</td>" in html
    kept = Annotation.objects.get()
    assert (kept.end, kept.author) == (DAY, manager)
    client.post(
        f"/admin/analytics/annotation/{kept.pk}/change/?back={URL}", form | {"text": "All was down", "end": str(DAY)}
    )
    assert "outage: All was down" in page(client)
    client.post(f"/admin/analytics/annotation/{kept.pk}/delete/", {"post": "yes"})
    assert "noted" not in page(client)
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["annotation.added", "annotation.changed", "annotation.deleted"]


def test_notes_are_seen_by_their_team_and_those_for_all_by_everybody(
    login: Callable, manager: User, administrator: User, team: Team, other_team: Team
) -> None:
    note("For all", start=DAY - dt.timedelta(days=3))
    note("Ours", team=team)
    client = login(manager)
    before = page(client)
    assert "For all" in before and "Ours" in before
    note("Theirs", team=other_team)
    note("Long ago", start=DAY - dt.timedelta(days=900), end=DAY - dt.timedelta(days=890))
    for text in ("Theirs", "Long ago"):
        assert text not in page(client)
    assert "Theirs" in page(login(administrator))
    assert "Theirs" not in page(login(administrator), f"?team={team.pk}")


def test_a_viewer_and_a_manager_of_one_team_may_not_change_what_is_for_all(
    login: Callable, viewer: User, manager: User
) -> None:
    for_all = note("For all")
    for person in (viewer, manager):
        client = login(person)
        assert client.get(f"/admin/analytics/annotation/{for_all.pk}/change/").status_code in (302, 403, 404)
    assert "/annotation/add/" not in page(login(viewer))
    form = {"start": str(DAY), "end": str(DAY), "kind": "release", "text": "x", "team": ""}
    assert login(manager).post("/admin/analytics/annotation/add/", form).status_code == 200
    assert Annotation.objects.count() == 1


def test_a_note_ends_after_it_begins_and_leads_nowhere_else(login: Callable, administrator: User) -> None:
    client = login(administrator)
    form = {"start": str(DAY), "end": str(DAY - dt.timedelta(days=1)), "kind": "release", "text": "x", "team": ""}
    assert client.post("/admin/analytics/annotation/add/", form).status_code == 200
    assert not Annotation.objects.exists()
    for back in ("https://evil.example/", "nowhere"):
        reply = client.post(f"/admin/analytics/annotation/add/?back={back}", form | {"end": ""})
        assert reply["Location"] == "/admin/analytics/annotation/"


def test_days_of_an_outage(administrator: User, manager: User, team: Team, other_team: Team) -> None:
    note("Mail", kind="outage", end=DAY + dt.timedelta(days=1))
    note("Theirs", kind="outage", team=other_team, start=DAY + dt.timedelta(days=5), end=DAY + dt.timedelta(days=50))
    note("Release", start=DAY + dt.timedelta(days=3), end=DAY + dt.timedelta(days=3))
    period = Period(DAY - dt.timedelta(days=5), DAY + dt.timedelta(days=6))
    ahead = [dt.timedelta(days=days) for days in (0, 1, 5, 6)]
    assert annotations.outage_days(scope_of(manager), period) == {DAY + each for each in ahead[:2]}
    assert annotations.outage_days(scope_of(administrator), period) == {DAY + each for each in ahead}
    assert annotations.outage_days(scope_of(administrator), period, team=team.pk) == {DAY + each for each in ahead[:2]}


def test_the_form_speaks_the_readers_language(login: Callable, administrator: User) -> None:
    """A text that has a plural elsewhere gave the label its singular, with the place of a number in it."""
    User.objects.update(language="ru")
    form = login(administrator).get("/admin/analytics/annotation/add/").content.decode()
    assert "оследний день" in form and "%(n)s" not in form and "ast day" not in form


def test_an_outage_without_an_end_in_sight_costs_no_memory() -> None:
    note("For good", kind="outage", start=dt.date(1, 1, 1), end=dt.date.max)
    tracemalloc.start()
    try:
        assert nightly.days_off()(None)(DAY)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
