"""The whole campaign, four parts at a time: the account of each part, what it cost, and how many faults they made.

    python -m tests.campaign [WORD ...]

With words only the parts whose names hold one of them; without, fewer faults than were promised fail it. The
longest begin first; each has a data directory of its own.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.campaign import accounts
from tests.campaign.accounts import FEWEST_FAULTS
from tests.e2e.stack import ROOT

# Soak, drills, healing, lights and clocks, a third of all minutes, mostly wait.
AT_ONCE = 4


@dataclass(frozen=True)
class Part:
    """Some campaign tests, by their names within `tests/`; `only` chooses among their parameters, `on_postgres` runs
    them all on one. `minutes` are those of a machine with nothing else to do."""

    name: str
    minutes: float
    tests: tuple[str, ...]
    only: str = ""
    on_postgres: bool = False


KILLS, DRILLS = "campaign/test_kills.py::", "campaign/test_drills.py::"
HEALING = "campaign/test_healing.py::"
ANSWERS = (
    f"{KILLS}test_no_answer_is_lost_or_torn", "campaign/test_crowds.py::test_no_customer_behind_one_address_is_refused",
    "campaign/test_overload.py::test_slow_senders_and_a_crowd_keep_nobody_waiting",
)  # fmt: skip
CRASHES = ("campaign/test_crashes.py::test_a_crash_at_any_write_point_is_healed",)
COUNTS = (f"{KILLS}test_every_count_is_right_after_hostile_changes",)
RESTORED = (f"{DRILLS}test_the_backup_brings_back_what_was_acknowledged_and_nothing_leaves_by_itself",)
MIGRATED = (
    "config/test_migrate.py::test_a_migration_that_was_killed_goes_on",
    "config/test_migrate.py::test_an_index_is_made_beside_writers_and_after_kills",
)  # fmt: skip
HOSTILE = (
    "hostile/test_hostile.py::test_every_value_in_every_place",
    "hostile/test_schema.py::test_no_case_of_the_schema_breaks_the_api",
)  # fmt: skip
FAULTS = ("campaign/test_faults.py::test_what_was_typed_outlives_a_fault",)
LIMITS = (
    "ground/test_limits.py::test_parallel_hits_pass_exactly_the_limit",
    "feedback/test_bursts.py::test_two_hundred_at_once_never_pass_a_limit_by_more_than_one",
)  # fmt: skip
MADE_UP = ("hostile/test_fuzz.py::test_whatever_is_made_up_breaks_nothing",)
PARTS = (
    Part("soak", 32, ("campaign/test_soak.py::test_the_ledger_closes_and_nothing_grows",)),
    Part("answers, SQLite", 14, ANSWERS, only="SQLite"),
    Part("answers, PostgreSQL", 14, ANSWERS, only="PostgreSQL"),
    Part("counts, SQLite", 12, COUNTS, only="False"),
    Part("counts, PostgreSQL", 12, COUNTS, only="True"),
    Part("crashes, SQLite", 5, CRASHES, only="not PostgreSQL"),
    Part("crashes, PostgreSQL", 15, CRASHES, only="PostgreSQL"),
    Part("drills, SQLite", 10, RESTORED, only="False"),
    Part("drills, PostgreSQL", 6, RESTORED, only="True"),
    Part("clocks", 11, (
        f"{KILLS}test_two_schedulers_and_a_clock_that_is_set",
        f"{KILLS}test_a_host_whose_clock_is_set_beside_a_scheduler_whose_is_right",
    )),
    Part("mails and events", 7, (
        f"{KILLS}test_no_mail_leaves_twice_and_none_is_forgotten", f"{KILLS}test_each_event_asks_once",
    )),
    Part("database struck down", 8, (
        "campaign/test_strikes.py::test_nothing_is_lost_when_the_database_server_is_struck_down",
    )),
    Part("hosts", 3, ("campaign/test_hosts.py::test_one_host_is_lost_and_nothing_with_it",)),
    Part("healing", 12, (
        f"{HEALING}test_each_of_many_kills_is_healed_soon", f"{HEALING}test_rabbitmq_rings_as_soon",
        f"{HEALING}test_one_of_two_hosts_on_rabbitmq_is_lost",
    )),
    Part("migrations", 4, MIGRATED),
    Part("lights", 8, ("campaign/test_silence.py::test_what_stands_still_turns_its_light_red_and_back",)),
    Part("hostile values, SQLite", 8, HOSTILE), Part("hostile values, PostgreSQL", 8, HOSTILE, on_postgres=True),
    Part("made up, SQLite", 2, MADE_UP), Part("made up, PostgreSQL", 2, MADE_UP, on_postgres=True),
    Part("disk and database, SQLite", 6, FAULTS, only="SQLite"),
    Part("disk and database, PostgreSQL", 4, FAULTS, only="PostgreSQL"),
    Part("mail servers", 3, ("surveys/test_mail_servers.py::test_forty_times_all_of_them",)),
    Part("outgoing calls and bombs", 1, (
        "ground/test_outbound.py::test_no_way_to_a_hostile_target_connects",
        "ground/test_workbook_rows.py::test_bombs_of_every_kind_are_refused",
    )),
    Part("limits, SQLite", 1, LIMITS), Part("limits, PostgreSQL", 1, LIMITS, on_postgres=True),
    Part("eight writers", 2, ("ground/test_sqlite_lock.py::test_eight_writers_all_get_their_turn",)),
    Part("markup on pages", 6, ("hostile/test_every_page.py::test_no_payload_runs_on_any_page",)),
    Part("scanners and votes", 8, (
        "scanners/test_scanners.py::test_what_counts_is_what_people_meant",
        "campaign/test_votes.py::test_ten_thousand_votes_move_the_score_by_a_tenth_at_most",
    )),
    Part("attackers", 20, (
        "analytics/test_attacker.py::test_nobody_is_found_in_two_hundred_populations",
        "feedback/test_linker.py::test_no_order_time_or_value_leads_back",
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    part: Part
    passed: bool
    minutes: float
    cpu: float
    faults: int
    inputs: int

    def __str__(self) -> str:
        verdict, minutes = "passed" if self.passed else "FAILED", f"{self.minutes:5.1f} min of {self.part.minutes:4.1f}"
        return f"{verdict}  {minutes}, CPU {self.cpu:5.0f} s, {self.faults:4} F, {self.inputs:6} I  {self.part.name}"


def run(part: Part) -> Done:
    """In a process of its own; what it said is printed in one piece once it ends."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="otklik-campaign-") as name:
        place = Path(name)
        place.chmod(0o755)  # PostgreSQL has a user of its own
        beside = ["-m", "tests.with_postgres", sys.executable] if part.on_postgres else []
        command = [sys.executable, *beside, "-m", "pytest", "-p", "tests.servers", "-q", "-m", "campaign",
                   *(["-k", part.only] if part.only else []), *(f"tests/{test}" for test in part.tests)]  # fmt: skip
        with (place / "said").open("w+", encoding="utf-8") as said:
            process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | {"OTKLIK_DATA_DIR": name}, stdout=said, stderr=said
            )
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            told, minutes = said.read(), (time.monotonic() - began) / 60
            counted = [accounts.total(pattern, told) for pattern in (accounts.FAULTS, accounts.INPUTS)]
            done = Done(part, not status, minutes, used.ru_utime + used.ru_stime, *counted)
            print(f"\n--- {done}\n{told.strip()}", flush=True)  # noqa: T201
    return done


def main(words: list[str]) -> int:
    began = time.monotonic()
    parts = [part for part in PARTS if not words or any(word in part.name for word in words)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        done = list(threads.map(run, sorted(parts, key=lambda part: -part.minutes)))
    print("", *done, sep="\n")  # noqa: T201
    failed, faults = [one.part.name for one in done if not one.passed], sum(one.faults for one in done)
    if not words and faults < FEWEST_FAULTS:
        failed.append(f"{faults:,} faults of {FEWEST_FAULTS:,}")
    print(f"campaign: {len(done)} parts, {(time.monotonic() - began) / 60:.0f} min, CPU "  # noqa: T201
          f"{sum(one.cpu for one in done):.0f} s; {faults:,} faults, {sum(one.inputs for one in done):,} inputs sent; "
          f"failed: {', '.join(failed) or 'none'}")  # fmt: skip
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
