"""How the tests are dealt out to processes: what shares something stays together, and the long ones come first."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Those that take longest, the longest first: one that begins last would be waited for.
LONG = (
    "config/test_admin_browser.py", "test_isolation.py", "config/test_migrate.py", "analytics/test_months.py",
    "config/test_backups.py", "config/test_upgrade.py", "feedback/test_answer_states.py", "scanners/test_scanners.py",
    "analytics/test_rollups.py", "config/test_admin_payloads.py", "feedback/training/test_training.py",
    "analytics/test_rows_behind.py", "config/test_admin_story_browser.py", "feedback/test_bursts.py",
    "config/test_builder_browser.py", "analytics/test_attacker.py", "config/test_admin_hostile.py",
    "guards/test_guards.py", "hostile/test_hostile.py", "hostile/test_schema.py", "feedback/test_anonymous.py",
)  # fmt: skip
DATABASES = ("SQLite", "PostgreSQL")


def unit(test: str) -> str:
    """What is dealt out as one: a file; what runs on one product; a whole campaign, each of which has its own."""
    file, _colons, name = test.partition("::")
    if file.startswith("tests/e2e/"):
        return "tests/e2e"
    if file.startswith("tests/campaign/"):
        return next((f"campaigns on {database}" for database in DATABASES if f"[{database}" in name), test)
    return file


def in_order(units: Iterable[str]) -> Iterator[str]:
    """Those that mostly wait for processes of their own one at a time, each beside some that compute."""
    waiting, long, others = [], [], []
    for one in units:
        name = one.removeprefix("tests/")
        (waiting if one in WAIT or "::" in one else long if name in LONG else others).append(one)
    waiting.sort(key=lambda one: WAIT.index(one) if one in WAIT else len(WAIT))
    long.sort(key=lambda one: LONG.index(one.removeprefix("tests/")))
    beside = [*in_parts(long, LONG_BESIDE), *in_parts(others, OTHERS_BESIDE)]
    for one_waiting, some in zip_longest(waiting, beside, fillvalue=()):
        yield from ([one_waiting] if one_waiting else [])
        yield from some


def in_parts(units: list[str], size: int) -> list[list[str]]:
    return [units[at : at + size] for at in range(0, len(units), size)]


# Two that compute keep two cores busy for as long as one waits; of the others many are over by then.
LONG_BESIDE, OTHERS_BESIDE = 2, 16
WAIT = ["tests/e2e", *(f"campaigns on {database}" for database in DATABASES)]


class Spread(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread:
    config.option.loadscopereorder = False  # many tests in a file are not yet long ones
    return Spread(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(unit(item.nodeid), []).append(item)
    items[:] = [item for one in in_order(units) for item in units[one]]
