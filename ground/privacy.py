"""What the ground keeps of people outside: nothing of its own, but what passes through it may name somebody."""

import json
from pathlib import Path

from django.utils.translation import gettext_noop

from ground import jobfiles, jobs
from ground.holdings import Holding, Subject
from ground.jobs import GaveUp
from ground.models import InboundMail, Outgoing
from ground.named import EMAIL, Names

BUSY = gettext_noop("An import that names this person is going on. Wait for its end, or cancel it.")

HOLDINGS = [
    Holding("ground.Job", said=("params", "result", "cursor"), plain=("kind", "file")),
    Holding("ground.IdempotencyRecord", said=("body",), plain=("caller", "key", "fingerprint")),
    # Of mails to colleagues the words are needed until they have left; `settle` forgets them then.
    Holding("ground.Outgoing", said=("subject", "text", "html"), plain=("address",)),
    Holding("ground.InboundMail", plain=("mailbox", "uid", "raw", "kind")),
    Holding("admin.LogEntry", said=("object_repr", "change_message"), plain=("object_id",)),
]
# Colleagues, and what only the machine or an administrator writes. An audit entry names rows by their keys.
PLAIN = (
    "auth.Permission", "auth.Group", "contenttypes.ContentType", "rest_framework_api_key.APIKey",
    "ground.Organisation", "ground.User", "ground.Team", "ground.ApiKey", "ground.SecondFactor", "ground.Session",
    "ground.Change", "ground.LimitCounter", "ground.AuditEntry", "ground.Erasure", "ground.ColumnMapping",
    "ground.Calendar", "ground.NoticeChoice", "ground.Notice", "ground.NoticeTarget", "ground.AuditSeal",
    "ground.Pulse",
)  # fmt: skip


def settle(subject: Subject) -> None:
    """Words that have left are not needed any more, whomever they quote: mails to colleagues, mails that were read."""
    Outgoing.objects.filter(sent_at__isnull=False).update(text="", html="")
    InboundMail.objects.filter(handled_at__isnull=False).update(raw=b"")
    for address in (word.text for word in subject.words if word.kind == EMAIL):
        for mail in InboundMail.objects.filter(handled_at=None).only("raw"):
            if address.encode() in bytes(mail.raw).lower():
                InboundMail.objects.filter(pk=mail.pk).delete()


def cover(subject: Subject) -> None:
    """Files of finished jobs go, whomever they hold: whoever needs one exports it again. Raises ground.jobs.GaveUp."""
    in_use = "".join(json.dumps([job.params, job.cursor, job.file]) for job in jobs.waiting())
    names = subject.names
    for path in jobfiles.folder().iterdir():
        if path.name not in in_use:
            jobfiles.drop(path.name)
        elif _names_somebody(path, names):
            raise GaveUp(BUSY)


def _names_somebody(path: Path, names: Names) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return any(names.spans(line) for line in file)
