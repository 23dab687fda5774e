"""Long lists in pages, by a cursor: what is added meanwhile moves nothing."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from ground.text import is_key


class Pages(CursorPagination):
    """Oldest row first; `limit` rows a page, 100 unless the caller asks for up to 1,000."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "limit"
    ordering = "pk"

    def decode_cursor(self, request: Request) -> Any:
        """As the framework reads it; whoever writes one of their own is told that it is none."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not is_key(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


PARAMETERS = [
    OpenApiParameter("cursor", str, description="Of the next page, as `next` names it."),
    OpenApiParameter("limit", int, description="Rows a page, at most 1,000; 100 unless told."),
]


def page(request: Request, rows: QuerySet[Any], tell: Callable[[Any], Any]) -> Response:
    """One page of the rows with the addresses of its neighbours; `tell` turns a row into what is sent."""
    return page_together(request, rows, lambda found: [tell(row) for row in found])


def page_together(request: Request, rows: QuerySet[Any], tell: Callable[[list[Any]], list[Any]]) -> Response:
    """The same of rows of which more is looked up, for the whole page at once."""
    pages = Pages()
    return pages.get_paginated_response(tell(pages.paginate_queryset(rows, request) or []))


def page_shape(name: str, row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """What the schema says of a page of such rows."""
    return inline_serializer(
        name,
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )
