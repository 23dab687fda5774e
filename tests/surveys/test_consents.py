"""What customers said about being asked, told by a program or by hand."""

import pytest
from django.utils.dateparse import parse_datetime

from surveys.models import Consent, Customer

pytestmark = pytest.mark.django_db


def report(number: int, **customer) -> dict:
    return {
        "source": "crm",
        "external_id": f"T-{number}",
        "updated_at": f"2026-03-01T10:0{number}:00Z",
        "channel": "phone",
        "customer": {"external_id": "c-1", "email": "olga@example.org"} | customer,
    }


def tell(api, number: int, **customer) -> Customer:
    response = api.post("/api/v1/interactions/", report(number, **customer), format="json")
    assert response.status_code == 202, response.json()
    return Customer.objects.get()


GIVEN = {
    "given": True, "text": "Можно спрашивать меня о качестве", "version": "2026-02", "language": "ru",
    "source": "contract", "at": "2026-02-01T09:00:00Z",
}  # fmt: skip


def test_a_program_tells_a_consent_with_its_words(api) -> None:
    customer = tell(api, 1, no_consent=True)
    assert customer.no_consent
    customer = tell(api, 2, consent=GIVEN | {"at": "2026-03-01T09:00:00Z"})
    assert not customer.no_consent
    (row,) = Consent.objects.all()
    assert (row.act, row.text, row.text_version, row.language, row.source) == (
        "granted", GIVEN["text"], "2026-02", "ru", "contract",
    )  # fmt: skip
    assert row.at == parse_datetime("2026-03-01T09:00:00Z")


def test_the_same_statement_told_again_is_kept_once(api) -> None:
    for number in (1, 2, 3):
        tell(api, number, consent=GIVEN)
    assert Consent.objects.count() == 1


def test_the_later_statement_holds_in_whatever_order_they_come(api) -> None:
    assert tell(api, 1, consent={"given": False, "at": "2026-02-20T09:00:00Z"}).no_consent
    assert tell(api, 2, consent=GIVEN).no_consent
    assert not tell(api, 3, consent=GIVEN | {"at": "2026-02-25T09:00:00Z"}).no_consent
    assert Consent.objects.count() == 3


def test_a_bare_switch_is_a_statement_too(api) -> None:
    tell(api, 1)
    tell(api, 2, no_consent=True)
    tell(api, 3, no_consent=False)
    assert [row.act for row in Consent.objects.order_by("pk")] == ["withdrawn", "granted"]


@pytest.mark.parametrize("wrong", [{}, {"given": "maybe"}, {"given": True, "at": "2999-01-01T00:00:00Z"}, "yes", None])
def test_a_consent_that_says_nothing_is_refused(api, wrong) -> None:
    response = api.post("/api/v1/interactions/", report(1, consent=wrong), format="json")
    assert response.status_code == 400 and not Consent.objects.exists()


def test_another_teams_program_changes_no_consent(api, team_api, team, other_team) -> None:
    other = report(1, consent=GIVEN | {"given": False}) | {"team": {"code": other_team.code}}
    api.post("/api/v1/interactions/", other, format="json")
    response = team_api.post(
        "/api/v1/interactions/", report(2, consent=GIVEN) | {"team": {"code": team.code}}, format="json"
    )
    assert response.status_code == 202
    assert Customer.objects.get().no_consent and Consent.objects.count() == 1


def test_a_manager_changes_it_by_hand_and_sees_every_statement(client, administrator, customer) -> None:
    client.force_login(administrator)
    page = f"/admin/surveys/customer/{customer.pk}/change/"
    form = {"name": "Ольга", "external_id": "c-olga", "language": "ru", "no_consent": "on", "timezone": ""}
    empty = {
        f"{prefix}-{field}": "0"
        for prefix in ("interactions", "invitations", "consents")
        for field in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    done = client.post(page, form | empty)
    assert done.status_code == 302, done.context["errors"]
    row = Consent.objects.get()
    assert (row.act, row.source) == ("withdrawn", "entered by hand")
    Consent.objects.create(customer=customer, act="granted", text="<b>Можно</b>", text_version="2026-02", source="crm")
    shown = client.get(page, headers={"Accept-Language": "en"}).content.decode()
    assert "&lt;b&gt;Можно&lt;/b&gt;" in shown and "2026-02" in shown
