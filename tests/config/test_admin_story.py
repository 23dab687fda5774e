"""The page of one comment or response: everything that led to it, read-only."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback import classify
from feedback.models import Comment, Label, Revision, Touch
from ground.models import Team, User
from surveys.models import Decision, Message, Survey
from tests.config.reading import label, make_comment, make_response, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(login: Callable[..., Client], manager: User) -> Client:
    User.objects.filter(pk=manager.pk).update(language="en")
    return login(manager)


def test_the_story_tells_contact_decision_mail_touch_answer_and_change(
    desk: Client, survey: Survey, team: Team
) -> None:
    answer = make_response(survey, score=3, text="Долго", team=team, channel="phone")
    interaction = answer.invitation.interaction
    Decision.objects.create(
        interaction=interaction, closing=1, outcome="send", trace=[{"check": "gap", "passed": True}]
    )
    Message.objects.create(invitation=answer.invitation, address="olga@example.org", state="accepted")
    Touch.objects.create(invitation=answer.invitation, score=3, seconds_since_handover=90)
    Revision.objects.create(response=answer, number=2, score=2, text="Долго", evidence="confirmed")
    page = desk.get(reverse("admin:feedback_response_change", args=[answer.pk])).content.decode()
    for words in (
        "Contact began: phone", "May ask", "Enough distance to other surveys?", "Mail sent",
        "Link with score 3 opened", "1 min after the mail", "Answer: 3 (confirmed)", "3 → 2",
    ):  # fmt: skip
        assert words in page
    assert "olga@example.org" not in page


def test_labels_stand_with_value_source_confidence_and_words(desk: Client, team: Team) -> None:
    comment = make_comment(text="Ждал час", team=team)
    label(comment, spans=[[0, 4, "tone-"]], topic=make_topic(), confidence=0.866)
    response = desk.get(reverse("admin:feedback_comment_change", args=[comment.pk]))
    tone = response.context["statements"][0]
    assert (str(tone.value), tone.by, tone.confidence, tone.words) == ("negative", "rules-1", "0.87", ["Ждал"])


@pytest.mark.parametrize(("reader", "word"), [("en", "polarity"), ("ru", "полярность")])
def test_both_readers_of_english_say_their_polarity(
    login: Callable[..., Client], manager: User, team: Team, reader: str, word: str
) -> None:
    comment = make_comment(text="Terrible, rude and slow service", team=team)
    classify.classify([comment.pk])
    User.objects.filter(pk=manager.pk).update(language=reader)
    response = login(manager).get(reverse("admin:feedback_comment_change", args=[comment.pk]))
    said = [one.polarity for one in response.context["statements"] if one.polarity]
    assert len(said) == 2 and all(polarity.startswith("-") for polarity in said)
    assert all(f"{word} {polarity}" in response.content.decode() for polarity in said)


@pytest.mark.parametrize(("reader", "word"), [("en", "subjectivity 0."), ("ru", "субъективность 0,")])
def test_textblob_alone_tells_how_much_of_an_english_text_is_opinion(
    login: Callable[..., Client], manager: User, team: Team, reader: str, word: str
) -> None:
    comment = make_comment(text="Terrible, rude and slow service", team=team)
    russian = make_comment(text="Ужасное, грубое и медленное обслуживание, terrible", team=team)
    classify.classify([comment.pk, russian.pk])
    told = {label.version.partition("@")[0]: label.subjectivity for label in comment.labels.filter(scheme="tone")}
    assert len(told) == 2 and 0 < told.pop("textblob") <= 1 and set(told.values()) == {None}
    assert not russian.labels.exclude(subjectivity=None).exists()
    User.objects.filter(pk=manager.pk).update(language=reader)
    client = login(manager)
    pages = [client.get(reverse("admin:feedback_comment_change", args=[row.pk])) for row in (comment, russian)]
    assert [page.content.decode().count(word) for page in pages] == [1, 0]


@pytest.mark.parametrize("name", ["comment", "response"])
def test_another_teams_row_looks_like_none(desk: Client, survey: Survey, other_team: Team, name: str) -> None:
    answer = make_response(survey, text="Тайна", team=other_team)
    row = answer.comment if name == "comment" else answer
    foreign = desk.get(reverse(f"admin:feedback_{name}_change", args=[row.pk]))
    missing = desk.get(reverse(f"admin:feedback_{name}_change", args=[999_999]))
    assert foreign.status_code == missing.status_code == 404


@pytest.mark.parametrize("key", ["x", "9" * 40, "1_2f", "¹"])
def test_a_mangled_key_is_not_found(desk: Client, key: str) -> None:
    assert desk.get(reverse("admin:feedback_comment_change", args=[key])).status_code == 404


def test_the_story_takes_no_post(desk: Client, team: Team) -> None:
    comment = make_comment(text="Было", team=team)
    desk.post(reverse("admin:feedback_comment_change", args=[comment.pk]), {"text": "Стало"})
    comment.refresh_from_db()
    assert comment.text == "Было"


def test_the_words_of_an_older_text_are_not_marked_in_a_newer_one(desk: Client, team: Team) -> None:
    comment = label(make_comment(text="Ужасно", team=team), spans=[[0, 6, "tone-"]])
    comment.text, comment.classified_at = "Теперь хорошо", None
    comment.save(update_fields=["text", "classified_at"])
    page = desk.get(reverse("admin:feedback_comment_change", args=[comment.pk])).content.decode()
    assert "Теперь хорошо" in page
    assert '<mark class="neg">Теперь' not in page


def test_a_label_that_is_not_sure_is_dashed_whatever_the_class(desk: Client, team: Team) -> None:
    comment = label(make_comment(team=team), tone="mixed", confidence=0.46)
    Comment.objects.filter(pk=comment.pk).update(constructive=True)
    verdicts = dict(desk.get(reverse("admin:feedback_comment_change", args=[comment.pk])).context["verdicts"])
    assert [verdicts[name][0].hollow for name in ("Class", "Tone", "Suggestion")] == [False, True, False]


def test_what_an_older_reading_said_is_shown_as_outweighed(desk: Client, team: Team) -> None:
    """Read by rules alone at first, and by a model since, which finds another tone and no topic."""
    comment = make_comment(text="Ждал час", team=team)
    for source, tone in (("rule", "negative"), ("model", "neutral")):
        values = {"comment": comment, "source": source, "version": f"{source}-1", "confidence": 0.8}
        Label.objects.create(scheme="language", value="ru", **values)
        Label.objects.create(scheme="tone", value=tone, spans=[[0, 4, "tone-"]] if source == "rule" else [], **values)
        if source == "rule":
            Label.objects.create(scheme="topic", topic=make_topic(), value="yes", **values)
    Comment.objects.filter(pk=comment.pk).update(classified_at=timezone.now(), tone="neutral", tone_confidence=0.8)
    response = desk.get(reverse("admin:feedback_comment_change", args=[comment.pk]))
    holding = [(said.by, str(said.value)) for said in response.context["statements"] if said.holds]
    assert holding == [("model-1", "Russian"), ("model-1", "neutral")]
    assert '<mark class="neg">Ждал' not in response.content.decode()
