"""What follows from what a row says: moments from durations, the end of a contact from its status."""

import datetime as dt
from zoneinfo import ZoneInfo

from ground.csvfile import parse_moment
from surveys.imports import LeftOut, Wrong, statuses
from surveys.imports.channels import is_outbound
from surveys.imports.durations import seconds_of

# Which moment so long after the beginning is meant.
AFTER = {"first_response_after": "first_response_at", "resolved_after": "resolved_at"}
MINUTE = 60


def filled(values: dict[str, str], zone: ZoneInfo) -> tuple[dict[str, str], bool]:
    """The row with what follows from it, and whether the moment of closing is a guess. Raises LeftOut, Wrong."""
    found = dict(values)
    if "direction" not in found and is_outbound(found.get("channel", "")):
        found["direction"] = "outbound"
    _add_moments(found, zone)
    return found, _close(found, statuses.said_by(found.pop("status", "")))


def _add_moments(found: dict[str, str], zone: ZoneInfo) -> None:
    began = _moment(found.get("created_at", ""), zone)
    spans = {name: found.pop(name) for name in (*AFTER, "first_resolved_after") if name in found}
    ends = {name: _after(began, name, text) for name, text in spans.items()}
    for name, moment in AFTER.items():
        if moment not in found and (end := ends.get(name)):
            found[moment] = end
    # When it was opened again nobody says; it was after the first solution.
    if found.pop("reopens", "0").strip() not in ("", "0") and (end := ends.get("first_resolved_after")):
        found.setdefault("reopened_at", end)


def _after(began: dt.datetime | None, name: str, text: str) -> str | None:
    try:
        seconds = seconds_of(text, unit=MINUTE)
    except ValueError as error:
        raise Wrong([(name, str(error))]) from error
    try:
        return (began + dt.timedelta(seconds=seconds)).isoformat() if began else None
    except OverflowError:
        return None


def _moment(text: str, zone: ZoneInfo) -> dt.datetime | None:
    """None for what is no moment: that is said once, where the moment itself is read."""
    try:
        return parse_moment(text, zone) if text else None
    except ValueError:
        return None


def _close(found: dict[str, str], said: statuses.Said) -> bool:
    """End the contact as its status says; true when its last change has to stand for the moment of that."""
    if said == "left_out":
        raise LeftOut
    if said == "open":
        # Help desks keep the moment of a solution that was taken back.
        found.pop("closed_at", None)
        if found.pop("resolved_at", None):
            found.setdefault("is_resolved", "no")
        return False
    if not said:
        return False
    if said == "solved":
        found.setdefault("is_resolved", "yes")
    is_guess = not (found.get("closed_at") or found.get("resolved_at"))
    ended = found.get("closed_at") or found.get("resolved_at") or found.get("updated_at")
    if ended:
        found["closed_at"] = ended
    return is_guess
