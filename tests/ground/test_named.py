"""How somebody is named in texts: found in every usual writing, covered at its length, and nothing else with it."""

import pytest

from ground.named import EMAIL, ID, NAME, PHONE, Names, Word

IVAN = Names(
    [Word(EMAIL, "ivan@mail.example"), Word(PHONE, "+79001234567"), Word(ID, "C-47119"), Word(NAME, "Иван Петров")]
)


@pytest.mark.parametrize(
    "named",
    [
        "Ivan@Mail.Example", "+79001234567", "8 (900) 123-45-67", "900.123.45.67", "c-47119", "ПЕТРОВ, Иван",
        "Иван  Петров",
    ],
)  # fmt: skip
def test_every_usual_writing_is_covered_at_its_length(named: str) -> None:
    text = f"Звонил {named}. Ещё"
    covered = IVAN.covered(text)
    assert len(covered) == len(text) and named not in covered and covered.startswith("Звонил •") and "Ещё" in covered


@pytest.mark.parametrize(
    "other", ["petr.ivan@mail.example", "890012345678", "C-471190", "Иван Петровский", "Иванов Петр", "Ивана Петрова"]
)
def test_whoever_is_called_alike_stays(other: str) -> None:
    assert IVAN.covered(other) == other


def test_what_too_many_are_called_is_not_looked_for() -> None:
    few = Names([Word(NAME, "Иван"), Word(ID, "42"), Word(PHONE, "911")])
    assert few.covered("Иван, 42, 911") == "Иван, 42, 911" and few.hints == []


def test_values_inside_json_are_covered() -> None:
    told = {"a": ["ivan@mail.example", 3], "b": {"ivan@mail.example": None}}
    assert IVAN.covered(told) == {"a": ["•" * 17, 3], "b": {"•" * 17: None}}
