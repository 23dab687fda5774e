"""docs/trust.md names tests that exist, tells all requirements, and says why where it names none."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PAGE = (TESTS.parent / "docs" / "trust.md").read_text(encoding="utf-8")
# In `::test_x` the file is that of the test named before it.
NAMED = re.compile(r"`([\w/]+\.py)?::(\w+)`")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists() -> None:
    named, file = [], ""
    for told, name in NAMED.findall(PAGE):
        file = told or file
        named.append((file, name))
    assert len(named) > 100 and len({name for _file, name in named}) > 100
    missing = [
        f"{file}::{name}" for file, name in named if not (TESTS / file).exists() or name not in functions_of(file)
    ]
    assert missing == []


def test_each_requirement_has_its_test_or_a_reason() -> None:
    rows = ROW.findall(PAGE)
    assert [int(number) for number, _what, _held in rows] == list(range(1, 71))
    assert [number for number, _what, held in rows if not NAMED.search(held) and not held.startswith("open")] == []


def test_all_promises_are_told() -> None:
    assert re.findall(r"^\*\*G(\d+) ", PAGE, re.MULTILINE) == [str(number) for number in range(1, 14)]
