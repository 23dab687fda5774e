import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ground.working_time import Hours
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
        ({"is_skipped": True}, "skipped"),
        ({"rolling_maximum": 1, "rolling": 90 * DAY, "history": (asked(60, survey=2),)}, "rolling_maximum"),
        ({"pause": "case"}, "pause_case"),
        ({"pause": "soft_bounce"}, "pause_soft_bounce"),
        ({"pause": "manual"}, "pause_manual"),
        ({"quota": 10, "answers": 10}, "quota_full"),
        ({"quota": 0}, "quota_full"),
        ({"survey_quota": 10, "survey_answers": 10}, "survey_quota_full"),
        ({"share": 0.25, "draw": 0.25}, "sampled_out"),
        ({"share": 0.0}, "sampled_out"),
        ({"latest": NOON - DAY}, "expired"),
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


def test_whatever_refuses_comes_in_the_promised_order() -> None:
    """Each check is made good after the other; the next one refuses."""
    worst = {
        "suppressed": "erased", "is_abandoned": True, "asked_about_closing": True, "history": (asked(1),),
        "rolling_maximum": 1, "rolling": 90 * DAY, "pause": "case", "quota": 0, "share": 0.0, "latest": NOON - DAY,
    }  # fmt: skip
    seen = []
    for mends in [
        {"suppressed": None}, {"is_abandoned": False}, {"asked_about_closing": False},
        {"history": (asked(1, survey=2),)},
        {"gap": dt.timedelta()}, {"rolling_maximum": None}, {"pause": ""}, {"quota": None}, {"share": 1.0},
        {"latest": eligibility.NEVER},
    ]:  # fmt: skip
        seen.append(decide(dataclasses.replace(FINE, **worst)).reason)
        worst |= mends
    assert seen == [
        "erased", "abandoned", "already_asked", "survey_rest", "gap", "rolling_maximum", "pause_case", "quota_full",
        "sampled_out", "expired",
    ]  # fmt: skip
    assert decide(dataclasses.replace(FINE, **worst)).may_ask


@pytest.mark.parametrize(
    ("mine", "theirs", "is_exempt"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_surveys_of_two_kinds_exempt_each_other_from_the_gap_alone(mine, theirs, is_exempt) -> None:
    other = dataclasses.replace(asked(3, survey=2), kind="relational", ignores_other_kind=theirs)
    facts = dataclasses.replace(FINE, ignores_other_kind=mine, history=(other,))
    assert decide(facts).may_ask is is_exempt
    alike = dataclasses.replace(facts, kind="relational")
    assert decide(alike).reason == "gap"
    full = dataclasses.replace(facts, gap=dt.timedelta(), rolling_maximum=1, rolling=90 * DAY)
    assert decide(full).reason == "rolling_maximum"


def test_the_rolling_maximum_holds_for_every_span_that_holds_the_moment() -> None:
    """Two behind and one ahead: no ninety days may hold four."""
    facts = dataclasses.replace(
        FINE, gap=dt.timedelta(), rolling_maximum=3, rolling=90 * DAY,
        history=(asked(80, survey=2), asked(40, survey=3), asked(-20, survey=4)),
    )  # fmt: skip
    assert decide(facts).may_ask  # from the first on the span ends before the one ahead
    closer = dataclasses.replace(facts, history=(*facts.history[:2], asked(-5, survey=4)))
    assert decide(closer).reason == "rolling_maximum"
    over = dataclasses.replace(facts, history=(asked(90, survey=2), asked(40, survey=3), asked(30, survey=4)))
    assert decide(over).may_ask


def test_a_reminder_skips_what_held_for_its_ask() -> None:
    facts = dataclasses.replace(
        FINE, history=(asked(1), asked(2, survey=2)), rolling_maximum=1, rolling=90 * DAY, share=0.0,
        full_days=frozenset({NOON.date()}),
    )  # fmt: skip
    verdict = decide(facts, for_reminder=True)
    assert verdict.may_ask
    assert not verdict.postponed
    assert [name for name, _passed in verdict.trace] == [
        "suppressed", "eligible", "already_asked", "pause", "quota", *eligibility.MOVES,
    ]  # fmt: skip
    assert decide(dataclasses.replace(facts, suppressed="unsubscribed"), for_reminder=True).reason == "unsubscribed"
    assert decide(dataclasses.replace(facts, pause="case"), for_reminder=True).reason == "pause_case"


OFFICE = Hours(zone=ZoneInfo("Europe/Moscow"), week={day: ((540, 1080),) for day in range(5)})  # 6 to 15 in UTC


@pytest.mark.parametrize(("now", "due_at", "moved"), [
    ("2026-05-12 12:00", "2026-05-12 12:00", ""),  # a Tuesday
    ("2026-05-12 03:00", "2026-05-12 06:00", "window"),
    ("2026-05-12 15:00", "2026-05-14 06:00", "daily_maximum"),
    ("2026-05-14 15:00", "2026-05-15 06:00", "window"),
    ("2026-05-15 16:00", "2026-05-18 06:00", "window"),
    ("2026-05-13 12:00", "2026-05-14 06:00", "daily_maximum"),
    ("2026-05-13 20:00", "2026-05-14 06:00", "window"),
    ("2026-05-19 12:00", "2026-05-25 06:00", "daily_maximum"),
])  # fmt: skip
def test_a_full_day_or_a_closed_hour_moves_the_mail(now, due_at, moved) -> None:
    full = {dt.date(2026, 5, day) for day in (13, 19, 20, 21, 22)}
    facts = dataclasses.replace(FINE, now=utc(now), window=OFFICE, full_days=full)
    verdict = decide(facts)
    assert (verdict.reason, verdict.due_at, verdict.postponed) == ("", utc(due_at), moved)
    assert dict(verdict.trace)[moved or "window"] is (None if moved else True)


def test_what_would_be_moved_too_far_is_refused() -> None:
    full = {NOON.date() + day * DAY for day in range(40)}
    facts = dataclasses.replace(FINE, window=OFFICE, full_days=full, latest=NOON + 30 * DAY)
    assert decide(facts).reason == "expired"
    assert decide(dataclasses.replace(facts, window=Hours(zone=dt.UTC, week={}))).reason == "window"


def test_a_spread_lies_within_what_is_left_of_the_hours() -> None:
    facts = dataclasses.replace(FINE, now=utc("2026-05-12 09:00"), window=OFFICE, spread=0.5)
    verdict = decide(facts)
    assert (verdict.due_at, verdict.postponed) == (utc("2026-05-12 12:00"), "")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_every_check_has_words() -> None:
    assert set(eligibility.CHECK_NAMES) == {*eligibility.CHECKS, *eligibility.MOVES, "still_timely"}
