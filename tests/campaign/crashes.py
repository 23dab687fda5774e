"""Dies at every write point of a workflow, before it and after it, and looks at what a restart makes of it.

    python -m tests.campaign.crashes [--postgres] [--every N] [WORKFLOW ...]

A point is a statement that writes, a commit, a piece of text on its way to the mail server, a call to the outside, a
ring of a bell, a file that is written, flushed, moved or removed. Each workflow runs once undisturbed, to count its
points and to see what it comes to; then it dies with exit code 137 once before and once after each of them, in a
process of its own on a copy of the same database. What is left is healed as a restart does: leases run out, the bells
are rung. Work of the workers has then come to the same as undisturbed; what a person or a program asked for is there
wholly or not at all, and asking once more gives the same as undisturbed. No mail leaves twice.
"""

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import mail_server
from tests.campaign.places import Place, ServedPlace, apart
from tests.campaign.points import KILLED, POINTS, watch
from tests.servers import postgres

ROUNDS = 3
# What differs from run to run, or tells of tries and not of what came of them.
PASSING = {
    "lease", "leased_until", "attempts", "error", "public_id", "token_hash", "unsubscribe_hash", "edit_key_hash",
    "message_id", "provider_id", "file", "params", "cursor", "expires", "stamp", "ordinal", "password", "key",
    "response", "comment", "body", "is_sample", "request",
}  # fmt: skip
BESIDE = {
    "ApiKey", "LimitCounter", "Change", "RollupClock", "User", "Touch", "Chore", "WatchedSeries", "ThemeRound",
    "Pulse", "LearnedModel", "Session", "Learning",
}  # fmt: skip
# Jobs that begin by the clock and not because of what was done.
OF_NIGHTS: dict[str, dict[str, Any]] = {"Job": {"kind__in": ["learning", "themes"]}}


# --- a restart ----------------------------------------------------------------------------------------------------


@contextmanager
def later(seconds: float) -> Iterator[None]:
    import time_machine
    from django.utils import timezone

    with time_machine.travel(timezone.now() + dt.timedelta(seconds=seconds), tick=True):
        yield


def heal() -> None:
    """What the ticks of a fresh start do, once every lease has run out."""
    from analytics import rollups
    from feedback import tasks as hearing
    from ground import tasks as ground
    from surveys import tasks as asking

    for turn in range(1, ROUNDS + 1):
        with later(3600 + turn * 400):
            for bells in (asking, hearing, ground):
                bells.ring_due()
            rollups.roll_up()


# --- what there is afterwards -------------------------------------------------------------------------------------

State = dict[str, list[str]]
Order = dict[Any, dict[Any, int]]
SET_ASIDE, SENT = (f'"quarantined_at": {no}, "created_at": true, "sent_at": {yes}' for no, yes in (
    ("true", "false"), ("false", "true"),
))  # fmt: skip


def state() -> State:
    """Every row by its table, as far as it tells what became of things."""
    from django.apps import apps
    from django.db import connection

    found: State = {}
    order: Order = {}
    for model in apps.get_models():
        if model._meta.app_label not in ("ground", "surveys", "feedback", "analytics") or model.__name__ in BESIDE:
            continue
        columns = [one for one in model._meta.concrete_fields if not one.primary_key and one.name not in PASSING]
        columns.sort(key=lambda one: one.get_internal_type() == "DateTimeField")  # as `SET_ASIDE` has them
        rows = _rows(model).values(*(one.attname for one in columns))
        found[model.__name__] = sorted(
            json.dumps({one.attname: _told(one, row[one.attname], order) for one in columns}, default=str)
            for row in rows
        )
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            found["integrity"] = [str(row[0]) for row in cursor.fetchall()]
            cursor.execute("PRAGMA foreign_key_check")
            found["dangling"] = [str(row) for row in cursor.fetchall()]
    found["faults"] = faults()
    return found


def _rows(model: Any) -> Any:
    return model._default_manager.exclude(**OF_NIGHTS.get(model.__name__, {"pk": 0}))


def _told(column: Any, value: Any, order: Order) -> Any:
    """Of a moment that there is one; of a row that it leads to which one that is, for PostgreSQL gives the numbers of
    rows that were undone to no other."""
    if column.get_internal_type() == "DateTimeField":
        return bool(value)
    if column.related_model is None:
        return value
    if column.related_model not in order:
        keys = _rows(column.related_model).order_by("pk").values_list("pk", flat=True)
        order[column.related_model] = {pk: number for number, pk in enumerate(keys, start=1)}
    return order[column.related_model].get(value)


