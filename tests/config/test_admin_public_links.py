"""Links and QR codes on the desk: made, printed, signed, switched off, by those who may."""

import struct
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ground.models import AuditEntry, Membership, Team, User
from surveys import public_links
from surveys.models import Link, Survey
from tests.config.reading import make_response

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
ADD = "admin:surveys_link_add"


@pytest.fixture
def whole_manager(organisation: Any) -> User:
    user = User.objects.create_user("whole@example.org", "correct horse battery", language="en")
    Membership.objects.create(user=user, team=None, role="manager")
    return user


@pytest.fixture
def desk(login: Login, whole_manager: User) -> Client:
    return login(whole_manager)


@pytest.fixture
def link(survey: Survey, team: Team) -> Link:
    return Link.objects.create(label="Касса 4", survey=survey, team=team, public_key=public_links.new_key())


def typed(survey: Survey, **changes: Any) -> dict[str, Any]:
    return {"kind": "qr", "label": "Касса 7", "survey": survey.pk, "channel": "in_person", "is_active": "on"} | changes


def test_a_link_is_made_and_shows_its_code(desk: Client, survey: Survey, team: Team) -> None:
    page = desk.post(reverse(ADD), typed(survey, team=team.pk), follow=True)
    link = Link.objects.get()
    assert (link.label, link.team, len(link.public_key)) == ("Касса 7", team, 12)
    words = page.content.decode()
    assert public_links.path(link) in words
    assert reverse("admin:surveys_link_code", args=[link.pk, "svg"]) in words
    assert Client().get(public_links.path(link)).status_code == 200


def test_the_code_is_a_picture_of_the_address(desk: Client, link: Link) -> None:
    svg = desk.get(reverse("admin:surveys_link_code", args=[link.pk, "svg"]))
    assert svg.headers["Content-Type"] == "image/svg+xml" and b"<svg" in svg.content
    png = desk.get(reverse("admin:surveys_link_code", args=[link.pk, "png"]) + "?save=1")
    assert png.headers["Content-Disposition"] == f'attachment; filename="otklik-{link.public_key}.png"'
    assert struct.unpack(">I", png.content[16:20])[0] > 800  # its width in pixels
    assert desk.get(reverse("admin:surveys_link_code", args=[link.pk, "exe"])).status_code == 404


def test_the_sheet_has_every_question_and_code(desk: Client, link: Link, survey: Survey, template: Link) -> None:
    other = Link.objects.create(label="Касса 5", survey=survey, public_key=public_links.new_key())
    chosen = {"action": "print_chosen", "_selected_action": [link.pk, other.pk, template.pk]}
    sheet = desk.post(reverse("admin:surveys_link_changelist"), chosen, follow=True).content.decode()
    assert sheet.count("<section") == 2
    question = survey.published.score_question()
    assert question.texts["ru"] in sheet and question.texts["en"] in sheet
    assert "Маяк" in sheet and "Касса 5" in sheet


def test_a_help_desk_gets_texts_to_paste(desk: Client, template: Link) -> None:
    words = desk.get(reverse("admin:surveys_link_change", args=[template.pk])).content.decode()
    assert f"/t/{template.public_key}/{{{{ticket.id}}}}" in words
    assert f"/t/{template.public_key}/NUMBER/5" in words
    assert "Freshdesk" in words and "Usedesk" in words


def test_a_secret_is_shown_once_and_noted(desk: Client, template: Link) -> None:
    page = desk.post(reverse("admin:surveys_link_secret", args=[template.pk]))
    template.refresh_from_db()
    secret = public_links.secret_of(template)
    assert secret in page.content.decode()
    assert secret not in desk.get(reverse("admin:surveys_link_change", args=[template.pk])).content.decode()
    assert AuditEntry.objects.get().verb == "link.secret_made"
    assert desk.get(reverse("admin:surveys_link_secret", args=[template.pk])).status_code == 405


def test_signed_only_needs_a_secret_first(desk: Client, template: Link) -> None:
    address = reverse("admin:surveys_link_change", args=[template.pk])
    data = typed(template.survey, label="Zendesk", source=" Zen desk", channel="email", requires_signature="on")
    assert desk.post(address, data).status_code == 200
    public_links.new_secret(template)
    assert desk.post(address, data).status_code == 302
    template.refresh_from_db()
    assert (template.requires_signature, template.source) == (True, "Zen-desk")


def test_the_kind_of_a_printed_link_stays(desk: Client, link: Link) -> None:
    desk.post(reverse("admin:surveys_link_change", args=[link.pk]), typed(link.survey, kind="template"))
    link.refresh_from_db()
    assert (link.kind, link.label) == ("qr", "Касса 7")


def test_a_teams_manager_makes_codes_for_the_own_team_alone(
    login: Login, manager: User, survey: Survey, team: Team, other_team: Team
) -> None:
    client = login(manager)
    client.post(reverse(ADD), typed(survey, team=other_team.pk))
    client.post(reverse(ADD), typed(survey))
    client.post(reverse(ADD), typed(survey, team=team.pk, kind="template"))
    assert not Link.objects.exists()
    client.post(reverse(ADD), typed(survey, team=team.pk))
    assert Link.objects.get().team == team


def test_others_links_are_not_there(login: Login, outsider: User, viewer: User, link: Link, template: Link) -> None:
    addresses = [
        reverse("admin:surveys_link_change", args=[link.pk]),
        reverse("admin:surveys_link_code", args=[link.pk, "svg"]),
        reverse("admin:surveys_link_print") + f"?link={link.pk}",
    ]
    stranger = login(outsider)
    assert all(stranger.get(address).status_code in (302, 404) for address in addresses)
    reader = login(viewer)
    assert [reader.get(address).status_code for address in addresses] == [200, 200, 200]
    assert reader.post(reverse("admin:surveys_link_secret", args=[template.pk])).status_code in (403, 404)
    assert reader.post(addresses[0], typed(link.survey)).status_code == 403


def test_the_list_costs_the_same_for_many(desk: Client, survey: Survey, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        Link.objects.create(label=f"Касса {number}", survey=survey, public_key=public_links.new_key())
    with django_assert_max_num_queries(22):
        desk.get(reverse("admin:surveys_link_changelist"))


def test_the_list_and_the_page_say_what_came_and_what_is_held(desk: Client, link: Link, survey: Survey) -> None:
    for held_for in ("", "", "velocity"):
        make_response(
            survey, link=link, team=link.team, evidence="held" if held_for else "confirmed", held_for=held_for
        )
    row = desk.get(reverse("admin:surveys_link_changelist")).context["cl"].result_list[0]
    assert (row.tally.count, row.tally.held, row.tally.burst) == (3, 1, 1)
    words = desk.get(reverse("admin:surveys_link_change", args=[link.pk])).content.decode()
    assert "3 answers came through this link" in words and "Far more answers than usual" in words
    assert f"{reverse('admin:feedback_response_review')}?link={link.pk}&amp;reason=velocity" in words


def test_answers_that_went_to_another_team_are_not_told(
    login: Login, manager: User, link: Link, survey: Survey, other_team: Team
) -> None:
    make_response(survey, link=link, team=other_team)
    cl = login(manager).get(reverse("admin:surveys_link_changelist")).context["cl"]
    assert cl.result_list[0].tally is None
