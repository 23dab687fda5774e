"""What the ground keeps of people outside: nothing of its own, but what passes through it may name somebody."""

import json
import logging
from contextlib import suppress
from pathlib import Path

from django.utils.translation import gettext_noop

from ground import jobfiles, jobs
from ground.holdings import Holding, Subject
from ground.jobs import GaveUp
from ground.models import InboundMail, Job, Outgoing
from ground.named import EMAIL, Names

log = logging.getLogger(__name__)

BUSY = gettext_noop("An import or export whose file names this person is going on. Wait for its end, or stop it.")

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
    in_use = "".join(map(_told, jobs.waiting()))
    names = subject.names
    for path in jobfiles.folder().iterdir():
        if path.name not in in_use:
            jobfiles.drop(path.name)
        elif _names_somebody(path, names):
            raise GaveUp(BUSY)


def make_way(subject: Subject) -> None:
    """Stop the jobs whose files name them: what is erased again before the first page can wait for no import to end."""
    names = subject.names
    for job in jobs.waiting():
        told = _told(job)
        if any(path.name in told and _names_somebody(path, names) for path in jobfiles.folder().iterdir()):
            log.warning("job %d is stopped: its file names somebody who was erased", job.pk)
            jobs.cancel(job)


def _told(job: Job) -> str:
    """All that a job may call its files by."""
    return json.dumps([job.params, job.cursor, job.file])


def _names_somebody(path: Path, names: Names) -> bool:
    with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as file:
        return any(names.spans(line) for line in file)
    return False  # a job that has just ended took it along