def faults() -> list[str]:
    """What must hold whatever happened."""
    from analytics import rollups
    from feedback.models import Comment, Response
    from ground.models import Change, Job
    from surveys.models import Invitation, Message
    from tests.campaign import rows

    checked = rollups.verify()
    answers = Response.objects.filter(invitation__isnull=False, evidence="confirmed")
    torn = [fault for one in answers for fault in rows._torn(one) if "as it was" in fault or "revision" in fault]
    broken = {
        "counts that differ": len(checked.differences) + checked.waiting,
        "changes that wait": Change.objects.count(),
        "mails that say sending": Message.objects.filter(state="sending").count(),
        "rows that somebody holds": sum(
            model.objects.exclude(lease="").count()
            for model in (Invitation, Comment, Job)  # type: ignore[attr-defined]
        ),
        "rows set aside": sum(
            model.objects.exclude(quarantined_at=None).count() for model in (Invitation, Comment, Job)
        ),  # type: ignore[attr-defined]
    }
    return [f"{name}: {number}" for name, number in broken.items() if number] + sorted(set(torn))


def differing(one: State, other: State) -> list[str]:
    """What stands in one of them alone."""
    found = []
    for table in one:
        ours, theirs = Counter(one[table]), Counter(other.get(table, ()))
        found += [f"{table} + {row}" for row in (ours - theirs).elements()]
        found += [f"{table} - {row}" for row in (theirs - ours).elements()]
    return found


def forgiven(found: State) -> State:
    """A mail whose worker died with it may have left: it has to be called uncertain, and may be called nothing else."""
    known = found | {}
    # Mails to staff have no such state: they are set aside.
    known["Outgoing"] = sorted(row.replace(SET_ASIDE, SENT) for row in found["Outgoing"])
    for table in ("Invitation", "Message", "AskedDay", "AgentAskedDay"):
        rows = [row.replace('"uncertain"', '"sent"' if table == "Invitation" else '"accepted"') for row in found[table]]
        known[table] = sorted(rows)
    return known


# --- workflows ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workflow:
    """`prepare` writes what is there before and returns what `act` has to know. `asks` says that a person or a program
    wants it, who would ask again, `is_whole` that it is one piece. `mails` may stay uncertain."""

    name: str
    prepare: Callable[[], Any]
    act: Callable[[Any], Any]
    asks: bool = False
    is_whole: bool = True
    mails: bool = False


@dataclass
class Account:
    """`attempted` are crashes; `lost` and `doubled` are those after which something was missing, or there twice."""

    database: str
    workflows: int = 0
    points: int = 0
    attempted: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    broken: list[str] = field(default_factory=list)
    seconds: float = 0

    def __str__(self) -> str:
        return (
            f"{self.database}: {self.workflows} workflows, {self.points} write points; attempted {self.attempted} "
            f"crashes, acknowledged {self.acknowledged} healed, lost {self.lost}, doubled {self.doubled}, "
            f"faults {self.attempted}, {self.seconds:.0f} s"
        )


