"""Hostile changes to everything that is counted, while whoever counts is killed: at the end every count is right."""

import json
import random
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.campaign import running
from tests.e2e.stack import ROOT
from tests.servers import postgres

# A history chooses among all its rows at every step; after so many steps it begins anew.
STEPS = 1000
PATIENCE = 600


@dataclass(frozen=True)
class Account:
    changes: int
    days: int
    kills: int
    wrong: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.changes:,} changes, {self.kills} kills, {self.days} counted days compared, {self.wrong} wrong "
            f"cells, {self.seconds:.0f} s"
        )


def run(directory: Path, *, changes: int, pause: float, with_postgres: bool) -> Account:
    """So many changes on a database of its own; the roll-up is killed after `pause` seconds or so, each time."""
    began, dice, kills = time.monotonic(), random.Random(7), 0
    data_dir = directory / "data"
    data_dir.mkdir()
    with postgres() if with_postgres else nullcontext() as url:
        environment = running.surroundings(data_dir, url) | {"LOG_LEVEL": "ERROR"}
        if url:
            running.migrate(environment)
        else:
            shutil.copyfile(running.migrated(), data_dir / "otklik.sqlite3")
        writer = _start(f"print(counts.change({changes}))", environment)
        counter = _start("counts.count()", environment)
        try:
            while writer.poll() is None:
                counter.stdout.readline()  # type: ignore[union-attr]  # it says when it begins
                time.sleep(pause * dice.uniform(0, 2))
                _end(counter)
                kills += 1
                counter = _start("counts.count()", environment)
        finally:
            _end(counter)
            told = _end(writer)
        assert writer.returncode == 0, told
    return Account(kills=kills, seconds=time.monotonic() - began, **json.loads(told.splitlines()[-1]))


def _start(program: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", f"from tests.campaign import counts; {program}"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _end(process: subprocess.Popen[str]) -> str:
    """kill -9, if it has not ended by itself; returns what it said."""
    process.kill()
    return process.communicate()[0]


def count() -> None:
    """Roll up whatever changed, for ever; inside Django."""
    from analytics import rollups

    print("counting", flush=True)  # noqa: T201
    while True:
        if not rollups.has_work() or not rollups.roll_up(limit=20):
            time.sleep(0.05)


def change(changes: int) -> str:
    """Make the changes, and after each history compare every count with its rows; inside Django."""
    from analytics import rollups
    from ground.models import Organisation

    Organisation.objects.get_or_create(defaults={"name": "Campaign"})
    days = wrong = 0
    for turn in range(max(1, changes // STEPS)):
        history = _history(turn)
        for _step in range(min(STEPS, changes)):
            history.step()
        _wait()
        found = rollups.verify()
        days, wrong = days + found.days, wrong + len(found.differences) + found.waiting
    return json.dumps({"changes": changes, "days": days, "wrong": wrong})


def _history(turn: int) -> "History":  # type: ignore[name-defined]  # noqa: F821
    """A new one on new rows; what the one before it left goes, with its counts."""
    from analytics import rollups
    from analytics.models import ServiceLevel
    from feedback.models import Comment, Response, Topic
    from ground.models import Change, Organisation, Team
    from surveys.models import Interaction, Invitation, Segment
    from surveys.starters import CSAT, NPS, start_survey
    from tests.analytics.rows import ask_further
    from tests.analytics.test_rollups import History

    for rows in (Response, Comment, Invitation, Interaction, ServiceLevel, Segment, Change):
        rows.objects.all().delete()
    Organisation.objects.update(timezone=("Europe/Moscow", "America/New_York", "Asia/Kathmandu")[turn % 3])
    rollups.mark_everything()
    surveys = [start_survey(CSAT, code="support", name="CSAT"), start_survey(NPS, code="loyalty", name="NPS")]
    if not surveys[0].published.further:  # type: ignore[union-attr]
        ask_further(surveys[0])
    teams = [Team.objects.get_or_create(code=code, defaults={"name": code})[0] for code in ("first", "second")]
    topics = [Topic.objects.get_or_create(code=code)[0] for code in ("t-waiting", "t-price", "t-courtesy")]
    return History(turn, surveys=surveys, teams=[*teams, None], topics=topics)


def _wait() -> None:
    """Until the roll-up has caught up, however often it is killed."""
    from analytics import rollups

    until = time.monotonic() + PATIENCE
    while rollups.has_work():
        if time.monotonic() > until:
            raise SystemExit("the roll-up never catches up")
        time.sleep(0.1)
