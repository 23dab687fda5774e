"""Telephone numbers as gateways take them: E.164, whatever way they were written."""

from functools import lru_cache

import phonenumbers
from django.conf import settings


@lru_cache(maxsize=10_000)
def e164(written: str) -> str:
    """+79001234567 for any usual way to write it, "" for what is no telephone number.

    A number without its country's code belongs to PHONE_REGION.
    """
    try:
        number = phonenumbers.parse(written, settings.PHONE_REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spelled(written: str) -> set[str]:
    """A number as it was written, and as programs write it: with and without the plus, in Russia with an 8."""
    number = e164(written)
    russian = {f"8{number[2:]}"} if number.startswith("+7") else set()
    return {written, number, number.removeprefix("+"), *russian} - {""}
