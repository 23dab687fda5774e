"""The `Idempotency-Key` of a request: asked twice, it gets the first reply twice."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ground import idempotency

# What the schema says of a route that keeps keys.
IDEMPOTENT: dict[str, Any] = {
    "parameters": [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Kept for 7 days.")],
}


class KeyReused(APIException):
    status_code = 409
    default_code = "idempotency_key_reused"
    default_detail = _("This Idempotency-Key was used with another body.")


def once(request: Request, act: Callable[[], tuple[int, Any]], *, in_one_transaction: bool = True) -> Response:
    """The reply of `act`, a status and a body; of a request that came before under its key, the kept one.

    Raises ValidationError for a key that is too long and KeyReused for one that came with another body.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        status, body = act()
        return Response(body, status=status)
    if len(key) > 128:
        raise ValidationError({"Idempotency-Key": [_("At most 128 characters.")]})
    try:
        status, body, is_replay = idempotency.once(
            caller=str(request.user),
            key=key,
            mark=idempotency.fingerprint(request.method or "", request.path, request.data),
            act=act,
            in_one_transaction=in_one_transaction,
        )
    except idempotency.KeyReused as error:
        raise KeyReused from error
    return Response(body, status=status, headers={"Idempotent-Replay": "true"} if is_replay else None)
