"""Conditions of rules: each field and comparison, what they do with what is unknown, and how two rules overlap."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from surveys import conditions
from surveys.conditions import Subject

AT = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)


def subject(*, alone: bool = False, customer: dict[str, Any] | None = None, **fields: Any) -> Subject:
    known = {
        "channel": "phone", "team_id": 3, "agent_id": None, "reason": "Delivery", "tags": ["VIP", "late"],
        "source": "crm", "direction": "inbound", "priority": "", "is_resolved": None, "is_complaint": False,
        "first_response_at": None, "answered_at": AT - dt.timedelta(minutes=30), "replies": 4, "transfers": 0,
        "created_at": AT - dt.timedelta(hours=5), "closed_at": AT, "attributes": {"tariff": "gold", "boxes": "7"},
    }  # fmt: skip
    person = {
        "language": "ru", "is_vip": True, "value": None, "contract_start": dt.date(2026, 6, 1),
        "contract_end": dt.date(2026, 7, 10), "attributes": {"segment": ["b2b", "north"], "pilot": True},
    }  # fmt: skip
    return Subject(
        customer=SimpleNamespace(**(person | (customer or {}))),
        interaction=None if alone else SimpleNamespace(**(known | fields)),
        at=AT,
        now=AT + dt.timedelta(hours=1),
    )


def one(field: str, op: str, value: Any = "") -> list[dict[str, Any]]:
    return [{"field": field, "op": op, "value": value}]


@pytest.mark.parametrize(
    ("field", "op", "value", "fits"),
    [
        ("channel", "equals", "phone", True), ("channel", "not", "phone", False), ("channel", "in", ["chat"], False),
        ("team", "in", ["3", "4"], True), ("team", "not_in", ["3"], False), ("agent", "unset", "", True),
        ("agent", "not", "3", True), ("reason", "equals", "delivery", True), ("reason", "contains", "LIV", True),
        ("tag", "in", ["vip"], True), ("tag", "not_in", ["vip"], False), ("tag", "contains", "lat", True),
        ("priority", "set", "", False), ("priority", "equals", "", False), ("resolved", "equals", False, False),
        ("resolved", "unset", "", True), ("complaint", "equals", False, True), ("agent_replied", "equals", True, True),
        ("replies", "greater", 3, True), ("replies", "greater", 4, False), ("replies", "less", 5, True),
        ("duration", "equals", 30, True), ("age", "greater", 4.5, True), ("late", "greater", 0.5, True),
        ("language", "equals", "RU", True), ("vip", "equals", True, True), ("value", "greater", 0, False),
        ("customer_days", "equals", 9, True), ("contract_days", "less", 31, True),
        ("attribute:tariff", "in", ["Gold", "silver"], True), ("attribute:boxes", "greater", 6, True),
        ("attribute:boxes", "equals", 7, True), ("attribute:tariff", "greater", 6, False),
        ("attribute:none", "not", "x", True), ("customer:segment", "equals", "B2B", True),
        ("customer:segment", "contains", "nor", True), ("customer:pilot", "equals", "yes", True),
        ("customer:pilot", "equals", True, True), ("nothing", "equals", "x", False), ("channel", "odd", "x", False),
    ],
)  # fmt: skip
def test_a_condition(field: str, op: str, value: Any, fits: bool) -> None:
    assert conditions.fits(one(field, op, value), subject()) is fits


@pytest.mark.parametrize(
    ("op", "value", "fits"),
    [("equals", "ru", True), ("equals", "ru-RU", True), ("in", ["en", "ru"], True), ("not", "ru", False),
     ("not_in", ["ru"], False), ("equals", "en", False), ("set", "", True)],
)  # fmt: skip
def test_who_speaks_a_kind_of_a_language_speaks_it(op: str, value: Any, fits: bool) -> None:
    assert conditions.fits(one("language", op, value), subject(customer={"language": "ru-RU"})) is fits


def test_all_have_to_hold_and_none_is_everything() -> None:
    both = one("channel", "equals", "phone") + one("replies", "greater", 9)
    assert not conditions.fits(both, subject())
    assert [held for _condition, held in conditions.explain(both, subject())] == [True, False]
    assert conditions.fits([], subject())


def test_a_customer_alone_has_no_interaction_to_ask_about() -> None:
    assert conditions.fits(one("vip", "equals", True), subject(alone=True))
    assert not conditions.fits(one("channel", "not", "chat"), subject(alone=True))


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ({"field": "colour", "op": "equals", "value": "x"}, "“colour”"),
        ({"field": "channel", "op": "greater", "value": 1}, "cannot be compared"),
        ({"field": "reason", "op": "equals", "value": ""}, "lacks a value"),
        ({"field": "reason", "op": "in", "value": []}, "lacks a value"),
        ({"field": "replies", "op": "greater", "value": "many"}, "not a number"),
        ({"field": "vip", "op": "equals", "value": "perhaps"}, "yes or no"),
        ({"field": ["x"], "op": {}, "value": None}, "no field"),
        ("nonsense", "a field, a comparison and a value"),
    ],
)
def test_what_is_wrong_is_named(condition: Any, fault: str) -> None:
    with translation.override("en"):
        [(place, told)] = conditions.faults([*one("channel", "set"), condition])
    assert place == 1
    assert fault in told


def test_an_interaction_cannot_be_asked_about_at_intervals() -> None:
    assert conditions.faults(one("channel", "set"), of_customer_alone=True)
    assert not conditions.faults(one("customer:segment", "set"), of_customer_alone=True)


@pytest.mark.parametrize(
    ("left", "right", "overlap"),
    [
        (one("channel", "in", ["chat"]), one("channel", "equals", "phone"), False),
        (one("channel", "in", ["chat", "phone"]), one("channel", "equals", "Phone"), True),
        (one("channel", "not", "chat"), one("channel", "equals", "chat"), False),
        (one("reason", "unset"), one("reason", "equals", "x"), False),
        (one("tag", "in", ["a"]), one("tag", "in", ["b"]), True),
        (one("channel", "equals", "chat"), one("team", "equals", "3"), True),
    ],
)
def test_whether_two_rules_can_meet(left: Any, right: Any, overlap: bool) -> None:
    assert conditions.may_overlap(left, right) is overlap
    assert conditions.may_overlap(right, left) is overlap


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ([], one("channel", "equals", "chat"), True),
        (one("channel", "in", ["chat", "phone"]), one("channel", "equals", "chat"), True),
        (one("channel", "equals", "chat"), one("channel", "in", ["chat", "phone"]), False),
        (one("channel", "equals", "chat"), [], False),
        (one("replies", "greater", 3), one("replies", "greater", 3), True),
    ],
)
def test_whether_one_rule_covers_another(wide: Any, narrow: Any, covers: bool) -> None:
    assert conditions.covers(wide, narrow) is covers
