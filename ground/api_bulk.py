"""Many rows in one call: each is taken or refused by itself, and the reply says so for each."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.formatter import flatten_errors
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError

MOST = 1000


class ErrorShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ItemResult(serializers.Serializer[Any]):
    """`index` counts from 0; `errors` is empty unless the item was refused."""

    index = serializers.IntegerField()
    errors = ErrorShape(many=True)  # type: ignore[assignment]


class Items(serializers.Serializer[Any]):
    """The body of a bulk call: {"items": [...]}."""

    @staticmethod
    def read(data: Any) -> list[Any]:
        """The items, unread. Raises ValidationError when it is no list, is empty or holds more than 1,000."""
        items = data.get("items") if isinstance(data, dict) and set(data) == {"items"} else None
        if not isinstance(items, list) or not items:
            raise ValidationError({"items": [_("A list of 1 to 1,000 items is needed, and nothing else.")]})
        if len(items) > MOST:
            raise ValidationError({"items": [_("At most 1,000 items in one call.")]})
        return items


def results_of(items: list[Any], take: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Take each item; {"counts": {outcome: number}, "results": [...]} in the order of the items."""
    results = [_result(index, item, take) for index, item in enumerate(items)]
    return {"counts": dict(Counter(result["outcome"] for result in results)), "results": results}


def _result(index: int, item: Any, take: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"index": index, **take(item), "errors": []}
    except APIException as error:
        return {"index": index, "outcome": "refused", "errors": _told(error)}


def _told(error: APIException) -> list[dict[str, Any]]:
    """The errors of one item in the shape of every error of the API."""
    return [
        {"code": found.code, "detail": str(found.detail), "attr": found.attr} for found in flatten_errors(error.detail)
    ]
