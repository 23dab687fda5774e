"""Whatever has to be answered for leaves exactly one entry in the log: each is done here on its real page."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from feedback import bulk, reclassify
from ground import audit, audit_words, jobs
from ground.models import ApiKey, AuditEntry, Job, Membership, Organisation, Team, User
from ground.text import clean_line
from surveys.models import AskingPolicy, Customer, SendingRule, Suppression, Survey
from tests import factories
from tests.config.forms_of_pages import as_typed
from tests.config.reading import label, make_response

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]


@pytest.fixture
def desk(login: Login, administrator: User) -> Client:
    return login(administrator)


def edit(desk: Client, table: str, row: Any = None, /, **typed: Any) -> None:
    """What somebody does who opens a page of the admin, types, and saves."""
    page = reverse(f"admin:{table}_{'change' if row else 'add'}", args=[row.pk] if row else [])
    reply = desk.post(page, as_typed(desk.get(page), **typed))
    assert reply.status_code == 302, clean_line(re.sub(r"<[^>]+>", " ", str(reply.context["errors"])))


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def only() -> AuditEntry:
    return AuditEntry.objects.get()


# --- who may what -------------------------------------------------------------------------------------------------


def rows(*typed: dict[str, str], initial: int = 0) -> dict[str, str]:
    found = {"memberships-TOTAL_FORMS": str(len(typed)), "memberships-INITIAL_FORMS": str(initial)}
    for number, row in enumerate(typed):
        found |= {f"memberships-{number}-{name}": value for name, value in row.items()}
    return found


def test_a_role_given_changed_and_taken(desk: Client, manager: User, team: Team, other_team: Team) -> None:
    own = str(Membership.objects.get(user=manager).pk)
    first = {"id": own, "user": str(manager.pk), "team": str(team.pk)}
    edit(desk, "ground_user", manager, **rows(first | {"role": "viewer"}, initial=1))
    assert (only().verb, only().subject) == ("role.changed", f"ground.user:{manager.pk}")
    assert only().detail == {"role": "viewer", "team": team.code}
    second = {"id": "", "user": str(manager.pk), "team": str(other_team.pk), "role": "agent"}
    edit(desk, "ground_user", manager, **rows(first | {"role": "viewer", "DELETE": "on"}, second, initial=1))
    assert verbs() == ["role.changed", "role.given", "role.taken"]


def test_a_person_added_barred_and_given_another_password(desk: Client, manager: User) -> None:
    edit(desk, "ground_user", manager, is_active=[])
    assert (only().verb, audit_words.details(only().detail)) != ("", [])
    assert only().verb == "user.changed"
    page = reverse("admin:auth_user_password_change", args=[manager.pk])
    password = "another horse battery"
    desk.post(page, {"usable_password": "true", "password1": password, "password2": password})
    assert verbs() == ["user.changed", "user.changed"]
    page = reverse("admin:ground_user_add")
    desk.post(page, as_typed(desk.get(page), email="new@example.org", password1=password, password2=password))
    assert User.objects.filter(email="new@example.org").exists() and verbs()[-1] == "user.added"


def test_a_key_made_and_revoked(desk: Client) -> None:
    edit(desk, "ground_apikey", name="crm", allowances=["report"])
    assert only().verb == "apikey.added"
    edit(desk, "ground_apikey", ApiKey.objects.get(), revoked="on")
    call_command("make_api_key", "other")
    assert verbs() == ["apikey.added", "apikey.changed", "apikey.added"]


# --- what is asked, and how ---------------------------------------------------------------------------------------


def test_a_rule_made_changed_and_deleted(desk: Client, rule: SendingRule) -> None:
    edit(desk, "surveys_sendingrule", rule, name="Another name")
    assert (only().verb, only().subject) == ("sendingrule.changed", f"surveys.sendingrule:{rule.pk}")
    edit(desk, "surveys_sendingrule", name="Second", survey=str(rule.survey_id))
    desk.post(reverse("admin:surveys_sendingrule_delete", args=[rule.pk]), {"post": "yes"})
    assert verbs() == ["sendingrule.changed", "sendingrule.added", "sendingrule.deleted"]


def test_a_survey_changed_and_published(desk: Client, survey: Survey) -> None:
    edit(desk, "surveys_survey", survey, name="Another name")
    assert only().verb == "survey.changed"
    version = survey.published
    assert version is not None
    draft = type(version).objects.create(survey=survey, texts=version.texts)
    for question in version.questions.all():
        question.pk, question.version = None, draft
        question.save()
    page = reverse("admin:surveys_surveyversion_change", args=[draft.pk])
    desk.post(page, as_typed(desk.get(page), surveys_surveyversion_publish="1"))
    draft.refresh_from_db()
    assert draft.published_at
    assert verbs() == ["survey.changed", "survey.published"]


@pytest.mark.parametrize("kind", ["organisation", "policy", "calendar", "service_level", "team", "tag", "gateway"])
def test_a_setting_changed(desk: Client, kind: str, organisation: Organisation, team: Team) -> None:
    if kind == "organisation":
        edit(desk, "ground_organisation", organisation, name="Другая")
    elif kind == "policy":
        edit(desk, "surveys_askingpolicy", AskingPolicy.objects.get(), rolling_maximum="7")
    elif kind == "calendar":
        edit(desk, "ground_calendar", name="Ночь")
    elif kind == "service_level":
        edit(desk, "analytics_servicelevel", minutes="30", channel="phone", since="2026-01-01")
    elif kind == "team":
        edit(desk, "ground_team", team, name="Вторая линия")
    elif kind == "tag":
        edit(desk, "feedback_tag", name="важное")
    else:
        edit(desk, "surveys_gateway", kind="sms", name="SMS", url="https://93.184.216.34/")
    assert len(verbs()) == 1, verbs()
    assert audit_words.did(verbs()[0]) != verbs()[0]


# --- people's data ------------------------------------------------------------------------------------------------


def test_looking_at_a_contact_changing_it_and_a_customer(desk: Client, customer: Customer, team: Team) -> None:
    factories.make_interaction(customer=customer, team=team)
    edit(desk, "surveys_customer", customer, name="Ольга К.")
    assert only().verb == "customer.changed"
    desk.post(reverse("admin:surveys_customer_contact", args=[customer.pk]), follow=True)
    assert verbs() == ["customer.changed", "contact.shown"]
    desk.post(reverse("admin:surveys_customer_contact", args=[customer.pk]))
    edit(desk, "surveys_customer", customer, phone="+7 900 000-00-01", name="Ольга")
    assert verbs()[2:] == ["contact.shown", "contact.changed"]
    assert "900" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_exports_of_the_log_itself(desk: Client, administrator: User, manager: User) -> None:
    audit.note("contact.shown", by=manager)
    audit.note("contact.shown", by=administrator)
    address = reverse("admin:ground_auditentry_export")
    reply = desk.post(f"{address}?actor__id__exact={manager.pk}&verb=contact.shown")
    content = b"".join(reply.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert content.count("\r\n") == 2 and str(manager) in content and str(administrator) not in content
    entry = AuditEntry.objects.get(verb="audit.exported")
    assert entry.detail == {"count": 1, "filters": ["actor", "verb"]}
    day = AuditEntry.objects.latest("pk").at
    listed = desk.get(reverse("admin:ground_auditentry_changelist"), {"at__year": day.year + 1})
    assert not listed.context["cl"].queryset.exists()


def test_others_do_not_export_it(login: Login, manager: User) -> None:
    assert login(manager).post(reverse("admin:ground_auditentry_export")).status_code == 403


def test_many_comments_at_once_and_back(manager: User, survey: Survey, team: Team) -> None:
    response = make_response(survey, text="Долго", team=team, score=2)
    label(response.comment)
    seen, newest = bulk.newest_at(response.comment.received_at)
    job = bulk.start("tone", "positive", by=manager, seen=seen, newest=newest, ids=[response.comment.pk])
    assert (only().verb, only().detail) == ("comments.bulk", {"kind": "tone", "count": 1})
    jobs.finish_now(job)
    jobs.undo(Job.objects.get(pk=job.pk), by=manager)
    reclassify.start(by=manager)
    assert verbs() == ["comments.bulk", "job.undone", "comments.read_again"]


# --- what programs are told ---------------------------------------------------------------------------------------

CANARIES = ("canary@example.org", "+79160000077", "Canary Person")


@pytest.fixture
def canary(customer: Customer, team: Team, make_invitation: Any) -> Customer:
    """Somebody who stands in every list that programs read."""
    email, phone, customer.name = CANARIES
    customer.email, customer.phone, customer.external_id = email, phone, "canary"
    customer.save()
    make_invitation(customer=customer)
    factories.make_interaction(customer=customer, team=team)
    Suppression.objects.create(address=email, reason="manual")
    return customer


def addresses_read() -> list[str]:
    """Every address of the API that answers a GET, with the parts that name a row filled in."""
    entry = Suppression.objects.get()
    parts = {"external_id": "canary", "id": str(entry.pk), "pk": str(entry.pk), "key": "csat"}
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return [path.format(**parts) for path, methods in schema["paths"].items() if "get" in methods]


def test_a_program_that_is_told_who_somebody_is_leaves_an_entry(api: APIClient, canary: Customer) -> None:
    told = set()
    for address in addresses_read():
        before, reply = AuditEntry.objects.count(), api.get(address)
        assert reply.status_code == 200, address
        names_somebody = any(word in reply.content.decode() for word in CANARIES)
        fresh = AuditEntry.objects.order_by("pk")[before:]
        assert len(fresh) == names_somebody, address
        told |= {(entry.verb, entry.subject, entry.detail["count"]) for entry in fresh}
    key = ApiKey.objects.get()
    assert told == {(f"{what}.read", f"ground.apikey:{key.prefix}", 1) for what in ("customers", "suppressions")}


def test_a_program_that_finds_somebody_by_writing_leaves_an_entry(api: APIClient, canary: Customer) -> None:
    api.post("/api/v1/customers/", {"external_id": "canary"}, format="json")
    api.patch("/api/v1/customers/canary/", {"is_vip": True}, format="json")
    assert verbs() == ["customers.read"] * 2
    api.post("/api/v1/customers/", {"external_id": "fresh", "email": "fresh@example.org"}, format="json")
    api.post("/api/v1/customers/bulk/", {"items": [{"external_id": "canary"}]}, format="json")
    assert len(verbs()) == 2  # these replies tell nothing that was not said


# --- the list of verbs --------------------------------------------------------------------------------------------


def test_every_verb_has_words_and_every_word_is_used() -> None:
    """Literal verbs in the code are those that the log can put into words, and no others."""
    root = Path(__file__).resolve().parents[2]
    pattern = re.compile(r'"([a-z_]+\.[a-z_]+)"')
    said: set[str] = set()
    for room in ("ground", "surveys", "feedback", "analytics", "config"):
        for file in (root / room).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if re.search("audit|verb", text) and file.name != "audit_words.py" and "migrations" not in file.parts:
                said |= {verb for verb in pattern.findall(text) if verb in audit_words.VERBS}
    made = {verb for verb in audit_words.VERBS if verb.partition(".")[0] in
            {"role", "idea", "annotation", "response", "comment", "responses", "comments"}}  # fmt: skip
    assert set(audit_words.VERBS) <= said | made
