"""The list of guards keeps up with the code, and a few of them are taken away; `make guards` takes away all."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.guards.kind import Guard
from tests.guards.listed import GUARDS
from tests.guards.run import KILLED, ROOT, changed, copied, judge

# One of each kind, with quick tests.
FEW = ("another team's row looks like none", "constraint surveys_invitation_once", "a bounce needs our seal",
       "a cell is no formula in CSV")  # fmt: skip


def test_there_are_many_and_each_is_listed_once() -> None:
    names = [guard.name for guard in GUARDS]
    assert len(names) >= 60 and len(set(names)) == len(names) and set(FEW) <= set(names)


@pytest.mark.parametrize("guard", GUARDS, ids=[guard.name for guard in GUARDS])
def test_each_guard_stands_in_the_code_and_its_test_is_there(guard: Guard) -> None:
    if guard.file:
        source = (ROOT / guard.file).read_text(encoding="utf-8")
        assert changed(source, guard) != source
    else:
        assert guard.old in {one.name for one in apps.get_model(guard.new)._meta.constraints}
    file, _colons, name = guard.test.partition("::")
    tests = {node.name for node in ast.walk(ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8")))
             if isinstance(node, ast.FunctionDef)}  # fmt: skip
    assert Path(file).name.startswith("test_") and (not name or re.sub(r"\[.*", "", name) in tests)


def test_a_few_are_missed_when_they_are_taken_away() -> None:
    with copied() as copy:
        verdicts = {guard.name: judge(guard, copy) for guard in GUARDS if guard.name in FEW}
    assert verdicts == dict.fromkeys(FEW, KILLED)
