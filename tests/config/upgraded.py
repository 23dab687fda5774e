"""A walk through a database that an earlier release has left, inside Django: what it prints is held by the test."""

import datetime as dt
import json
import sys
from typing import Any

import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics import rollups
from feedback.models import Comment, Response, SavedView
from ground import audit, audit_chain
from ground.models import ApiKey, Change, Organisation, User
from surveys import suppression
from surveys.models import Interaction, Invitation
from tests.feedback.answering import Fields

# Columns that an earlier release reads and this one does not, until no earlier release can run beside it.
KEPT = {"ground_organisation.second_factor_from"}
# PostgreSQL's own, for the search.
MADE = {"feedback_comment.vector"}
PAGES = ("dashboard/", "feedback/comment/", "surveys/decision/", "surveys/customer/", "ground/auditentry/", "service/",
         "agents/", "ground/organisation/", "system/")  # fmt: skip
TABLES = {
    "Interaction": "surveys.Interaction", "Invitation": "surveys.Invitation", "Response": "feedback.Response",
    "Comment": "feedback.Comment", "AuditEntry": "ground.AuditEntry", "AuditSeal": "ground.AuditSeal",
}  # fmt: skip


def walk(told: str) -> None:
    known = json.loads(told)
    with time_machine.travel(dt.datetime.fromisoformat(known["at"]) + dt.timedelta(hours=1)):
        found = {
            "schema": schema(),
            "rows": {name: apps.get_model(label).objects.count() for name, label in TABLES.items()},
            "audit": seals(),
            "counts": counts(),
            "answers": answer(known),
            "opted out": opt_out(known),
            "asked": asked(known),
            "desk": desk(),
            "carried over": carried_over(),
        }
    sys.stdout.write(json.dumps(found, default=str))


def schema() -> list[str]:
    """Columns, indexes and constraints that are missing, and columns that nobody knows."""
    wrong = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            wanted = {field.column for field in model._meta.local_concrete_fields}
            wrong += [f"{table}.{name}" for name in there ^ wanted]
            made = set(connection.introspection.get_constraints(cursor, table))
            wrong += [one.name for one in (*model._meta.indexes, *model._meta.constraints) if one.name not in made]
    return sorted(set(wrong) - KEPT - MADE)


def seals() -> dict[str, Any]:
    """The chain as it was, and an entry of this release behind it."""
    before = audit_chain.verify()
    with time_machine.travel(timezone.now() - 3 * audit_chain.SETTLED, tick=False):
        audit.note("text.shown", by=User.objects.get(email="admin@example.org"))
    audit_chain.seal()
    after = audit_chain.verify()
    return {"before": [before.sealed, before.waiting, before.findings], "after": [after.sealed, after.findings]}


def counts() -> list[Any]:
    """What differs once the marks that the upgrade made are worked off."""
    while rollups.roll_up():
        pass
    return [Change.objects.count(), list(rollups.verify().differences)]


def visit(path: str, **said: str) -> Any:
    client = Client(headers={"user-agent": "Mozilla/5.0 Firefox/140.0"}, SERVER_NAME="127.0.0.1")
    page = client.get(path)
    if not said:
        return page
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=30)):
        return client.post(path, Fields(page).values | said)


def answer(known: dict[str, Any]) -> list[int]:
    """Links of mails that left before the upgrade, and the one of a QR code."""
    before = Response.objects.count()
    pages = [visit(known["open"][0], score="2", comment="После обновления").status_code]
    pages += [visit(path).status_code for path in (known["answered"], known["qr"], known["own data"])]
    return [*pages, Response.objects.count() - before, Comment.objects.filter(text="После обновления").count()]


def opt_out(known: dict[str, Any]) -> list[Any]:
    """Who had opted out is still left alone; a link of before still opts out."""
    gone = Invitation.objects.get(interaction__external_id="T-10")
    was = suppression.is_suppressed(gone.customer.email, gone.survey)
    reply = Client(SERVER_NAME="127.0.0.1").post(known["out"], {"List-Unsubscribe": "One-Click"})
    now = Invitation.objects.get(interaction__external_id="T-9")
    return [bool(was), reply.status_code, bool(suppression.is_suppressed(now.customer.email, now.survey))]


def asked(known: dict[str, Any]) -> list[int]:
    """The key of before reports, and the rule of before asks."""
    now = timezone.now().isoformat()
    body = {
        "source": "crm", "external_id": "T-100", "updated_at": now, "closed_at": now, "channel": "email",
        "team": {"code": "support"}, "customer": {"external_id": "c100", "email": "c100@example.org"},
    }  # fmt: skip
    reply = Client(SERVER_NAME="127.0.0.1").post(
        "/api/v1/interactions/", body, "application/json", headers={"authorization": f"Api-Key {known['secret']}"}
    )
    waiting = Invitation.objects.filter(state=Invitation.State.PLANNED)
    return [reply.status_code, waiting.filter(interaction__external_id__in=["T-11", "T-100"]).count()]


def desk() -> dict[str, int]:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(email="admin@example.org"))
    session = client.session
    session["second_factor"] = True
    session.save()
    return {page: client.get(f"/admin/{page}", follow=True).status_code for page in PAGES}


def carried_over() -> dict[str, Any]:
    """What the migrations on the way reckon from the rows that are there."""
    return {
        "roles": sorted(Organisation.current().second_factor_roles),
        "allowances": sorted(ApiKey.objects.get().allowances),
        "shared from": SavedView.objects.get().shared_from,
        "claims": Interaction.objects.filter(is_claim=True).count(),
    }
