"""Whether everything runs that should, and what to do where it does not: for people, programs and load balancers.

Everything is read from rows and the disk; nothing is asked of the broker or another machine.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.models import RollupClock
from config import queues
from config.backups import making
from feedback.models import Comment, Response
from ground import aside, halting, jobs, outcomes, outgoing, pulses, rowqueue
from ground.access import EVERYTHING
from ground.models import Change, Pulse
from surveys import bounces, own_data, unsettled
from surveys.models import Invitation, Message, Suppression

OK, ATTENTION, RED = "ok", "attention", "missing"
LEVELS = {OK: gettext_lazy("in order"), ATTENTION: gettext_lazy("needs a look"), RED: gettext_lazy("broken")}
WORKERS = ("ring", "send", "rollup", "understand", "job")
# Three signs of life are missing.
SILENT_SECONDS = 3 * pulses.SECONDS
LOW_BYTES, FEW_BYTES = 2_000_000_000, 200_000_000
# With less than this the next answers may find no room: a balancer is told while the last ones still do.
LAST_BYTES = 30_000_000
BACKUP_DAYS, OLD_BACKUP_DAYS = 2, 7
LATEST = 50

Value = tuple[str, dict[str, str], float]


@dataclass(frozen=True)
class Light:
    """One thing looked at: its level, what that means, what to do, and the numbers behind it for /metrics."""

    name: str
    title: Any
    level: str
    says: Any
    todo: Any = ""
    values: tuple[Value, ...] = field(default_factory=tuple)

    @property
    def level_name(self) -> Any:
        return LEVELS[self.level]


@dataclass(frozen=True)
class Queue:
    """Rows that wait for a worker, the moment from which on they do, and how old the oldest may get, seconds.

    `pulse` is what says that none waits, where rows come into the queue that are older than their wait.
    """

    name: str
    title: Any
    rows: Callable[[], QuerySet[Any]]
    since: str
    late: float = 60
    broken: float = 120
    pulse: str = ""


def _planned() -> QuerySet[Invitation]:
    waiting = [Invitation.State.PLANNED, Invitation.State.POSTPONED]
    return Invitation.objects.filter(state__in=waiting, due_at__lte=timezone.now())


# Mails also wait for the limits on how many may leave in an hour.
QUEUES = (
    Queue("invitations", gettext_lazy("Invitations"), _planned, "due_at", late=900, broken=7200),
    Queue("own_data", gettext_lazy("Mails about own data"), own_data.waiting, "created_at"),
    Queue("notices", gettext_lazy("Mails to colleagues"), outgoing.waiting, "created_at"),
    # One that was changed, is read anew, or has no time of its own since it is anonymous, came in long ago.
    Queue(
        "comments",
        gettext_lazy("Comments to be read"),
        lambda: Comment.objects.waiting(),
        "received_at",
        pulse=pulses.READ,
    ),
    Queue("bounces", gettext_lazy("Mails that came back"), bounces.waiting, "received_at"),
    Queue("jobs", gettext_lazy("Jobs"), jobs.waiting, "created_at"),
)


def every() -> list[Light]:
    """All lights; the first alone where the database does not answer."""
    first = database()
    if first.level == RED:
        return [first, *disk()]
    try:
        return [first, *_others()]
    except (DatabaseError, InterfaceError):
        return [_no_database(), *disk()]


def _others() -> Iterator[Light]:
    yield from disk()
    yield schema()
    yield sending()
    yield from heartbeats()
    yield from (queue_light(queue) for queue in QUEUES)
    yield rollups()
    yield from mails()
    yield quarantine()
    yield set_aside()
    yield answers()
    yield backup()


# --- what everything stands on -----------------------------------------------------------------------------------


def database() -> Light:
    """Whether it takes a write, which is taken back."""
    try:
        with transaction.atomic():
            Pulse.beat("probe")
            transaction.set_rollback(True)
    except (DatabaseError, InterfaceError):
        return _no_database()
    return Light("database", _("Database"), OK, _("It answers and takes writes."))


def _no_database() -> Light:
    if connection.vendor == "sqlite" and connection.is_damaged():  # type: ignore[attr-defined]
        says = _("Its file is damaged: it is read on, and nothing more is written to it.")
        todo = _("Stop everything, keep the file, and restore the last backup.")
        return Light("database", _("Database"), RED, says, todo)
    says = _("It does not answer or takes no writes.")
    return Light(
        "database", _("Database"), RED, says, _("See whether it runs, its disk has room and it is not read-only.")
    )


def disk() -> list[Light]:
    """Room on the disks that are written to, and whether they can be; the fullest counts."""
    title, todo = _("Disk"), _("Make room, or move the data directory (OTKLIK_DATA_DIR) to a larger disk.")
    try:
        free = min(_room(place) for place in _places())
    except OSError as error:
        says = _("The data directory cannot be written to: %s.") % error.strerror
        return [Light("disk", title, RED, says, _("Mend its rights, or make room on its disk."))]
    level = RED if free < FEW_BYTES else ATTENTION if free < LOW_BYTES else OK
    says = _("%s GB are free.") % number_format(round(free / 1e9, 1), decimal_pos=1)
    if free < 1_000_000_000:
        says = _("%s MB are free.") % number_format(free // 1_000_000)
    return [Light("disk", title, level, says, todo if level != OK else "", (("disk_free_bytes", {}, free),))]


def _places() -> list[Path]:
    """The data directory, and that of SQLite's file, which may lie elsewhere."""
    name = connection.settings_dict["NAME"] if connection.vendor == "sqlite" else ""
    return [Path(settings.DATA_DIR), *([Path(name).parent] if name else [])]


