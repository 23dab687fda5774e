"""JSON from outside: what Python's parser or the database would choke on is refused with a sentence."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

from ground.text import is_storable

DEEPEST = 20


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class StrictJSONParser(JSONParser):
    """UTF-8 JSON of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes and 20 levels: finite numbers, storable text."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge(_("The body is larger than %(limit)d bytes.") % {"limit": limit})
        try:
            data = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except ValueError:
            raise ParseError(_("The body is not valid JSON in UTF-8.")) from None
        _check(data, depth=0)
        return data


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check(data: Any, *, depth: int) -> None:
    if depth > DEEPEST:
        raise ParseError(_("The JSON is nested too deeply."))
    if isinstance(data, str) and not is_storable(data):
        raise ParseError(_("The text has characters that cannot be stored (NUL, control characters, lone surrogates)."))
    if isinstance(data, float) and not math.isfinite(data):
        raise ParseError(_("A number is too large."))
    if isinstance(data, int) and not isinstance(data, bool) and abs(data) >= 2**63:
        raise ParseError(_("A number is too large."))
    if isinstance(data, dict):
        for key, value in data.items():
            _check(key, depth=depth)
            _check(value, depth=depth + 1)
    elif isinstance(data, list):
        for value in data:
            _check(value, depth=depth + 1)
