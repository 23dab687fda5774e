"""The sidebar and the lists: one word for each page, what waits is counted, an empty list says what to do next."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config import queues
from ground.models import QueueRow, Team, User
from ground.scoped import ScopedAdmin
from surveys.models import Survey
from tests import factories
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
LISTS = ["surveys_survey", "surveys_sendingrule", "surveys_interaction", "surveys_decision", "surveys_invitation",
         "surveys_message", "surveys_suppression", "surveys_customer", "surveys_agent", "ground_team",
         "ground_apikey"]  # fmt: skip


@pytest.fixture
def desk(login: Login, administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


def words(markup: str) -> str:
    """The text of some markup, without the names of icons."""
    text = re.sub(r'(?s)<span class="[^"]*symbols.*?</span>', "", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def links(page: str) -> dict[str, str]:
    """The sidebar's addresses and words."""
    sidebar = page.partition('id="nav-sidebar-apps"')[2].partition('id="user-links"')[0]
    return {path: words(text) for path, text in re.findall(r'(?s)<li><a href="([^"]+)".*?>(.*?)</a></li>', sidebar)}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_page_is_called_what_the_sidebar_calls_it(desk: Client, administrator: User, language: str) -> None:
    User.objects.filter(pk=administrator.pk).update(language=language)
    offered = links(desk.get(reverse("desk:quarantine")).content.decode())
    assert len(offered) > 15
    for path, name in offered.items():
        if "?" in path:  # a saved view of a page that has an item of its own
            continue
        page = desk.get(path, follow=True).content.decode()
        title = words(page.partition("<h1")[2].partition(">")[2].partition("</h1>")[0])
        assert title == name or title.startswith(f"{name} "), path


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_says_what_it_is_and_what_to_do(desk: Client, name: str) -> None:
    address = reverse(f"admin:{name}_changelist")
    page = desk.get(address).content.decode()
    owner = admin.site.get_model_admin(apps.get_model(name.replace("_", ".")))
    empty = page.partition("<h2>Nothing here yet</h2>")[2].partition("</div>")[0]
    assert isinstance(owner, ScopedAdmin)
    assert str(owner.lead) in html.unescape(empty)
    assert str(owner.first_step) in html.unescape(empty)
    assert "Type to search" not in page
    if owner.may_add or owner.first_page:
        [way] = re.findall(r'href="([^"]+)"', empty)
        assert desk.get(way, follow=True).status_code == 200


def test_the_way_out_of_an_empty_list_is_shown_to_those_who_may_go_it(login: Login, viewer: User) -> None:
    User.objects.filter(pk=viewer.pk).update(language="en")
    page = login(viewer).get(reverse("admin:surveys_decision_changelist")).content.decode()
    assert "Nothing here yet" in page
    assert reverse("admin:surveys_sendingrule_changelist") not in page


def test_a_filled_list_is_led_by_its_sentence(desk: Client, survey: Survey) -> None:
    page = desk.get(reverse("admin:surveys_survey_changelist")).content.decode()
    assert "What customers are asked." in page
    assert "Nothing here yet" not in page


def test_what_waits_is_counted_in_one_query(
    login: Login, desk: Client, manager: User, outsider: User, survey: Survey, team: Team,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    factories.make_invitation(survey, team=team, state="uncertain")
    factories.make_invitation(survey, state="uncertain")
    factories.make_invitation(survey, state="planned", quarantined_at=timezone.now())
    make_comment(quarantined_at=timezone.now())
    make_comment()

    def waiting(client: Client) -> list[str]:
        shown = links(client.get(reverse("admin:surveys_agent_changelist")).content.decode()).values()
        return [name for name in shown if name.endswith("waiting")]

    assert waiting(desk) == ["Uncertain mails 2 waiting", "Quarantine 2 waiting"]
    User.objects.filter(pk__in=[manager.pk, outsider.pk]).update(language="en")
    assert waiting(login(manager)) == ["Uncertain mails 1 waiting"]
    assert waiting(login(outsider)) == []
    with django_assert_num_queries(1):
        queues.to_settle(queues.Scope(teams=(), whole="administrator"), by_administrator=True)


def test_the_sidebar_stops_counting(desk: Client, survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST", 2)
    for _number in range(3):
        factories.make_invitation(survey, state="uncertain")
    page = desk.get(reverse("admin:surveys_agent_changelist")).content.decode()
    assert "Uncertain mails 2+ waiting" in links(page).values()


def test_every_queue_is_looked_at_for_quarantined_rows() -> None:
    looked_at = {rows.model for rows in queues.quarantined()}
    assert looked_at == {model for model in apps.get_models() if issubclass(model, QueueRow)}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_missing_page_of_the_desk_speaks_the_persons_language(
    desk: Client, administrator: User, language: str
) -> None:
    User.objects.filter(pk=administrator.pk).update(language=language)
    missing = desk.get("/admin/nowhere/", headers={"accept-language": "de"})
    page = missing.content.decode()
    assert missing.status_code == 404
    assert f'<html lang="{language}"' in page
    assert f'href="{reverse("desk:home")}"' in page


def test_a_form_without_its_token_is_refused_in_the_persons_language(administrator: User) -> None:
    User.objects.filter(pk=administrator.pk).update(language="ru")
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    refused = client.post(reverse("admin:surveys_survey_add"), headers={"accept-language": "en"})
    page = refused.content.decode()
    assert refused.status_code == 403
    assert '<html lang="ru"' in page and "Форма не принята" in page
    assert f'href="{reverse("desk:home")}"' in page
