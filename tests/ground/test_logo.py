"""The logo: taken when it is a small picture, served at an address that changes with it, shown in mails and pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ground import logo
from ground.models import Organisation, User
from surveys import links

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 20


@pytest.fixture
def desk(login, administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


def save(desk: Client, organisation: Organisation, **fields):
    page = reverse("admin:ground_organisation_change", args=[organisation.pk])
    form = {"name": "Маяк", "colour": "#1d6b5a", "timezone": "Europe/Moscow", "language": "ru"}
    return desk.post(page, form | fields)


@pytest.mark.parametrize(
    ("picture", "kind"),
    [(PNG, "image/png"), (WEBP, "image/webp"), (b"GIF89a..", "image/gif"), (b"\xff\xd8\xff\xe0", "image/jpeg")],
)
def test_an_uploaded_logo_is_served_for_ever_and_shown(desk, organisation, client, picture, kind) -> None:
    assert save(desk, organisation, picture=SimpleUploadedFile("evil.svg", picture)).status_code == 302
    organisation = Organisation.current()
    response = Client().get(logo.path(organisation))
    assert (response.status_code, response.content, response.headers["Content-Type"]) == (200, picture, kind)
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    page = desk.get(reverse("admin:ground_organisation_change", args=[organisation.pk])).content.decode()
    assert logo.path(organisation) in page and 'name="no_picture"' in page


@pytest.mark.parametrize(
    "picture",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        b"RIFF....AVI ",
        b"\x00" * 10,
        PNG + b"\x00" * logo.LARGEST,
    ],
)
def test_anything_else_is_refused_with_a_reason(desk, organisation, picture) -> None:
    response = save(desk, organisation, picture=SimpleUploadedFile("logo.png", picture, "image/png"))
    assert response.status_code == 200
    assert "picture" in response.content.decode()
    assert logo.path(Organisation.current()) == ""
    assert 'name="no_picture"' not in response.content.decode()


def test_an_older_address_leads_to_the_logo_of_today_and_none_to_nothing(desk, organisation) -> None:
    save(desk, organisation, picture=SimpleUploadedFile("a.png", PNG))
    old = logo.path(Organisation.current())
    save(desk, organisation, picture=SimpleUploadedFile("b.png", PNG + b"1"))
    response = Client().get(old)
    assert (response.status_code, response.headers["Location"]) == (302, logo.path(Organisation.current()))
    save(desk, organisation, no_picture="on")
    assert logo.path(Organisation.current()) == ""
    assert Client().get(old).status_code == 404


def test_saving_the_page_keeps_the_logo(desk, organisation) -> None:
    save(desk, organisation, picture=SimpleUploadedFile("a.png", PNG))
    save(desk, organisation, legal_name="ООО")
    assert bytes(Organisation.objects.get().logo) == PNG


def test_pages_show_the_logo_and_reading_the_organisation_does_not_load_it(desk, organisation, make_invitation) -> None:
    save(desk, organisation, picture=SimpleUploadedFile("a.png", PNG))
    current = Organisation.current()
    assert "logo" in current.get_deferred_fields()
    page = Client().get(links.answer_path(make_invitation())).content.decode()
    assert f'src="{logo.path(current)}"' in page