def _room(place: Path) -> int:
    with tempfile.TemporaryFile(dir=place) as file:
        file.write(b"x")
        file.flush()
    return shutil.disk_usage(place).free


def unready() -> list[str]:
    """What keeps answers from being stored, or soon will: the names of its lights."""
    if database().level == RED:
        return ["database"]
    [found] = disk()
    has_room = any(value >= LAST_BYTES for _name, _labels, value in found.values)
    return [] if has_room else [found.name]


def schema() -> Light:
    try:
        executor = MigrationExecutor(connection)
    except (ImportError, AttributeError):  # its files are those of another version than the one that runs
        says = _("The program was replaced while it runs.")
        return Light("schema", _("Schema"), RED, says, _("Start it again."))
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        says = ngettext("%d migration waits.", "%d migrations wait.", waiting) % waiting
        return Light("schema", _("Schema"), RED, says, _("Run: python manage.py migrate"))
    return Light("schema", _("Schema"), OK, _("It is that of this version."))


def sending() -> Light:
    since = halting.since()
    values: tuple[Value, ...] = (("sending_halted", {}, float(since is not None)),)
    if since:
        todo = _("Look at the uncertain mails, then let mails leave by the button above.")
        return Light("sending", _("Sending"), RED, _("Halted since a backup was restored."), todo, values)
    return Light("sending", _("Sending"), OK, _("Mails may leave."), "", values)


# --- what runs by itself -----------------------------------------------------------------------------------------


def heartbeats() -> list[Light]:
    """The scheduler by its ticks, and each queue's workers by what they say themselves."""
    found = [_tick()]
    for queue in WORKERS:
        age = pulses.age(queue)
        values: tuple[Value, ...] = (("heartbeat_age_seconds", {"process": queue}, age),) if age is not None else ()
        title = _("Worker %s") % queue
        if age is None or age > SILENT_SECONDS:
            says, todo = _("Nothing is heard of it."), _("Start it; its log says why it stopped.")
            found.append(Light(f"worker_{queue}", title, RED, says, todo, values))
        else:
            found.append(Light(f"worker_{queue}", title, OK, _("It runs."), "", values))
    return found


def _tick() -> Light:
    age, title = pulses.age(pulses.TICK), _("Scheduler")
    values: tuple[Value, ...] = (("heartbeat_age_seconds", {"process": "beat"}, age),) if age is not None else ()
    if age is None or age > SILENT_SECONDS:
        says = _("Its ticks do not come through.")
        todo = _("See that the scheduler (beat), the broker and the worker “ring” run.")
        return Light("beat", title, RED, says, todo, values)
    return Light("beat", title, OK, _("Its ticks come through."), "", values)


