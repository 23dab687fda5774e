"""“Please contact me”: a tick, kept on the response itself."""

from surveys.questions import Given, Options


def scale(options: Options) -> None:
    return None


def items(options: Options) -> tuple[str, ...]:
    return ()


def parse(given: Given, options: Options) -> dict[str, int]:
    """{"": 1} when ticked."""
    return {"": 1} if any(value in ("on", "1") for value in given.get("", ())) else {}
