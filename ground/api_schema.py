"""How the published schema tells what is wrong with a request: one shape, with whatever field it names."""

from typing import Any

from drf_standardized_errors.openapi import AutoSchema as BaseSchema
from rest_framework import serializers


class FaultShape(serializers.Serializer[Any]):
    """One thing that is wrong; `attr` leads to the field, its parts joined by dots."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class FaultsShape(serializers.Serializer[Any]):
    """What is wrong with a request."""

    type = serializers.ChoiceField(choices=["validation_error", "client_error"])
    errors = FaultShape(many=True)  # type: ignore[assignment]  # the declaration of a field


class AutoSchema(BaseSchema):
    """Bodies name fields that no schema foresees, and those are refused by their names."""

    def _get_http400_serializer(self) -> type[serializers.Serializer[Any]]:
        return FaultsShape
