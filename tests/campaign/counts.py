"""Hostile changes to everything that is counted, while whoever counts is killed: at the end every count is right.

python -m tests.campaign.counts [--changes 100000] [--postgres]
"""

import argparse
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign import running
from tests.e2e.stack import ROOT
from tests.servers import postgres

# A history chooses among all its rows at every step; after so many steps it begins anew.
STEPS = 1000
PATIENCE = 600
# Whoever counts ends so where the database keeps it waiting for too long; a task is rung for again then.
GAVE_UP = 3


@dataclass(frozen=True)
class Account:
    changes: int
    days: int
    kills: int
    wrong: int
    seconds: float
    # CPU seconds of whoever counted, by how many changes had been made and were counted.
    spent: dict[int, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"attempted {self.changes:,} changes, lost or doubled in {self.wrong} cells of {self.days} counted days, "
            f"faults {self.kills}, {self.seconds:.0f} s"
        )


def run(directory: Path, *, changes: int, pause: float, with_postgres: bool, steps: int = STEPS) -> Account:
    """So many changes on a database of its own; the roll-up is killed after `pause` seconds or so, each time."""
    began, spent = time.monotonic(), {}
    data_dir = directory / "data"
    data_dir.mkdir()
    with postgres() if with_postgres else nullcontext() as url:
        environment = running.surroundings(data_dir, url) | {"LOG_LEVEL": "ERROR"}
        if url:
            running.migrate(environment)
        else:
            shutil.copyfile(running.migrated(), data_dir / "otklik.sqlite3")
        killer = _start(f"counts.count_and_die({pause})", environment)
        writer = _start(f"counts.change({changes}, {steps})", environment)
        try:
            for told in writer.stdout:  # type: ignore[union-attr]
                print(told, end="", file=sys.__stderr__, flush=True)  # noqa: T201 (a run that is broken off tells, too)
                assert killer.poll() is None, killer.communicate()[0]
                assert told.startswith("{"), told
                spent.setdefault(json.loads(told)["changes"], _cpu(killer.pid))
            assert writer.wait() == 0, told
        finally:
            writer.kill()
            writer.communicate()
            kills = "" if killer.poll() is not None else killer.communicate()[0]  # it ends with its input
    seconds = time.monotonic() - began
    return Account(kills=int(kills.splitlines()[-1]), seconds=seconds, spent=spent, **json.loads(told))


def _cpu(pid: int) -> float:
    """CPU seconds of the children that were killed, and of the one that lives; of PostgreSQL's none."""
    living = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = sum(int(each) for each in _stat(pid)[15:17])
    for child in living:
        with suppress(OSError):  # it has been killed meanwhile
            ticks += sum(int(each) for each in _stat(int(child))[13:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """The fields of proc(5), as if the name of the process were one word."""
    before, _name, after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    return [before.split()[0], "name", *after.split()]


def _start(program: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", f"from tests.campaign import counts; {program}"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip


def count_and_die(pause: float) -> None:
    """Roll up whatever changed in a child that is killed after `pause` seconds or so, and in another one; inside
    Django, until the input ends. Prints how many were killed."""
    from django.db import OperationalError

    dice, kills, over = random.Random(7), 0, False
    while not over:
        if not (pid := os.fork()):
            status = 1
            try:
                count()
            except OperationalError:  # the server may go on with what a killed one told it last, and holds its locks
                status = GAVE_UP
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        # Every tenth lives longer: on a slow machine none of the others might get anything done.
        life = pause * dice.uniform(0, 2) * (10 if kills % 10 == 9 else 1)
        over = bool(select.select([sys.stdin], [], [], life)[0])
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            assert os.waitstatus_to_exitcode(status) == GAVE_UP, "whoever counts has ended by itself"
            continue
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        kills += 1
    print(kills, flush=True)  # noqa: T201


def count() -> None:
    """Roll up whatever changed, for ever; inside Django. Two thirds of the time are the writer's."""
    from analytics import rollups

    while True:
        began = time.monotonic()
        if rollups.has_work():
            rollups.roll_up(limit=20)
        time.sleep(max(0.02, 2 * (time.monotonic() - began)))


def change(changes: int, steps: int) -> None:
    """Make the changes, and after each history compare every count with its rows; say so far, after each tenth, too;
    inside Django."""
    from analytics import rollups
    from ground.models import Organisation

    Organisation.objects.get_or_create(defaults={"name": "Campaign"})
    done = days = wrong = 0
    while done < changes:
        history = _history(done // steps)
        if not done:
            _tell(done, days, wrong)
        for _step in range(min(steps, changes - done)):
            history.step()
            done += 1
            if done % max(1, changes // 10) == 0:
                _tell(done, days, wrong)
        _wait()
        found = rollups.verify()
        days, wrong = days + found.days, wrong + len(found.differences) + found.waiting
        _tell(done, days, wrong)


def _tell(changes: int, days: int, wrong: int) -> None:
    _wait()
    print(json.dumps({"changes": changes, "days": days, "wrong": wrong}), flush=True)  # noqa: T201


def _history(turn: int) -> "History":  # type: ignore[name-defined]  # noqa: F821
    """A new one on new rows; what the one before it left goes, with its counts."""
    from analytics import rollups
    from analytics.models import ServiceLevel
    from feedback.models import Comment, Response, Topic
    from ground.models import Change, Organisation, Team
    from surveys.models import Interaction, Invitation, Segment
    from surveys.starters import CSAT, NPS, start_survey
    from tests.analytics.histories import History
    from tests.analytics.rows import ask_further

    for rows in (Response, Comment, Invitation, Interaction, ServiceLevel, Segment, Change):
        rows.objects.all().delete()
    Organisation.objects.update(timezone=("Europe/Moscow", "America/New_York", "Asia/Kathmandu")[turn % 3])
    rollups.mark_everything()
    surveys = [start_survey(CSAT, code="support", name="CSAT"), start_survey(NPS, code="loyalty", name="NPS")]
    if not surveys[0].published.further:  # type: ignore[union-attr]
        ask_further(surveys[0])
    teams = [Team.objects.get_or_create(code=code, defaults={"name": code})[0] for code in ("first", "second")]
    topics = [Topic.objects.get_or_create(code=code)[0] for code in ("t-waiting", "t-price", "t-courtesy")]
    history = History(turn, surveys=surveys, teams=[*teams, None], topics=topics)
    history.acts = [act for act in history.acts if act != history.some_recount]  # another process does
    history.acts.append(_erase)
    return history


def _erase() -> None:
    """One of the two customers, who comes back with the next contact."""
    from ground import erasing

    for name in ("Anna", "Boris"):
        with suppress(erasing.NobodyKnown):
            erasing.erase(erasing.find(name), by=None)
            return


def _wait() -> None:
    """Until the roll-up has caught up, however often it is killed."""
    from analytics import rollups

    until = time.monotonic() + PATIENCE
    while rollups.has_work():
        if time.monotonic() > until:
            raise SystemExit("the roll-up never catches up")
        time.sleep(0.1)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="otklik-counts-") as name:
        account = run(Path(name), changes=asked.changes, pause=1.0, with_postgres=asked.postgres)
    print(f"counts: {account}")  # noqa: T201
    return int(bool(account.wrong))


if __name__ == "__main__":
    sys.exit(main())
