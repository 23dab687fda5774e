"""Answers that somebody took out of the scores: kept, told, reversible, and left out of every count."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from analytics import rollups
from analytics.models import CommentDay, ScoreDay
from feedback import exclusions, intake
from feedback.exclusions import Already, Uncounted, Unexplained
from feedback.intake import Given
from feedback.models import Comment, Exclusion, Response
from ground.models import AuditEntry, Change, User
from ground.text import TextTooLong
from surveys.models import Invitation, Survey
from tests.config.reading import make_comment, make_response

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]


@pytest.fixture
def answer(survey: Survey) -> Response:
    return make_response(survey, score=2, text="Проверка связи")


def test_an_excluded_answer_leaves_every_count_and_comes_back(answer: Response, manager: User) -> None:
    Change.mark("response", answer.answered_at)
    Change.mark("comment", answer.answered_at)
    rollups.roll_up()
    assert (ScoreDay.objects.count(), CommentDay.objects.count()) == (1, 1)
    exclusions.exclude(answer.comment, reason="test", by=manager)
    rollups.roll_up()
    assert not ScoreDay.objects.exists()
    assert not CommentDay.objects.exists()
    exclusions.include(answer, by=manager)
    rollups.roll_up()
    assert (ScoreDay.objects.count(), CommentDay.objects.count()) == (1, 1)
    assert not rollups.verify().differences


def test_it_says_who_why_and_when_for_ever(answer: Response, manager: User, administrator: User) -> None:
    exclusions.exclude(answer, reason="staff", note="  Писал \n стажёр ", by=manager)
    exclusions.include(answer, by=administrator)
    exclusions.exclude(answer, reason="test", by=manager)
    first, second = exclusions.history(answer.comment)
    assert (first.reason, first.note, first.author, first.lifted_by) == (
        "staff", "Писал стажёр", manager, administrator,
    )  # fmt: skip
    assert first.lifted_at and second.lifted_at is None
    told = list(AuditEntry.objects.order_by("pk").values_list("verb", "actor", "subject", "detail"))
    about = f"feedback.response:{answer.pk}"
    assert told == [
        ("response.excluded", manager.pk, about, {"reason": "staff"}),
        ("response.included", administrator.pk, about, {}),
        ("response.excluded", manager.pk, about, {"reason": "test"}),
    ]


def test_the_slower_of_two_learns_who_was_faster(answer: Response, manager: User, administrator: User) -> None:
    with pytest.raises(Already) as nobody:
        exclusions.include(answer, by=manager)
    assert nobody.value.exclusion is None
    exclusions.exclude(answer, reason="test", by=administrator)
    with pytest.raises(Already) as faster:
        exclusions.exclude(answer.comment, reason="spam", by=manager)
    assert faster.value.exclusion and faster.value.exclusion.author == administrator
    assert Exclusion.objects.get().reason == "test"


def test_another_reason_wants_words(answer: Response, manager: User) -> None:
    with pytest.raises(Unexplained):
        exclusions.exclude(answer, reason="other", note=" ", by=manager)
    with pytest.raises(ValueError, match="boredom"):
        exclusions.exclude(answer, reason="boredom", by=manager)
    with pytest.raises(TextTooLong):
        exclusions.exclude(answer, reason="other", note="а" * 301, by=manager)
    assert not Exclusion.objects.exists()
    exclusions.exclude(answer, reason="other", note="Ошибка интеграции", by=manager)


def test_a_text_without_an_answer_is_excluded_by_itself(manager: User) -> None:
    review, held = make_comment(), make_comment(is_counted=False)
    exclusions.exclude(review, reason="spam", by=manager)
    review.refresh_from_db()
    assert not review.is_counted
    assert set(Comment.objects.filter(exclusions.of_comments())) == {review}
    exclusions.include(review, by=manager)
    review.refresh_from_db()
    assert review.is_counted
    assert not Comment.objects.filter(exclusions.of_comments()).exists()
    with pytest.raises(Uncounted):
        exclusions.exclude(held, reason="spam", by=manager)


def test_what_the_customer_changes_stays_excluded_and_answered(make_invitation: Make, manager: User) -> None:
    invitation = make_invitation()
    first = intake.record(invitation, Given(score=3, proofs=("key",))).response
    exclusions.exclude(first, reason="duplicate", by=manager)
    later = timezone.now() + dt.timedelta(minutes=5)
    intake.record(invitation, Given(score=5, text="Спасибо", proofs=("key",), at=later))
    response = Response.objects.get()
    assert (response.score, response.is_excluded) == (5, True)
    assert not Comment.objects.get().is_counted
    invitation.refresh_from_db()
    assert invitation.answer_state == "confirmed"
    exclusions.include(response, by=manager)
    assert Comment.objects.get().is_counted


def test_a_held_answer_that_comes_back_counts_only_once_confirmed(make_invitation: Make, manager: User) -> None:
    invitation = make_invitation()
    held = intake.record(invitation, Given(score=1, text="Плохо", evidence="held")).response
    exclusions.exclude(held, reason="test", by=manager)
    exclusions.include(held, by=manager)
    assert not Comment.objects.get().is_counted
    intake.record(invitation, Given(score=1, text="Плохо"))
    assert Comment.objects.get().is_counted
