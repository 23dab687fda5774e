"""The scheduler goes on ringing when somebody sets the machine's clock."""

import datetime as dt
import re
from collections import Counter
from typing import Any

import pytest
from django.conf import settings

from config.celery import app
from config.up import ticking
from config.up.ticking import SteadyScheduler


@pytest.fixture
def passed(monkeypatch: Any) -> list[float]:
    """The seconds that have passed, to be set by the test."""
    seconds = [1000.0]
    monkeypatch.setattr(ticking, "monotonic", lambda: seconds[0])
    return seconds


@pytest.fixture
def rung(monkeypatch: Any) -> Counter[str]:
    counted: Counter[str] = Counter()
    monkeypatch.setattr(SteadyScheduler, "producer", None)  # no broker is asked
    monkeypatch.setattr(SteadyScheduler, "apply_entry", lambda _self, entry, **_: counted.update([entry.name]))
    return counted


def scheduled() -> SteadyScheduler:
    scheduler = SteadyScheduler(app=app, lazy=True)
    scheduler.setup_schedule()
    return scheduler


@pytest.mark.parametrize("step", [dt.timedelta(), dt.timedelta(hours=1), dt.timedelta(hours=-1)])
def test_a_clock_that_is_set_neither_stops_nor_doubles_it(passed, rung, time_machine, step: dt.timedelta) -> None:
    now = dt.datetime(2026, 3, 29, 0, 59, 50, tzinfo=dt.UTC)
    scheduler = scheduled()
    for second in range(60):
        time_machine.move_to(
            now + dt.timedelta(seconds=second) + (step if second >= 20 else dt.timedelta()), tick=False
        )
        assert 0 < scheduler.tick() <= 1
        passed[0] += 1
    assert rung["surveys"] == 60
    assert rung["mailbox"] == 2
    assert rung["housekeeping"] == 1


def test_it_is_the_scheduler_that_nobody_has_to_name() -> None:
    """Celery's own goes by the clock, and wants a folder for its file that only `up` makes."""
    assert app.conf.beat_scheduler == f"{SteadyScheduler.__module__}:{SteadyScheduler.__name__}"


def test_every_ring_is_heard_by_a_host_whose_clock_is_half_a_minute_ahead() -> None:
    """A ring has the time at which it is worth nothing from the clock of whoever sends it."""
    assert min(entry["options"]["expires"] for entry in settings.CELERY_BEAT_SCHEDULE.values()) >= 30
    for file in settings.BASE_DIR.glob("*/tasks.py"):
        assert all(int(lives) >= 30 for lives in re.findall(r"expires=(\d+)", file.read_text(encoding="utf-8"))), file


def test_a_late_scheduler_does_not_hurry_after_what_it_missed(passed, rung) -> None:
    scheduler = scheduled()
    scheduler.tick()
    passed[0] += 100.0
    for _turn in range(5):
        scheduler.tick()
        passed[0] += 0.01
    assert rung["surveys"] == 2


def test_of_a_broker_that_is_away_one_line_tells(monkeypatch: Any, caplog: Any) -> None:
    answers = iter([OSError("no"), OSError("no"), None, None])

    def send(_self: Any, _entry: Any, **_: Any) -> None:
        if isinstance(answer := next(answers), OSError):
            raise answer

    monkeypatch.setattr(SteadyScheduler, "apply_async", send)
    scheduler = scheduled()
    for _turn in range(4):
        scheduler.apply_entry(scheduler.schedule["ground"])
    assert [record.getMessage() for record in caplog.records] == [
        "no broker takes the ticks: no", "the broker takes the ticks again",
    ]  # fmt: skip
