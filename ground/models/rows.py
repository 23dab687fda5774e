"""The rows that every room's machinery is made of: queues, change marks, jobs, counters, and who did what."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ground import request_ids
from ground.models.people import Organisation


class QueueRow(models.Model):
    """A row that waits for a worker. Subclasses add the null timestamp that says "waiting" and its partial index.

    A worker owns the row while `lease` is its own and `leased_until` lies ahead; `ground.rowqueue` does the rest.
    """

    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease = models.CharField(max_length=32, blank=True, default="", editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    quarantined_at = models.DateTimeField(_("quarantined"), null=True, blank=True, editable=False)
    error = models.CharField(_("error"), max_length=300, blank=True, default="", editable=False)
    # By what the web's log calls the request that made the row, or the worker's the tick, whoever does it is found.
    request = models.CharField(max_length=36, blank=True, default=request_ids.current, db_default="", editable=False)

    class Meta:
        abstract = True


class Change(models.Model):
    """A mark that rows of one day and scope changed; whoever keeps aggregates recounts that day and deletes the mark.

    Never unique: a mark written while a recount runs must survive that recount.
    """

    scope = models.CharField(max_length=32)
    day = models.DateField()

    class Meta:
        # Serves the roll-up's look for the oldest marks.
        indexes = [models.Index(fields=["scope", "day"], name="ground_change_scope_day")]

    def __str__(self) -> str:
        return f"{self.scope} {self.day}"

    @classmethod
    def mark(cls, scope: str, *days: dt.date | dt.datetime | None) -> None:
        """Say, inside the writing transaction, that rows of these days changed; moments are cut to reporting days."""
        zone = Organisation.current().timezone if any(isinstance(day, dt.datetime) for day in days) else None
        dates = {day.astimezone(zone).date() if isinstance(day, dt.datetime) else day for day in days if day}
        Change.objects.bulk_create([Change(scope=scope, day=date) for date in dates])


def reporting_day(moment: dt.datetime) -> dt.date:
    """The calendar day of a moment in the organisation's reporting time zone."""
    return moment.astimezone(Organisation.current().timezone).date()


class IdempotencyRecord(models.Model):
    """The first reply to a request that carried an Idempotency-Key; kept for seven days."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="ground_idempotency_once")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"


class LimitCounter(models.Model):
    """How often something happened in one window of time."""

    key = models.CharField(max_length=100)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="ground_limit_once")]
        indexes = [models.Index(fields=["window"], name="ground_limit_window")]

    def __str__(self) -> str:
        return f"{self.key} {self.count}"


class Pulse(models.Model):
    """When something that runs by itself was last seen to run: a process by its name, the last backup; or a row that
    was set aside."""

    name = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.name} {self.at}"

    @staticmethod
    def beat(name: str) -> None:
        """Say that it runs now."""
        Pulse.objects.bulk_create(
            [Pulse(name=name[:100], at=now())], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
        )


class Job(QueueRow):
    """Long work that a person asked for, done in steps by a worker; `ground.jobs` runs it.

    `cursor` is what the next step begins at; it is stored in the transaction of the step itself. The queue is
    `finished_at` and `cancelled_at` null.
    """

    kind = models.CharField(_("kind"), max_length=32)
    params = models.JSONField(default=dict, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("started by")
    )
    created_at = models.DateTimeField(_("created"), default=now)
    cursor = models.JSONField(null=True, editable=False)
    total = models.PositiveIntegerField(_("of"), null=True, help_text=_("Rows; empty while nobody has counted them."))
    done = models.PositiveIntegerField(_("done"), default=0)
    result = models.JSONField(default=dict, editable=False)
    file = models.CharField(max_length=100, blank=True, editable=False)
    file_until = models.DateTimeField(_("file kept until"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by", verbose_name=_("undoes"))

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-pk"]
        indexes = [
            # Serves the bell's look for jobs to go on with.
            models.Index(fields=["id"], name="ground_job_waiting", condition=Q(finished_at=None, cancelled_at=None)),
            # Serves the files that have to go, and each person's own jobs.
            models.Index(fields=["file_until"], name="ground_job_file_until", condition=Q(file_until__isnull=False)),
            models.Index(fields=["author", "-id"], name="ground_job_author"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class OnlyAdded(models.QuerySet[Any]):
    """Rows that stay as they were written, whoever asks."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError(KEPT)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError(KEPT)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise TypeError(KEPT)


KEPT = "what the audit log holds is never changed nor deleted"


class Kept(models.Model):
    """A row of the audit log: PostgreSQL itself refuses to change or delete one."""

    objects = OnlyAdded.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for a row that is stored already."""
        if not self._state.adding:
            raise TypeError(KEPT)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(KEPT)


class AuditEntry(Kept):
    """Somebody saw, exported or changed something that has to be answered for. Only ever added to."""

    at = models.DateTimeField(_("when"), default=now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    verb = models.CharField(_("did"), max_length=40)
    subject = models.CharField(_("to"), max_length=80, blank=True, help_text=_("Kind and key of the row."))
    detail = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject"], name="ground_audit_subject"),
            # Serve the log's filters by what was done and when.
            models.Index(fields=["verb"], name="ground_audit_verb"),
            models.Index(fields=["at"], name="ground_audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class AuditSeal(Kept):
    """The seal of one audit entry: a keyed hash of it and of the seal before (`ground.audit_chain`).

    `entry` is a bare key, so that an entry that somebody removed leaves its seal behind.
    """

    position = models.PositiveBigIntegerField(unique=True)
    entry = models.PositiveBigIntegerField(unique=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.position} #{self.entry}"
