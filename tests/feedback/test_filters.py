"""The filters of the reading lists as parameters: what they find, what they leave out, and who may name what."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from feedback import choices, exclusions, filters, intake, reading, seeking, tags
from feedback.models import Comment, Response
from ground import access
from ground.models import Team, User
from surveys.models import Agent, Customer, Survey
from tests.config.reading import label, make_comment, make_response, make_topic

pytestmark = pytest.mark.django_db


def found(reader: User, **params: str) -> set[int]:
    rows = filters.comments_found(params, reader=reader, scope=access.scope_of(reader))
    return set(rows.values_list("pk", flat=True))


@pytest.fixture
def answer(survey: Survey, team: Team, agent: Agent) -> Comment:
    """A negative one of two stars, in Russian, with a topic, a tag and the wish to be called."""
    made = make_response(survey, score=2, text="Плохо", team=team, agent=agent, channel="phone", wants_contact=True)
    label(made.comment, topic=make_topic())
    Comment.objects.filter(response=made).update(language="ru", constructive=True)
    return Comment.objects.get(response=made)


@pytest.fixture
def review(answer: Comment) -> Comment:
    """A positive one without any of these."""
    row = label(make_comment(text="Хорошо", language="en"), tone="positive")
    return row


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"language": "ru"}, "answer"), ({"language": "en"}, "review"), ({"language": "other"}, ""),
        ({"constructive": "yes"}, "answer"), ({"constructive": "no"}, "review"),
        ({"contact": "yes"}, "answer"), ({"topic": "none"}, "review"), ({"topic": "delays"}, "answer"),
        ({"band": "low"}, "answer"), ({"band": "high"}, ""), ({"score": "2"}, "answer"), ({"score": "1-3"}, "answer"),
        ({"class": "unsure"}, ""), ({"evidence": "confirmed"}, "answer"), ({"evidence": "excluded"}, ""),
        ({"channel": "none"}, "review"), ({"period": "today"}, "both"), ({"evidence": "counted"}, "both"),
        ({"survey": "none"}, "review"), ({"language": "kk"}, ""),
        ({"q": "плохо"}, ""),
    ],
)  # fmt: skip
def test_each_parameter_finds_its_comments(
    administrator: User, answer: Comment, review: Comment, params: dict[str, str], expected: str
) -> None:
    Comment.objects.filter(pk=review.pk).update(language="en", constructive=False)
    keys = {"answer": {answer.pk}, "review": {review.pk}, "both": {answer.pk, review.pk}, "": set()}
    assert found(administrator, **params) == keys[expected]


def test_agent_customer_tag_and_reading_are_found_by_key(administrator: User, answer: Comment, review: Comment) -> None:
    tag, _fresh = tags.add(answer, "VIP", author=administrator)
    reading.mark_read(answer, reader=administrator)
    wanted = {"agent": str(answer.agent_id), "customer": str(answer.customer_id), "tag": str(tag.pk), "state": "read"}
    for name, value in wanted.items():
        assert found(administrator, **{name: value}) == {answer.pk}, name
    assert found(administrator, state="unread") == {review.pk}


def test_what_is_excluded_is_found_as_such_and_no_longer_as_counted(administrator: User, answer: Comment) -> None:
    exclusions.exclude(answer, reason="test", by=administrator)
    assert found(administrator, evidence="excluded") == {answer.pk}
    assert found(administrator, evidence="counted") == set()
    read = filters.responses_found({"evidence": "excluded"}, scope=access.EVERYTHING)
    assert [row.pk for row in read] == [answer.response_id]


def test_a_period_follows_the_calendar(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thursday, 14 May 2026; the organisation is in Moscow."""
    now = dt.datetime(2026, 5, 14, 9, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    days = {day: make_comment(said_at=now - dt.timedelta(days=day)).pk for day in (0, 3, 4, 6, 7, 27, 28, 89, 90)}
    shown = {period: {day for day, pk in days.items() if pk in found(administrator, period=period)}
             for period, _label in choices.PERIODS}  # fmt: skip
    assert shown == {
        "today": {0}, "week": {0, 3}, "7d": {0, 3, 4, 6}, "28d": {0, 3, 4, 6, 7, 27},
        "90d": {0, 3, 4, 6, 7, 27, 28, 89},
    }  # fmt: skip


def test_days_in_the_address_say_more_than_a_period(administrator: User) -> None:
    chosen = filters.read({"from": "2026-05-01", "period": "today"}, access.EVERYTHING, names=filters.COMMENT_FILTERS)
    assert chosen.params() == {"from": "2026-05-01"}


def test_by_whom_it_was_checked_is_found_along_an_index_of_its_own(
    administrator: User, manager: User, outsider: User, answer: Comment, review: Comment
) -> None:
    Comment.objects.filter(pk=answer.pk).update(checked_by=manager, checked_at=timezone.now())
    assert found(manager, checked="me") == found(administrator, checked=str(manager.pk)) == {answer.pk}
    assert found(administrator, checked="me") == set()
    assert found(administrator, checked="none") == {review.pk}
    scope = access.scope_of(administrator)
    _label, options = choices.Offers(scope, []).of("checked")
    assert [value for value, _name in options] == ["me", "none", str(manager.pk)]
    _label, options = choices.Offers(access.scope_of(outsider), []).of("checked")
    assert str(manager.pk) not in dict(options)
    chosen = filters.read({"checked": str(manager.pk)}, scope, names=filters.COMMENT_FILTERS)
    way = seeking.comments(chosen, reader=administrator, scope=scope)
    assert way.within is None
    if connection.vendor == "sqlite":
        assert "INDEX feedback_comment_checked" in way.found.order_by("-said_at", "-pk").values("pk").explain()


@pytest.mark.parametrize("name", [name for name in filters.COMMENT_FILTERS if name != "q"])
@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "\x00", "1 OR 1", "²", "٣", ""])
def test_a_value_that_nobody_could_have_chosen_is_left_out(
    administrator: User, answer: Comment, name: str, value: str
) -> None:
    chosen = filters.read({name: value}, access.EVERYTHING, names=filters.COMMENT_FILTERS)
    assert chosen.params() == {}
    assert found(administrator, **{name: value}) == {answer.pk}


