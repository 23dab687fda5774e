"""What `make campaign` runs is every test of the campaign, once; and what it sums up is what they tell."""

import ast
import dataclasses
import re
from collections import Counter

import pytest

from tests.campaign import __main__ as campaign
from tests.campaign import accounts, counts, crashes, drills, running, soak
from tests.campaign.__main__ import PARTS, Done, Part
from tests.campaign.answers import AnswersAccount
from tests.e2e.stack import ROOT

JUST_TOO_FEW = (accounts.FEWEST_FAULTS - 1) // len(PARTS)


def of_the_campaign() -> set[str]:
    """Every test that says so in its decorators, as `file::name`."""
    found = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        source = file.read_text(encoding="utf-8")
        if "mark.campaign" in source:
            for one in ast.walk(ast.parse(source)):
                if isinstance(one, ast.FunctionDef) and any(
                    "mark.campaign" in ast.unparse(decorator) for decorator in one.decorator_list
                ):
                    found.add(f"{file.relative_to(ROOT / 'tests')}::{one.name}")
    return found


def test_every_campaign_test_is_in_a_part() -> None:
    named = Counter(test for part in PARTS for test in part.tests)
    assert set(named) == of_the_campaign()
    # In two parts only where each takes one database.
    by_name = {part.name.partition(", ")[0] for part in PARTS if part.on_postgres}
    shared = {test for part in PARTS if part.only or part.name.partition(", ")[0] in by_name for test in part.tests}
    assert {test for test, count in named.items() if count > 1} == shared


@pytest.mark.parametrize(("each", "words"), [(JUST_TOO_FEW, []), (JUST_TOO_FEW + 1, []), (0, ["soak"])])
def test_fewer_faults_than_promised_fail_the_whole_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], each: int, words: list[str]
) -> None:
    def run(part: Part) -> Done:
        return Done(part, passed=True, minutes=0.0, cpu=0.0, faults=each, inputs=7000)

    monkeypatch.setattr(campaign, "run", run)
    failed = campaign.main(words)
    closing = capsys.readouterr().out.splitlines()[-1]
    if words:
        assert not failed and "1 parts" in closing and "; 0 faults, 7,000 inputs sent;" in closing
        return
    assert bool(failed) is (each == JUST_TOO_FEW)
    assert f"; {each * len(PARTS):,} faults, {7000 * len(PARTS):,} inputs sent;" in closing
    assert (f"of {accounts.FEWEST_FAULTS:,}" in closing) is bool(failed)


def test_each_account_tells_its_faults_once() -> None:
    """In words that are summed up: all that is printed of one part is looked through."""
    answers = AnswersAccount(
        acknowledged=4931,
        answers=2000,
        lost=0,
        doubled=0,
        torn={},
        unclear=31271,
        faults=390,
        set_aside={},
        seconds=1005,
    )
    mails = running.Account(
        attempted=400, acknowledged=399, lost=0, doubled=0, taken=400, uncertain=1, faults=100, seconds=60
    )
    drill = drills.DrillAccount(
        attempted=31, acknowledged=30, lost=0, doubled=0, early=0, later=5, asked_again=0, seconds=70
    )
    spent = soak.Account(
        seconds=1800, answers=answers, mails=mails, told=12, asked=12, read=12, errors={}, faults={"web": 390},
        healed=0.3, waited=3, memory=0.8, files=0, leaks=0,
    )  # fmt: skip
    crashed = crashes.Account("SQLite", attempted=650, acknowledged=650)
    counted = counts.Account(changes=100_000, days=80, kills=1421, wrong=0, seconds=700)
    for account, faults in ((answers, 390), (mails, 100), (spent, 390), (crashed, 650), (counted, 1421)):
        assert accounts.total(accounts.FAULTS, str(account)) == faults, str(account)
        assert re.search(r"attempted [\d,]+", str(account)) and "lost" in str(account) and "doubled" in str(account)
    assert "attempted 36202, acknowledged 4931, lost 0, doubled 0, faults 390" in str(answers)
    told = [str(drill), str(drill), drills.together([drill, drill])]
    assert accounts.total(accounts.FAULTS, told) == 2
    assert "attempted 62, acknowledged 60, lost 0, doubled 0" in told[-1]
    # Where one line tells of both, the faults are one's.
    assert accounts.total(accounts.FAULTS, f"{mails}; {dataclasses.replace(answers, faults=0)}") == 100
    assert accounts.total(accounts.INPUTS, "schema, sqlite: 3,021 inputs sent to 40\nbombs: 13 inputs sent") == 3034
