"""What campaigns begin with, made inside Django; each prints what its driver has to know."""

import sys

from bench.invitations import plan
from ground.models import ApiKey
from surveys.models import Customer


def mails(count: int, behaviour: str) -> None:
    """That many invitations which are due, to addresses that the mail server treats so."""
    plan(count)
    for number, customer in enumerate(Customer.objects.order_by("pk")):
        Customer.objects.filter(pk=customer.pk).update(email=f"{behaviour}+{number}@example.org")


def api_key() -> None:
    """A rule that asks at once, and a key to report with."""
    plan(0)
    _key, secret = ApiKey.objects.create_key(name="campaign")
    sys.stdout.write(secret)
