"""What campaigns begin with, made inside Django; each prints what its driver has to know."""

import datetime as dt
import sys

from django.db import transaction
from django.utils import timezone

from bench.invitations import begin, report
from ground.models import ApiKey
from surveys.models import Invitation


def mails(count: int, behaviour: str) -> None:
    """That many invitations which are due, to addresses that the mail server treats so."""
    begin()
    report(count, address=behaviour + "+{number}@example.org")


def spread(count: int, behaviour: str, seconds: float) -> None:
    """The same, due one after the other over the next so many seconds."""
    begin()
    with transaction.atomic():
        report(count, address=behaviour + "+{number}@example.org")
        now = timezone.now()
        for number, pk in enumerate(Invitation.objects.order_by("pk").values_list("pk", flat=True)):
            Invitation.objects.filter(pk=pk).update(due_at=now + dt.timedelta(seconds=seconds * number / count))


def api_key() -> None:
    """A rule that asks at once, and a key to report with."""
    begin()
    _key, secret = ApiKey.objects.create_key(name="campaign")
    sys.stdout.write(secret)