def queue_light(queue: Queue) -> Light:
    """How long the oldest row has waited that a worker could take."""
    rows = queue.rows().filter(rowqueue.free())
    first = rows.order_by("pk").values(queue.since, "leased_until").first()
    count = queues.counted(rows)
    # One that was put off has waited since then.
    since = max(filter(None, first.values())) if first else None
    age = max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0
    if since and queue.pulse and (empty := pulses.age(queue.pulse)) is not None:
        age = min(age, empty)
    label = {"queue": queue.name}
    values: tuple[Value, ...] = (("queue_age_seconds", label, age), ("queue_rows", label, count))
    if age <= queue.late or halting.is_halted():
        says = ngettext("%d waits.", "%d wait.", count) % count if count else _("Nothing waits.")
        return Light(f"queue_{queue.name}", queue.title, OK, says, "", values)
    says = _("The oldest has waited for %s.") % duration(age)
    todo = _("See that its worker runs and keeps up; a second worker of the same queue helps.")
    return Light(f"queue_{queue.name}", queue.title, RED if age > queue.broken else ATTENTION, says, todo, values)


def rollups() -> Light:
    """How far the counts lie behind the rows."""
    waits = Change.objects.exists()
    as_of = RollupClock.objects.values_list("as_of", flat=True).first()
    ages = [pulses.age(pulses.COUNTS), abs((timezone.now() - as_of).total_seconds()) if as_of else None]
    lag = min((age for age in ages if age is not None), default=0.0) if waits else 0.0
    values: tuple[Value, ...] = (("rollup_lag_seconds", {}, lag),)
    if lag <= 60:
        return Light("rollups", _("Counts of days"), OK, _("They are up to date."), "", values)
    todo = _("See that the worker “rollup” runs.")
    says = _("They lie %s behind.") % duration(lag)
    return Light("rollups", _("Counts of days"), RED if lag > 120 else ATTENTION, says, todo, values)


# --- what became of the work -------------------------------------------------------------------------------------


def mails() -> list[Light]:
    uncertain = queues.counted(unsettled.uncertain(EVERYTHING))
    says = (
        ngettext("%d mail has an end that nobody knows.", "%d mails have an end that nobody knows.", uncertain)
        % uncertain
    )
    todo = _("Settle them on the page “Uncertain mails”.") if uncertain else ""
    level = RED if uncertain >= 20 else ATTENTION if uncertain else OK
    values: tuple[Value, ...] = (("uncertain_mails", {}, uncertain),)
    return [
        _server(),
        Light("uncertain", _("Uncertain mails"), level, says if uncertain else _("There are none."), todo, values),
    ]


def _server() -> Light:
    """What the mail server and the gateways said to the latest messages of the last hour."""
    latest = list(Message.objects.order_by("-pk").values("state", "error", "channel", "created_at")[:LATEST])
    since = timezone.now() - dt.timedelta(hours=1)
    states = [message["state"] for message in latest if message["created_at"] >= since]
    bad = sum(state in (Message.State.FAILED, Message.State.UNCERTAIN) for state in states)
    share = bad / len(states) if states else 0.0
    values: tuple[Value, ...] = (("messages_refused_share", {}, share),)
    title = _("Mail server and gateways")
    if _is_locked_out([message["error"] for message in latest if message["channel"] == "email"][:1]):
        says = _("The mail server refuses our log-in: all mails wait.")
        todo = _("Mend the user, the password or the key in EMAIL_URL and start Otklik again; what waits then leaves.")
        return Light("mail_server", title, RED, says, todo, values)
    if len(states) >= 5 and share >= 0.2:
        says = _("%(bad)d of the last %(all)d messages were not taken.") % {"bad": bad, "all": len(states)}
        todo = _("Open a message to see what the server said, and the page “Mail check”.")
        return Light("mail_server", title, RED if share >= 0.5 else ATTENTION, says, todo, values)
    says = _("They take what they are given.") if states else _("Nothing was sent in the last hour.")
    return Light("mail_server", title, OK, says, "", values)


