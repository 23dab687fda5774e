"""The pages that customers see speak more languages than the desk: complete, with the right plurals and direction."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from surveys import links
from surveys.models import Consent, Invitation, Survey
from tests.feedback.answering import send

ROOT = Path(settings.BASE_DIR)
# Where a text stands that a customer may read.
PAGES = re.compile(
    r"templates/(public|feedback|surveys)/|templates/(400|404|413|429|500|unavailable)\.html|feedback/forms\.py"
    r"|feedback/views/|feedback/answered\.py|surveys/(views|consents|own_data)\.py|surveys/questions/multiple\.py"
    r"|ground/public\.py"
)
# What stands beside them but is read at the desk, or in a mail: those speak two languages.
DESK = {
    "Your data at %(name)s",
    "To the overview",
    "The address is wrong, or what stood here is gone or belongs to a team that you have no role in.",
}
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]")
PLURALS = {"kk": 2, "ar": 6}


def catalogue(language: str, *, domain: str = "") -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / domain / language / "LC_MESSAGES" / "django.po"))


def wanted() -> dict[str, polib.POEntry]:
    return {
        entry.msgid: entry
        for entry in catalogue("en")
        if entry.msgid not in DESK and any(PAGES.match(path) for path, _line in entry.occurrences)
    }


@pytest.mark.parametrize("language", PLURALS)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    found = {entry.msgid: entry for entry in catalogue(language, domain="page")}
    assert sorted(set(wanted()) - set(found)) == []
    for msgid, entry in found.items():
        forms = list(entry.msgstr_plural.values()) or [entry.msgstr]
        assert len(forms) == (PLURALS[language] if entry.msgid_plural else 1), msgid
        for form in forms:
            assert form, msgid
            assert sorted(PLACE.findall(form)) == sorted(PLACE.findall(msgid)), msgid


def test_a_new_neighbour_says_that_nobody_has_reviewed_it() -> None:
    for language in PLURALS:
        assert "not reviewed" in catalogue(language, domain="page").header


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "direction", "title"), [("kk", "ltr", "Жауабыңыз жазылды"), ("ar", "rtl", "سُجّلت إجابتك")]
)
def test_the_page_speaks_it(
    client: Client, make_invitation: Callable[..., Invitation], language: str, direction: str, title: str
) -> None:
    invitation = make_invitation()
    version = invitation.version
    version.texts[language] = version.texts["en"]
    version.save()
    Invitation.objects.update(language=language)
    page = client.get(links.answer_path(invitation, 9))
    assert f'<html lang="{language}" dir="{direction}">' in page.content.decode()
    assert title in send(client, invitation, page, comment="…").content.decode()


@pytest.mark.django_db
def test_what_is_kept_of_an_unsubscription_is_what_was_shown(
    client: Client, make_invitation: Callable[..., Invitation]
) -> None:
    invitation = make_invitation()
    version = invitation.version
    version.texts["ar"] = version.texts["en"]
    version.save()
    where = links.unsubscribe_path(invitation) + "?lang=ar"
    shown = client.get(where).content.decode()
    client.post(where, {"scope": "all"})
    said = Consent.objects.get().text
    assert said == "هل نتوقف عن إرسال الاستطلاعات إليك؟ كل الاستطلاعات"
    assert all(part in shown for part in said.split("؟ "))


@pytest.mark.parametrize(("count", "form"), [(1, "يومًا واحدًا"), (2, "يومين"), (5, "أيام"), (30, "يومًا")])
def test_arabic_counts_in_six_ways(count: int, form: str) -> None:
    one = "It worked for %(link_days)s day and takes no score any more. But you can still tell us how it went."
    many = one.replace(" day ", " days ")
    with translation.override("ar"):
        assert form in translation.ngettext(one, many, count)


@pytest.mark.django_db
def test_a_page_without_a_survey_stays_in_the_language_of_the_page_before(client: Client, organisation: Any) -> None:
    for path, status in (("/r/abc", 404), ("/q/abc", 404), ("/nowhere", 404)):
        page = client.get(f"{path}?lang=ar")
        assert (page.status_code, page.headers["Content-Language"]) == (status, "ar"), path
        assert 'dir="rtl"' in page.content.decode()
        assert client.get(path, headers={"Accept-Language": "ar"}).headers["Content-Language"] in ("ru", "en")


def test_the_desk_offers_two(survey: Survey) -> None:
    assert [code for code, _name in settings.LANGUAGES] == ["ru", "en"]
