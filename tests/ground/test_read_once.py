"""A page that only shows reads the organisation once; whoever changes it sees the change at once."""

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from ground.models import Organisation, User
from ground.preferences import PreferencesMiddleware

pytestmark = pytest.mark.django_db


def test_a_page_reads_it_once_and_keeps_it_no_longer(
    client: Client, administrator: User, organisation: Organisation
) -> None:
    client.force_login(administrator)
    with CaptureQueriesContext(connection) as told:
        client.get("/admin/metrics/")
    assert len([one for one in told.captured_queries if one["sql"].count('"ground_organisation"."legal_name"')]) == 1
    Organisation.objects.update(name="Новое имя")
    assert Organisation.current().name == "Новое имя"
    with Organisation.read_once():
        kept = Organisation.current()
        assert Organisation.current() is kept
        with Organisation.read_once():
            assert Organisation.current() is not kept
        assert Organisation.current() is kept
    assert Organisation.current() is not kept


@pytest.mark.parametrize(("method", "names"), [("GET", ["Маяк", "Маяк"]), ("POST", ["Маяк", "Другое имя"])])
def test_only_what_changes_nothing_keeps_it(
    method: str, names: list[str], rf: RequestFactory, administrator: User, organisation: Organisation
) -> None:
    Organisation.objects.update(name="Маяк")
    told = []

    def view(request: HttpRequest) -> HttpResponse:
        told.append(Organisation.current().name)
        Organisation.objects.update(name="Другое имя")
        told.append(Organisation.current().name)
        return HttpResponse()

    request = rf.generic(method, "/admin/metrics/")
    request.user = administrator
    PreferencesMiddleware(view)(request)
    assert told == names and Organisation.current().name == "Другое имя"
