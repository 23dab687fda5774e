"""Nothing leaves until somebody says so: after a restore nobody knows what had left since the backup was made."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from ground import audit
from ground.models import Organisation, User

# Why what was due when a backup was restored does not leave by itself.
MAY_HAVE_LEFT = gettext_noop("restored from a backup: it may have left already")


def since() -> dt.datetime | None:
    """When sending was halted; None while it goes on."""
    return Organisation.current().sending_halted_at


def is_halted() -> bool:
    return since() is not None


def halt() -> None:
    """Let nothing leave from here on: mails, messages, calls of gateways and webhooks wait in their queues."""
    organisation = Organisation.current()
    organisation.sending_halted_at = timezone.now()
    organisation.save()


@transaction.atomic
def resume(*, by: User | None) -> bool:
    """Let everything leave again; False when nothing was halted."""
    resumed = Organisation.objects.exclude(sending_halted_at=None).update(sending_halted_at=None)
    if resumed:
        audit.note("sending.resumed", by=by)
    return bool(resumed)
