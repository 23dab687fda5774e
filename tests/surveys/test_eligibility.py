import dataclasses
import datetime as dt

import pytest

from surveys import eligibility
from surveys.eligibility import Asked, Facts, decide

DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 5, 12, 12, tzinfo=dt.UTC)
FINE = Facts(
    now=NOON,
    survey_id=1,
    rest_after_answer=90 * DAY,
    rest_after_silence=30 * DAY,
    gap=7 * DAY,
    has_address=True,
    is_own_staff=False,
    no_consent=False,
    suppressed=None,
    is_finished=True,
    is_abandoned=False,
    asked_about_closing=False,
    history=(),
)


def asked(days_ago: float, *, survey: int = 1, answered: bool = False) -> Asked:
    at = NOON - days_ago * DAY
    return Asked(survey_id=survey, at=at, answered_at=at if answered else None)


def test_nothing_against_it() -> None:
    verdict = decide(FINE)
    assert verdict.may_ask
    assert [name for name, _passed in verdict.trace] == [*eligibility.CHECKS, *eligibility.MOVES]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_own_staff": True}, "own_staff"),
        ({"no_consent": True}, "no_consent"),
        ({"suppressed": "spam_report"}, "spam_report"),
        ({"has_address": False}, "no_address"),
        ({"is_finished": False}, "not_finished"),
        ({"is_abandoned": True}, "abandoned"),
        ({"asked_about_closing": True}, "already_asked"),
        ({"history": (asked(29),)}, "survey_rest"),
        ({"history": (asked(89, answered=True),)}, "survey_rest"),
        ({"history": (asked(6.9, survey=2),)}, "gap"),
        ({"history": (asked(-3, survey=2),)}, "gap"),
    ],
)
def test_each_reason(change: dict, reason: str) -> None:
    verdict = decide(dataclasses.replace(FINE, **change))
    assert verdict.reason == reason
    assert reason in eligibility.REASONS
    assert verdict.trace[-1][1] is False


@pytest.mark.parametrize("history", [(asked(30),), (asked(90, answered=True),), (asked(7, survey=2),)])
def test_a_rest_is_over_to_the_second(history: tuple[Asked, ...]) -> None:
    assert decide(dataclasses.replace(FINE, history=history)).may_ask


def test_the_first_refusal_wins() -> None:
    verdict = decide(dataclasses.replace(FINE, is_own_staff=True, asked_about_closing=True))
    assert verdict.reason == "own_staff"
    assert len(verdict.trace) == 1


def test_every_check_has_words() -> None:
    assert set(eligibility.CHECK_NAMES) == {*eligibility.CHECKS, *eligibility.MOVES, "still_timely"}
