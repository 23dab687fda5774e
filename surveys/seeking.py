"""What the searches of the lists find: keys are looked up first, so that no list is read whole for a few rows."""

import re

from django.db import connection
from django.db.models import Q, QuerySet

from ground import spelled
from ground.access import Scope
from ground.unindexed import UnindexedText
from surveys import phones
from surveys.models import Customer, Decision, Interaction, Invitation, Message

# So many contacts of one number, customer or reason are looked up; beyond it a reason is common.
MOST = 1000
# A number is looked up by how it begins from so many characters on; nothing that is written sorts behind the last one.
SHORTEST, LAST = 3, "\U0010ffff"
PHONE = re.compile(r"\+?[\d\s().-]{7,20}")
# A team with more contacts is met soon along any list; SQLite would put all that there is of it in order.
VAST = 20_000
# So many reasons are looked through for a word.
REASONS = 2000
STEPS = """
    WITH RECURSIVE seen(reason) AS (
        SELECT min(reason) FROM surveys_interaction WHERE reason > ''
        UNION ALL
        SELECT (SELECT min(told.reason) FROM surveys_interaction told WHERE told.reason > seen.reason)
        FROM seen WHERE seen.reason IS NOT NULL
    ) SELECT reason FROM seen WHERE reason IS NOT NULL LIMIT %s"""


def customers(rows: QuerySet[Customer], sought: str, *, is_reached: Q, sees_all: bool) -> QuerySet[Customer]:
    """By the whole number or how it begins, by a whole phone of whom the reader may reach (`is_reached`), or by parts
    of the name.

    Who sees all and asks for a number that there is gets it without a look at the names: whoever sees some alone gets
    both, lest what others have decides what is found.
    """
    told = Q(external_id=sought) | _begins(sought) if len(sought) >= SHORTEST else Q(external_id=sought)
    of_number = Customer.objects.filter(told).values("pk")
    of_phone = Customer.objects.filter(phone__in=written) if (written := _phones(sought)) else Customer.objects.none()
    found = Q(pk__in=of_number) | Q(is_reached, pk__in=of_phone.values("pk"))
    if sees_all and any(map(str.isdigit, sought)) and rows.filter(found).exists():
        return rows.filter(found)
    return rows.filter(found | Q(pk__in=Customer.objects.filter(is_called(sought)).values("pk")))


def _begins(sought: str) -> Q:
    """As a range, since SQLite finds no beginning by an index of a text that tells capitals apart."""
    if connection.vendor == "sqlite":
        return Q(external_id__gte=sought, external_id__lt=sought + LAST)
    return Q(external_id__startswith=sought)


def _phones(sought: str) -> set[str]:
    """What may be stored of a number that is written so; empty where it is none."""
    if not PHONE.fullmatch(sought):
        return set()
    digits = re.sub(r"\D", "", sought)
    return phones.spelled(sought) | {digits, f"+{digits}"}  # of other countries people leave out the plus


def is_called(sought: str) -> Q:
    """Whether the name holds all these words, however they are written."""
    return spelled.has_all(sought.split(), ["name__icontains"])


def decisions(rows: QuerySet[Decision], sought: str) -> QuerySet[Decision]:
    """By the whole number of the contact or of its customer."""
    contacts = Interaction.objects.filter(customer__in=_customers(sought)).order_by("-pk").values_list("pk", flat=True)
    return rows.filter(interaction__in=[*_contacts(sought), *contacts[:MOST]])


def invitations(rows: QuerySet[Invitation], sought: str) -> QuerySet[Invitation]:
    """By the whole number of the contact or of the customer."""
    return rows.filter(Q(interaction__in=_contacts(sought)) | Q(customer__in=_customers(sought)))


def messages(rows: QuerySet[Message], sought: str) -> QuerySet[Message]:
    """By a whole address, or by the whole number of the customer."""
    invited = Invitation.objects.filter(customer__in=_customers(sought)).order_by("-pk").values_list("pk", flat=True)
    return rows.filter(Q(address__in={sought, sought.lower()}) | Q(invitation__in=list(invited[:MOST])))


def contacts(rows: QuerySet[Interaction], sought: str) -> QuerySet[Interaction]:
    """By the whole number, or by a part of the reason."""
    numbers = _contacts(sought)
    reasons = [reason for reason in reasons_told() if sought.lower() in reason.lower()]
    if not reasons:
        return rows.filter(pk__in=numbers)
    if _is_common(reasons):
        # Soon met along the list, where an index would have all of them put in order.
        return rows.annotate(told=UnindexedText("reason")).filter(Q(told__in=reasons) | Q(pk__in=numbers))
    return rows.filter(Q(reason__in=reasons) | Q(pk__in=numbers))


def reasons_told() -> list[str]:
    """The reasons there are, by a step along the index for each."""
    with connection.cursor() as cursor:
        cursor.execute(STEPS, [REASONS])
        return [reason for (reason,) in cursor.fetchall()]


def is_vast(scope: Scope, least: str) -> bool:
    """Whether the reader sees some teams only, and these have very many contacts."""
    if scope.covers_all(least=least) or connection.vendor != "sqlite":
        return False
    return Interaction.objects.filter(team__in=scope.team_ids(least=least)).values("pk")[: VAST + 1].count() > VAST


def _is_common(reasons: list[str]) -> bool:
    return Interaction.objects.filter(reason__in=reasons).values("pk")[: MOST + 1].count() > MOST


def _contacts(sought: str) -> list[int]:
    return list(Interaction.objects.filter(external_id=sought).values_list("pk", flat=True)[:MOST])


def _customers(sought: str) -> list[int]:
    return list(Customer.objects.filter(external_id=sought).values_list("pk", flat=True))
