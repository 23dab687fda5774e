"""Faults of the machine in the API's one error shape: too large is 413, a missing database 503."""

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException

from ground.json_body import BodyTooLarge
from ground.unavailable import RETRY_AFTER, is_unavailable


class Unavailable(APIException):
    status_code = 503
    default_code = "unavailable"
    wait = int(RETRY_AFTER)  # DRF turns it into Retry-After


class ApiExceptionHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RequestDataTooBig):
            return BodyTooLarge(_("The body is too large."))
        if is_unavailable(exc):
            return Unavailable(_("The database does not answer. Try again soon."))
        return super().convert_known_exceptions(exc)
