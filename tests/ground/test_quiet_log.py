import pytest

from ground.quiet_log import mask


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("sent to olga@example.org", "olga@example.org"),
        ("GET /r/7m4k2x9pd0v5trq8hw3zn6ybc1e/9 200", "2x9pd0v5trq8hw3zn6ybc1e"),
        ("POST /u/7m4k2x9pd0v5trq8hw3zn6ybc1e", "2x9pd0v5trq8hw3zn6ybc1e"),
        ("call +7 (900) 000-00-00", "900"),
    ],
)
def test_secrets_are_masked(line: str, secret: str) -> None:
    assert secret not in mask(line)


def test_the_rest_stays() -> None:
    assert mask("GET /r/7m4k2x9pd0v5trq8hw3zn6ybc1e/9 200") == "GET /r/7m4k.../9 200"
    assert mask("took 1234 ms at 2026-11-22") == "took 1234 ms at 2026-11-22"