def _is_locked_out(errors: list[str]) -> bool:
    """Whether the newest mail to a customer, or one to a colleague that waits, was not even listened to."""
    notices = outgoing.waiting().filter(quarantined_at=None, target=None).order_by("-pk")
    return any(map(outcomes.is_our_log_in, [*errors, *notices.values_list("error", flat=True)[:LATEST]]))


def quarantine() -> Light:
    counts = {rows.model._meta.label_lower: 0 for rows in queues.quarantined()}
    for rows in queues.quarantined():
        counts[rows.model._meta.label_lower] += queues.counted(rows)
    values = tuple(("quarantined_rows", {"queue": name}, float(count)) for name, count in counts.items())
    total = sum(counts.values())
    says = ngettext("%d row failed three times.", "%d rows failed three times.", total) % total
    todo = _("Mend the cause, then let it be tried again on the page “Quarantine”.") if total else ""
    return Light(
        "quarantine", _("Quarantine"), RED if total else OK, says if total else _("It is empty."), todo, values
    )


def set_aside() -> Light:
    """Rows of no queue that raised: they are tried again every few minutes."""
    count, title = aside.lately(), _("Set aside")
    if not count:
        return Light("aside", title, OK, _("Nothing waits."))
    says = ngettext("%d row could not be worked on and is tried again.",
                    "%d rows could not be worked on and are tried again.", count) % count  # fmt: skip
    todo = _("The log names them (“is set aside”): tell whoever looks after Otklik.")
    return Light("aside", title, ATTENTION, says, todo)


def answers() -> Light:
    """How sure the answers of the last day are, and how many addresses get no mail."""
    kinds = Response.Evidence
    found = Response.objects.filter(answered_at__gte=timezone.now() - dt.timedelta(days=1)).aggregate(
        presumed=Count("pk", filter=Q(evidence=kinds.PRESUMED)),
        counted=Count("pk", filter=Q(evidence__in=[kinds.PRESUMED, kinds.CONFIRMED])),
    )
    share = found["presumed"] / found["counted"] if found["counted"] else 0.0
    suppressed = Suppression.objects.count()
    values: tuple[Value, ...] = (
        ("presumed_share", {}, share),
        ("answers_last_day", {}, found["counted"]),
        ("suppressed_addresses", {}, suppressed),
    )
    says = _("%(count)d answers of the last day count, %(share).0f %% of them by an opened link alone.")
    told = says % {"count": found["counted"], "share": 100 * share}
    if found["counted"] >= 50 and share > 0.8:
        todo = _("A mail filter that opens links may be at work: look at “Answers to check”.")
        return Light("answers", _("Answers"), ATTENTION, told, todo, values)
    return Light("answers", _("Answers"), OK, told, "", values)


def backup() -> Light:
    age, title = pulses.age(making.PULSE), _("Backup")
    todo = _("Let a timer run “manage.py backup” every night.")
    if age is None:
        return Light("backup", title, ATTENTION, _("None has been made."), todo)
    days = age / 86_400
    level = RED if days > OLD_BACKUP_DAYS else ATTENTION if days > BACKUP_DAYS else OK
    says = _("The last one was made %s ago.") % duration(age)
    values: tuple[Value, ...] = (("backup_age_seconds", {}, age),)
    return Light("backup", title, level, says, todo if level != OK else "", values)


def duration(seconds: float) -> str:
    """In the largest unit that gives a whole number."""
    if seconds < 120:
        return ngettext("%d second", "%d seconds", int(seconds)) % int(seconds)
    if seconds < 7200:
        return ngettext("%d minute", "%d minutes", int(seconds // 60)) % int(seconds // 60)
    if seconds < 172_800:
        return ngettext("%d hour", "%d hours", int(seconds // 3600)) % int(seconds // 3600)
    return ngettext("%d day", "%d days", int(seconds // 86_400)) % int(seconds // 86_400)