def test_nothing_of_another_team_can_be_named(
    outsider: User, manager: User, answer: Comment, customer: Customer, other_team: Team
) -> None:
    tag, _fresh = tags.add(answer, "VIP", author=manager)
    own = make_comment(team=other_team)
    foreign: dict[str, Any] = {"team": answer.team_id, "agent": answer.agent_id, "customer": answer.customer_id,
                               "tag": tag.pk}  # fmt: skip
    for name, value in foreign.items():
        assert found(outsider, **{name: str(value)}) == {own.pk}, name
        assert found(manager, **{name: str(value)}) == {answer.pk}, name
    told = filters.read({}, access.scope_of(outsider), names=filters.COMMENT_FILTERS)
    offered = {label for choice in told.choices for _value, label in choice.options}
    assert not {"Первая линия", "Д. Климов", "VIP"} & {str(label) for label in offered}


def test_of_many_agents_the_first_are_offered_and_the_chosen_one(
    administrator: User, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "MOST_AGENTS", 1)
    Agent.objects.create(external_id="a0", name="А. Первая")
    everybody = filters.read({"agent": str(agent.pk)}, access.EVERYTHING, names=("agent",))
    assert [label for _value, label in everybody.choices[0].options] == ["А. Первая", "Д. Климов"]
    of_team = filters.read({"team": str(agent.team_id)}, access.EVERYTHING, names=("team", "agent"))
    assert [label for _value, label in of_team.choices[1].options] == ["Д. Климов"]


def test_a_comment_repeats_its_response_through_every_edit(make_invitation: Any) -> None:
    invitation = make_invitation()
    intake.record(invitation, intake.Given(score=1, text="Плохо", evidence="held", proofs=("key",)))
    for given in (
        intake.Given(score=5, text="Хорошо", proofs=("key",), wants_contact=True),
        intake.Given(score=3, proofs=("key",), is_deliberate=True),
        intake.Given(score=3, proofs=("key",), wants_contact=False),
    ):
        intake.record(invitation, given)
        response, comment = Response.objects.get(), Comment.objects.get()
        for name in ("score", "evidence", "wants_contact"):
            assert getattr(comment, name) == getattr(response, name), name
    assert comment.band == "mid"
    assert comment.is_counted


def test_responses_are_found_by_band_contact_and_period(survey: Survey, nps_survey: Survey, agent: Agent) -> None:
    low, high = make_response(survey, score=2, wants_contact=True), make_response(nps_survey, score=9, agent=agent)
    cases = {"band": ("low", low), "contact": ("yes", low), "agent": (str(agent.pk), high), "period": ("today", None)}
    for name, (value, only) in cases.items():
        rows = filters.responses_found({name: value}, scope=access.EVERYTHING)
        assert {row.pk for row in rows} == ({only.pk} if only else {low.pk, high.pk}), name
