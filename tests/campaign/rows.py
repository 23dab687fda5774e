"""What campaigns begin with, made inside Django; each prints what its driver has to know."""

import sys

from bench.invitations import begin, report
from ground.models import ApiKey
from surveys.models import Customer


def mails(count: int, behaviour: str) -> None:
    """That many invitations which are due, to addresses that the mail server treats so."""
    begin()
    more(count, behaviour)


def more(count: int, behaviour: str) -> None:
    """That many others."""
    report(count, first=Customer.objects.count(), address=behaviour + "+{number}@example.org")


def api_key() -> None:
    """A rule that asks at once, and a key to report with."""
    begin()
    _key, secret = ApiKey.objects.create_key(name="campaign")
    sys.stdout.write(secret)