class Trial:
    """One workflow, killed at each of its points."""

    def __init__(self, workflow: Workflow, *, empty: Place, taken: Path, account: Account) -> None:
        self.workflow, self.taken, self.account = workflow, taken, account
        root = empty.root.parent / workflow.name.replace(" ", "-")
        self.prepared = empty.copy(root / "prepared")
        self.spot = root / "run"
        code, self.known = apart(workflow.prepare, self.prepared)
        assert code == 0, f"{workflow.name} could not be prepared"
        self._warm_up()

    def _warm_up(self) -> None:
        """Once in this process, so that its children find loaded what every run loads."""
        from django.db import connection

        from ground import smtp

        self.prepared.copy(self.spot).enter()
        self.workflow.act(self.known)
        heal()
        state()
        smtp.drop()
        connection.close()

    def run(self, *, every: int) -> None:
        whole, points = self._undisturbed()
        nothing = self._after(self.prepared.copy(self.spot), again=False)
        self.account.workflows += 1
        self.account.points += points
        for number in range(1, points + 1, every):
            for is_before in (True, False):
                self._die(number, is_before=is_before, whole=whole, nothing=nothing)

    def _undisturbed(self) -> tuple[State, int]:
        place = self.prepared.copy(self.spot)

        def counted() -> int:
            POINTS.number = 0
            self.workflow.act(self.known)
            return POINTS.number

        code, points = apart(counted, place)
        assert code == 0 and points, f"{self.workflow.name} does not run undisturbed"
        whole = self._after(place, again=False)
        assert whole["faults"] == [], (self.workflow.name, whole["faults"])
        return whole, points

    def _after(self, place: Place, *, again: bool) -> State:
        def healed() -> State:
            heal()
            if again:
                self.workflow.act(self.known)
                heal()
            return state()

        code, found = apart(healed, place)
        assert code == 0, f"{self.workflow.name} does not heal"
        return forgiven(found) if self.workflow.mails else found

    def _die(self, number: int, *, is_before: bool, whole: State, nothing: State) -> None:
        self.taken.write_bytes(b"")
        place = self.prepared.copy(self.spot)

        def dying() -> None:
            POINTS.number, POINTS.last, POINTS.is_before = 0, number, is_before
            self.workflow.act(self.known)

        code, _told = apart(dying, place)
        if code == 0:
            return  # a point fewer than before: what goes by the clock was not written this time
        assert code == KILLED, f"{self.workflow.name} broke before point {number}"
        self.account.attempted += 1
        found = self._after(place.copy(self.spot.with_name("healed")), again=False)
        wrong = differing(found, whole)
        if wrong and self.workflow.asks:
            wrong = [] if not self.workflow.is_whole else min(wrong, differing(found, nothing), key=len)
        if not wrong and self.workflow.asks:
            wrong = differing(self._after(place, again=True), whole)
        twice = [number for number, count in Counter(mail_server.taken(self.taken)).items() if count > 1]
        self._tell(wrong, twice, where=f"{self.workflow.name}, {'before' if is_before else 'after'} point {number}")

    def _tell(self, wrong: list[str], twice: list[Any], *, where: str) -> None:
        self.account.acknowledged += not wrong and not twice
        self.account.lost += any(" - " in one for one in wrong)
        self.account.doubled += bool(twice) or any(" + " in one for one in wrong)
        if wrong or twice:
            self.account.broken.append(f"{where}: {'; '.join([*wrong[:4], *map(str, twice)])}"[:600])
            print(self.account.broken[-1], flush=True)  # noqa: T201


def play(names: list[str], *, every: int, with_postgres: bool) -> Account:
    began, account = time.monotonic(), Account("PostgreSQL" if with_postgres else "SQLite")
    with (
        tempfile.TemporaryDirectory(prefix="otklik-crashes-") as name,
        postgres() if with_postgres else nullcontext() as server,
        suppress(KeyboardInterrupt),
    ):
        root = Path(name)
        with mail_server.running(root / "taken", seconds=0.0) as port:
            empty = begin(root / "empty", port, server)
            from tests.campaign.workflows import WORKFLOWS

            for workflow in WORKFLOWS:
                if not names or workflow.name in names:
                    Trial(workflow, empty=empty, taken=root / "taken", account=account).run(every=every)
                    print(f"{workflow.name}: {account}", flush=True)  # noqa: T201
    account.seconds = time.monotonic() - began
    return account


def begin(directory: Path, port: int, server: str | None) -> Place:
    """Django in this process, on a migrated database that no connection is open to."""
    (directory / "keys").mkdir(parents=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings", "OTKLIK_DATA_DIR": str(directory), "SECRET_KEY": "crashes",
        "LINK_KEY": "crashes", "EMAIL_URL": f"smtp://127.0.0.1:{port}", "LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    os.environ.pop("DATABASE_URL", None)
    if server:
        os.environ["DATABASE_URL"] = server
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from config.celery import app
    from feedback import classify

    connection.settings_dict["OPTIONS"].pop("pool", None)  # its threads do not come along into children
    settings.ALLOWED_HOSTS = ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    empty = ServedPlace.made(directory, server) if server else Place(directory)
    empty.enter()
    call_command("migrate", verbosity=0)
    connection.close()
    classify.warm()
    watch()
    return empty


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    account = play(asked.names, every=asked.every, with_postgres=asked.postgres)
    print(account)  # noqa: T201
    return int(bool(account.broken))


if __name__ == "__main__":
    sys.exit(main())
