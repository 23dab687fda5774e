"""Customers as the CRM's file tells them: created, or brought up to date by their id, e-mail or phone."""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ground.csvfile import iso_day
from surveys import interactions
from surveys.imports import Field, Given, Wrong, told_errors
from surveys.imports.interactions import NO, YES
from surveys.shapes import CustomerShape

NAME = gettext_lazy("customers")
FLAGS = {"is_staff", "no_consent", "is_vip"}
FIELDS = (
    Field("external_id", gettext_lazy("customer’s id"), ("id", "customer id", "код", "код клиента", "номер")),
    Field("name", gettext_lazy("customer’s name"), ("name", "имя", "фио", "клиент", "customer", "full name")),
    Field("email", gettext_lazy("customer’s e-mail"), ("email", "e-mail", "почта", "эл. почта")),
    Field("phone", gettext_lazy("customer’s phone"), ("phone", "телефон", "mobile", "мобильный")),
    Field("language", gettext_lazy("customer’s language"), ("language", "язык", "locale")),
    Field("timezone", gettext_lazy("customer’s time zone"), ("timezone", "time zone", "часовой пояс")),
    Field("is_vip", gettext_lazy("important customer"), ("vip", "важный")),
    Field("is_staff", gettext_lazy("own staff"), ("staff", "сотрудник")),
    Field("no_consent", gettext_lazy("no consent to be asked"), ("no consent", "нет согласия")),
    Field("contract_start", gettext_lazy("contract since"), ("contract start", "начало договора")),
    Field("contract_end", gettext_lazy("contract until"), ("contract end", "конец договора")),
    Field("value", gettext_lazy("value a year"), ("value", "revenue", "выручка")),
)


def check(values: dict[str, str], given: Given) -> dict[str, Any]:
    """The row as the API would get it, checked. Raises Wrong."""
    data = {name: _read(name, cell.strip()) for name, cell in values.items()}
    shape = CustomerShape(data={name: value for name, value in data.items() if value not in ("", None)})
    if not shape.is_valid():
        raise Wrong(told_errors(shape.errors, str))
    told = {name: value for name, value in shape.validated_data.items() if value is not None}
    if not any(told.get(name) for name in ("external_id", "email", "phone")):
        raise Wrong([("", _("An id, an e-mail or a phone is needed."))])
    return told


def take(values: dict[str, str], given: Given) -> str:
    """created or updated. Raises Wrong."""
    told = check(values, given)
    known = interactions.known_customer(**told)
    try:
        interactions.take_customer(**told, writer=given.writer)
    except interactions.Refused as error:
        raise Wrong([("", str(error))]) from error
    return "updated" if known else "created"


def _read(name: str, cell: str) -> Any:
    word = cell.lower()
    if name in FLAGS and word in YES | NO:
        return word in YES
    if name in ("contract_start", "contract_end"):  # spreadsheets write a day with its midnight
        return re.split("[T ]", iso_day(cell), maxsplit=1)[0]
    return cell.replace(" ", "").replace("\u00a0", "").replace(",", ".") if name == "value" else cell
