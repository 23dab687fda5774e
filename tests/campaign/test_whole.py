"""What `make campaign` runs is every test of the campaign, once."""

import ast
from collections import Counter

from tests.campaign.__main__ import PARTS
from tests.e2e.stack import ROOT


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
