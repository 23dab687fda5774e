"""The last line of defence of the logs: tokens, addresses and phone numbers are masked whatever a caller logs."""

import datetime as dt
import json
import logging
import re

from ground import request_ids

MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "<address>"),
    # Wherever it stands: a link comes mangled, percent-escaped, or wrapped in another.
    (re.compile(r"(?<![A-Za-z])([0-9A-Za-z]{4})(?=[A-Za-z]*[0-9])[0-9A-Za-z]{8,}"), r"\1..."),
    (re.compile(r"\+?(?<!\d)(?!\d{4}-\d\d-\d\d)\d[\d ()-]{9,}\d"), "<number>"),
    # PostgreSQL repeats the whole row that it refused, comments included.
    (re.compile(r"DETAIL:.*?(?=\n\n|\Z)", re.DOTALL), "DETAIL: <row>"),
)


def mask(line: str) -> str:
    """The line with e-mail addresses, survey tokens (but for 4 characters) and long numbers replaced."""
    for pattern, replacement in MASKS:
        line = pattern.sub(replacement, line)
    return line


class MaskFormatter(logging.Formatter):
    """Masks the finished line, so that what an exception says in its traceback is masked too."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, its texts masked; `request` is the same for all that one request or tick led to.

    A line about a row of a queue tells the request that made the row, and as `task` the tick that it was done in.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        told = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        request, made_by = request_ids.current(), getattr(record, "made_by", "")
        told |= {"request": made_by or request} if made_by or request else {}
        told |= {"task": request} if made_by and request else {}
        if record.exc_info:
            told["trace"] = mask(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)
