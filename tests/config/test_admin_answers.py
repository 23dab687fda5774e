"""The desk shows and exports all that an answer says: further questions and every text."""

from django.test import Client
from django.urls import reverse

from feedback import columns, intake
from feedback.columns import Reader
from feedback.models import Comment, Response
from ground.access import scope_of
from ground.models import Team, User
from surveys.models import Invitation
from tests import factories
from tests.feedback import kinds

GIVEN = {
    "score": 2, "text": "Звоните на +7 916 555-44-33", "proofs": ("key",),
    "answers": {"aspects": {"speed": 1, "solved": 5}, "way": {"chat": 1}, "solved": {"": 0}},
    "texts": {"why": "Ответа в срок"},
}  # fmt: skip


def answered(team: Team) -> Response:
    invitation: Invitation = factories.make_invitation(kinds.make_survey(*kinds.EVERYTHING), team=team)
    return intake.record(invitation, intake.Given(**GIVEN)).response


def page(client: Client, row: Comment | Response) -> str:
    name = row._meta.model_name
    return client.get(reverse(f"admin:feedback_{name}_change", args=[row.pk])).content.decode()


def test_the_story_tells_every_answer_and_every_text(client: Client, manager: User, team: Team) -> None:
    response = answered(team)
    User.objects.update(language="ru")
    client.force_login(User.objects.get(pk=manager.pk))
    main, other = (
        Comment.objects.order_by("pk").filter(question__code="comment").get(),
        Comment.objects.get(question__code="why"),
    )
    for row in (response, main):
        text = page(client, row)
        for said in ("Скорость 1", "Решение вопроса 5", "В чате", "Вопрос решён?", "Чего не хватило?", "Ответа в срок"):
            assert said in text, said
        assert reverse("admin:feedback_comment_change", args=[other.pk]) in text
    beside = page(client, other)
    assert "Что добавите?" in beside and "555-44-33" not in beside


def test_a_changed_answer_is_told_as_a_change(client: Client, manager: User, team: Team) -> None:
    response = answered(team)
    assert response.invitation is not None
    given = GIVEN | {"answers": GIVEN["answers"] | {"way": {"mail": 1}}}
    intake.record(response.invitation, intake.Given(**given))
    User.objects.update(language="en")
    client.force_login(User.objects.get(pk=manager.pk))
    assert "Customer&#x27;s change: other answers changed" in page(client, response)


def test_an_export_line_has_the_other_answers_and_all_texts(manager: User, team: Team) -> None:
    response = answered(team)
    reader = Reader(scope=scope_of(manager), with_personal=False)
    (line,) = columns.of_responses([response.pk], reader=reader)
    cells = dict(zip(columns.RESPONSES, line, strict=True))
    assert "By chat" in cells["answers"] and "Speed 1 of 5 · Solving the problem 5 of 5" in cells["answers"]
    assert "Ответа в срок" in cells["text"] and "555-44-33" not in cells["text"]
