import logging
import sys

import pytest

from ground.quiet_log import MaskFormatter, mask


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("sent to olga@example.org", "olga@example.org"),
        ("GET /r/7m4k2x9pd0v5trq8hw3zn6ybc1e/9 200", "2x9pd0v5trq8hw3zn6ybc1e"),
        ("POST /u/7m4k2x9pd0v5trq8hw3zn6ybc1e", "2x9pd0v5trq8hw3zn6ybc1e"),
        ("call +7 (900) 000-00-00", "900"),
        ("Service Unavailable: /r/%3D7m4k2x9pd0v5trq8hw3zn6ybc1e", "2x9pd0v5trq8hw3zn6ybc1e"),
        ("Not Found: /r/https%3A%2F%2Fmail/?u=7M4K2X9PD0V5TRQ8HW3ZN6YBC1E.", "2X9PD0V5TRQ8HW3ZN6YBC1E"),
        ("IntegrityError: refused\nDETAIL:  Failing row contains (7, ужасно,\nдолго).", "долго"),
    ],
)
def test_secrets_are_masked(line: str, secret: str) -> None:
    assert secret not in mask(line)


def test_the_rest_stays() -> None:
    assert mask("GET /r/7m4k2x9pd0v5trq8hw3zn6ybc1e/9 200") == "GET /r/7m4k.../9 200"
    assert mask("2026-11-22 08:45:41,953 ERROR sha256 failed") == "2026-11-22 08:45:41,953 ERROR sha256 failed"
    assert mask("took 1234 ms at 2026-11-22") == "took 1234 ms at 2026-11-22"


def test_what_an_exception_says_is_masked_too() -> None:
    try:
        raise ValueError("no such customer: olga@example.org")
    except ValueError:
        record = logging.LogRecord("otklik", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    line = MaskFormatter("%(message)s").format(record)
    assert "ValueError" in line and "olga" not in line
