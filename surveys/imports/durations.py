"""How long something took, as files tell it: 00:12:31, 90, 1.5, «2 ч 5 мин», 1d 3h."""

import re
from typing import Any

from django.utils.translation import gettext as _

CLOCK = re.compile(r"(?:(\d{1,3})\D{1,9} )?(\d{1,5}):([0-5]?\d)(?::([0-5]?\d)(?:\.\d+)?)?")
NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,20})?")
PART = re.compile(r"(\d{1,9}(?:[.,]\d{1,20})?)\s*([^\W\d_]+)\.?")
# By the first letters of the word: seconds, minutes, hours, days in Russian and English.
UNITS = {"с": 1, "s": 1, "мин": 60, "м": 60, "m": 60, "ч": 3600, "h": 3600, "д": 86400, "сут": 86400, "d": 86400}


def seconds_of(text: str, *, unit: int) -> int:
    """Whole seconds; a bare number is of `unit` seconds. Raises ValueError with a sentence."""
    told = text.strip().replace("\u00a0", " ")
    if NUMBER.fullmatch(told):
        return round(_number(told) * unit)
    if clock := CLOCK.fullmatch(told):
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    parts = PART.findall(told)
    if not parts or PART.sub("", told).strip(" ,"):
        raise ValueError(_unknown(text))
    return round(sum(_number(number) * _unit(word, text) for number, word in parts))


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _unit(word: str, text: str) -> int:
    known = [key for key in UNITS if word.lower().startswith(key)]
    if not known:
        raise ValueError(_unknown(text))
    return UNITS[max(known, key=len)]


def _unknown(text: str) -> Any:
    return _("“%(text)s” is not a duration like 90, 01:30:00 or 1 h 30 min") % {"text": text[:40]}
