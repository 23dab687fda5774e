"""How the API takes bodies: known fields only, text that can be stored, times with a zone."""

import datetime as dt
from typing import Any, Self

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from timezone_field.rest_framework import TimeZoneSerializerField

from ground import moments

SKEW = dt.timedelta(minutes=5)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, each named: a misspelt field must not vanish in silence."""

    default_error_messages = {"unknown": _("This field is not known here.")}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = {str(name): [self.error_messages["unknown"]] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown, code="unknown")
        return super().to_internal_value(data)

    def again(self, data: Any) -> Self:
        """The same shape for another body: to make one copies all its fields, which takes as long as reading a body."""
        self.initial_data = data
        vars(self).pop("_validated_data", None)
        return self


class MomentField(serializers.DateTimeField):
    """A time with a zone, from 1970 to 2099."""

    default_error_messages = {"far": _("This moment is not between 1970 and 2099.")}

    def to_internal_value(self, value: Any) -> dt.datetime:
        moment = super().to_internal_value(value)
        if not moments.is_usable(moment):
            self.fail("far")
        return moment


class PastField(MomentField):
    """A moment that has come, give or take five minutes between two clocks."""

    default_error_messages = {"ahead": _("This moment lies ahead.")}

    def to_internal_value(self, value: Any) -> dt.datetime:
        moment = super().to_internal_value(value)
        if moment > timezone.now() + SKEW:
            self.fail("ahead")
        return moment


class ZoneField(TimeZoneSerializerField):
    """A time zone by its IANA name; names that are paths, or too long for one, are as unknown as any other."""

    default_error_messages = {"invalid": _("There is no time zone of this name. One is Europe/Moscow.")}

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except (ValueError, OSError):
            self.fail("invalid")


class FlagField(serializers.BooleanField):
    """Yes or no, refused in a sentence that suits a program and a file alike."""

    default_error_messages = {"invalid": _("This is neither yes nor no.")}
