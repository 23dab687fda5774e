"""The list of suppressed addresses goes in and out whole: read first, written then, and nothing lost on the way."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ground import optouts
from ground.csvfile import BadFile
from ground.models import AuditEntry, Membership, Role, User
from surveys import suppression, suppression_list
from surveys.models import Suppression

pytestmark = pytest.mark.django_db
LIST = "/admin/surveys/suppression/"
IMPORT, EXPORT = "/admin/surveys/suppression/import/", "/admin/surveys/suppression/export/"


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def read(text: str) -> tuple[list[str], int, int]:
    reading = suppression_list.read(text)
    return [entry.address for entry in reading.entries], reading.known, len(reading.complaints)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@example.org\nB@Example.org\n", ["a@example.org", "b@example.org"]),
        ("a@example.org, b@example.org;c@example.org\td@example.org", [f"{name}@example.org" for name in "abcd"]),
        ("Olga T. <olga@example.org>\n\n  a@example.org,\n", ["olga@example.org", "a@example.org"]),
        ("\ufeffemail\na@example.org\na@example.org\n", ["a@example.org"]),
        ("name;E-mail\nОльга;olga@example.org\n", ["olga@example.org"]),
        ('адрес,"опрос"\nolga@example.org,\n', ["olga@example.org"]),
        ("+79001234567\na@example.org", ["+79001234567", "a@example.org"]),
        ("address\n+7 (900) 123-45-67\n", ["+79001234567"]),
        ("+7 900 123-45-67\n8 (900) 123-45-68, a@example.org", ["+79001234567", "+79001234568", "a@example.org"]),
        (
            "a@example.org +7 900 123-45-67\n+79001234568 +79001234569",
            [
                "a@example.org",
                "+79001234567",
                "+79001234568",
                "+79001234569",
            ],
        ),
        ("", []),
    ],
)
def test_addresses_are_understood_however_they_come(text: str, addresses: list[str]) -> None:
    assert read(text) == (addresses, 0, 0)


def test_a_piece_of_a_number_is_nobodys_address() -> None:
    """Cut at its blanks it would put a number on the list that nobody wrote, and not the one that was written."""
    assert read("нет адреса\n+7 900 000-00-55") == (["+79000000055"], 0, 1)


def test_lines_that_cannot_be_read_are_named_and_the_others_stay(survey) -> None:
    reading = suppression_list.read(
        "address,survey,reason\na@example.org,support,unsubscribed\nnobody,,\nb@example.org,nothing,\n"
        "c@example.org,,because\n"
    )
    assert [(e.address, e.survey, e.reason) for e in reading.entries] == [("a@example.org", survey, "unsubscribed")]
    assert [complaint.line for complaint in reading.complaints] == [3, 4, 5]


@pytest.mark.parametrize("text", ["address,x\na@example.org\n", "x" * 2_000_001])
def test_what_cannot_be_read_at_all_is_said(text: str) -> None:
    with pytest.raises(BadFile):
        suppression_list.read(text)


def test_nothing_is_written_before_it_was_looked_at(desk, survey) -> None:
    suppression.suppress("known@example.org", reason="manual")
    page = desk.post(IMPORT, {"text": "new@example.org\nknown@example.org\nnobody\n"})
    assert Suppression.objects.count() == 1
    assert [part in page.content.decode() for part in ("1 new address", "1 is on the list already", "“nobody”")] == [
        True
    ] * 3
    done = desk.post(IMPORT, {"text": page.context["text"], "add": "1"})
    assert done.status_code == 302
    row = Suppression.objects.get(address="new@example.org")
    assert (row.reason, row.source, row.survey) == ("manual", "import", None)
    assert AuditEntry.objects.get(verb="suppressions.imported").detail == {"count": 1}


def test_a_second_time_changes_nothing(desk) -> None:
    for _time in range(2):
        desk.post(IMPORT, {"text": "a@example.org", "add": "1"})
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(desk, encoding: str) -> None:
    file = SimpleUploadedFile("list.csv", "имя;почта\nОльга;olga@example.org\n".encode(encoding))
    assert "1 new address" in desk.post(IMPORT, {"file": file}).content.decode()


@pytest.mark.parametrize("content", [b"", b"\x98\x00\xff\x81", b"a" * 2_000_001])
def test_a_file_that_is_none_is_said(desk, content: bytes) -> None:
    page = desk.post(IMPORT, {"file": SimpleUploadedFile("list.csv", content)})
    assert page.status_code == 200 and not Suppression.objects.exists()


def test_what_was_exported_can_be_imported_again(desk, survey) -> None:
    suppression.suppress("a@example.org", reason="spam_report", source="spam report by mail")
    suppression.suppress("b@example.org", reason="unsubscribed", survey=survey, source="survey support")
    suppression.suppress("c@example.org", reason="hard_bounce", source="bounce mail, 5.1.1")
    before = set(Suppression.objects.values_list("address", "survey", "reason"))
    content = b"".join(desk.post(EXPORT).streaming_content)
    assert survey.name in content.decode() and survey.name in desk.get(LIST).content.decode()
    assert AuditEntry.objects.get(verb="suppressions.exported").detail == {"count": 3}
    Suppression.objects.all().delete()
    optouts.path().unlink()
    desk.post(IMPORT, {"text": content.decode("utf-8-sig"), "add": "1"})
    assert set(Suppression.objects.values_list("address", "survey", "reason")) == before
    assert len(optouts.standing()) == 2


def test_no_cell_of_the_export_acts_as_a_formula(desk) -> None:
    Suppression.objects.create(address="=cmd|calc@example.org", reason="manual", source="+1")
    content = b"".join(desk.post(EXPORT).streaming_content).decode("utf-8-sig")
    (_titles, row) = csv.reader(io.StringIO(content))
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_a_stronger_reason_replaces_a_weaker_one_and_never_the_other_way_round(administrator) -> None:
    suppression.suppress("a@example.org", reason="manual")
    suppression.suppress("b@example.org", reason="spam_report")
    text = "address,reason\na@example.org,unsubscribed\nb@example.org,manual\n"
    suppression_list.add(suppression_list.read(text).entries, by=administrator)
    assert list(Suppression.objects.order_by("address").values_list("reason", flat=True)) == [
        "unsubscribed",
        "spam_report",
    ]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_only_managers_of_the_whole_organisation_may(client, team, role: str) -> None:
    user = User.objects.create_user("x@example.org", "correct horse battery")
    Membership.objects.create(user=user, team=None, role=role)
    manager_of_a_team = User.objects.create_user("y@example.org", "correct horse battery")
    Membership.objects.create(user=manager_of_a_team, team=team, role=Role.MANAGER)
    for person in (user, manager_of_a_team):
        client.force_login(person)
        assert client.get(IMPORT).status_code == 403
        assert client.post(IMPORT, {"text": "a@example.org", "add": "1"}).status_code == 403
        assert client.post(EXPORT).status_code == 403
    assert not Suppression.objects.exists()


def test_an_export_is_asked_for_by_post(desk) -> None:
    assert desk.get(EXPORT).status_code == 405


def test_the_list_offers_both(desk) -> None:
    assert IMPORT in desk.get("/admin/surveys/suppression/").content.decode()
    suppression.suppress("a@example.org", reason="hard_bounce", source="bounce mail, 5.1.1")
    page = desk.get("/admin/surveys/suppression/").content.decode()
    assert EXPORT in page and "a bounce in the mailbox (code 5.1.1)" in page and "a@example.org" not in page


@pytest.mark.parametrize(
    ("reason", "status"), [("manual", 302), ("hard_bounce", 302), ("unsubscribed", 403), ("spam_report", 403)]
)
def test_the_customers_own_word_is_not_lifted_by_hand(desk, reason: str, status: int) -> None:
    suppression.suppress("a@example.org", reason=reason)
    page = f"/admin/surveys/suppression/{Suppression.objects.get().pk}/delete/"
    assert desk.post(page, {"post": "yes"}).status_code == status
    assert Suppression.objects.exists() == (status == 403)
