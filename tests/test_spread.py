"""The tests are dealt out as their sharing asks, and the list of the long ones keeps up with the files."""

from pathlib import Path

from tests import spread


def test_what_shares_something_stays_together() -> None:
    product = "tests/campaign/test_faults.py::test_x"
    assert spread.unit("tests/e2e/test_a.py::test_x") == spread.unit("tests/e2e/test_b.py::test_y")
    assert spread.unit(f"{product}[SQLite-lost]") == spread.unit("tests/campaign/test_crowds.py::test_y[SQLite]")
    assert spread.unit(f"{product}[SQLite-lost]") != spread.unit(f"{product}[PostgreSQL-lost]")
    assert spread.unit("tests/ground/test_a.py::test_x[1]") == spread.unit("tests/ground/test_a.py::TestY::test_z")


def test_no_unit_is_dealt_out_twice_or_forgotten() -> None:
    units = ["tests/ground/test_a.py", "tests/campaign/test_a.py::test_x", "tests/guards/test_guards.py", "tests/e2e"]
    assert list(spread.in_order(units)) == [units[3], units[2], units[1], units[0]]


def test_the_long_ones_are_there() -> None:
    assert [name for name in spread.LONG if not (Path(__file__).parent / name).is_file()] == []
