"""What managers put beside a comment on its page: notes, tags, and that an answer is not to count."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feedback import exclusions, notes, tags
from feedback.models import Comment, CommentTag, Exclusion, Note, Response, Tag
from ground.models import AuditEntry, Membership, Role, Team, User
from surveys.models import Agent, Survey
from tests.config.reading import make_comment, make_response

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
ACTS = {
    "note": {"text": "Перезвонить"}, "note_remove": {"note": "1"}, "tag": {"tag": "vip"}, "untag": {"tag": "1"},
    "exclude": {"reason": "test"}, "include": {},
}  # fmt: skip


@pytest.fixture
def answer(survey: Survey, team: Team, agent: Agent) -> Response:
    return make_response(survey, score=2, text="Ждал час", team=team, agent=agent)


@pytest.fixture
def comment(answer: Response) -> Comment:
    return answer.comment


@pytest.fixture
def desk(login: Login, manager: User) -> Client:
    User.objects.update(language="en")
    return login(manager)


def act(client: Client, row: Comment | Response, verb: str, **values: Any) -> Any:
    address = reverse(f"admin:feedback_{row._meta.model_name}_{verb}", args=[row.pk])
    return client.post(address, values, headers={"accept": "text/html"})


def page_of(client: Client, row: Comment | Response) -> str:
    return client.get(reverse(f"admin:feedback_{row._meta.model_name}_change", args=[row.pk])).content.decode()


def test_a_note_is_written_read_and_removed(desk: Client, comment: Comment, viewer: User, login: Login) -> None:
    act(desk, comment, "note", text="Спросить у @Viewer")
    page = page_of(desk, comment)
    assert 'Спросить у <mark class="at">@Viewer</mark>' in page
    assert "Note added; mentioned: Viewer" in page
    note = Note.objects.get()
    assert list(note.mentions.all()) == [viewer]
    assert "Спросить у" in page_of(login(viewer), comment)
    login(note.author)
    act(desk, comment, "note_remove", note=note.pk)
    page = page_of(desk, comment)
    assert "Спросить у" not in page
    assert "removed on" in page


def test_nobody_removes_the_note_of_another(desk: Client, comment: Comment, administrator: User) -> None:
    note = notes.add(comment, "Моя", author=administrator)
    assert act(desk, comment, "note_remove", note=note.pk).status_code == 409
    elsewhere = notes.add(make_comment(), "Чужая", author=administrator)
    assert act(desk, comment, "note_remove", note=elsewhere.pk).status_code == 409
    assert not Note.objects.filter(removed_at__isnull=False).exists()


def test_what_was_typed_stays_when_it_cannot_be_taken(desk: Client, comment: Comment) -> None:
    reply = act(desk, comment, "note", text="я" * 5001)
    assert reply.status_code == 400
    assert "At most 5000 characters fit; this has 5001." in reply.content.decode()
    assert "я" * 5001 in reply.content.decode()
    assert "A note needs words." in act(desk, comment, "note", text=" ").content.decode()
    assert "A tag needs a word." in act(desk, comment, "tag", tag="#").content.decode()
    reply = act(desk, comment, "exclude", reason="other", note="")
    assert reply.status_code == 400
    assert "Please explain the other reason" in reply.content.decode()
    assert act(desk, comment, "exclude", reason="boredom").status_code == 400
    assert not Exclusion.objects.exists()


def test_tags_stand_on_the_page_and_in_the_row(desk: Client, comment: Comment, manager: User) -> None:
    act(desk, comment, "tag", tag="Пресса")
    tags.take("VIP")
    act(desk, comment, "tag", tag="vip")
    assert set(CommentTag.objects.values_list("tag__name", "author")) == {("Пресса", manager.pk), ("VIP", manager.pk)}
    assert "#VIP" in page_of(desk, comment)
    listed = desk.get(reverse("admin:feedback_comment_changelist")).content.decode()
    assert '<span class="chip tag">#Пресса</span>' in listed
    tag = Tag.objects.get(name="VIP")
    assert act(desk, comment, "untag", tag=tag.pk).status_code == 302
    assert "Somebody has taken this tag off already." in act_and_read(desk, comment, "untag", tag=tag.pk)
    assert [row.tag.name for row in CommentTag.objects.all()] == ["Пресса"]


def act_and_read(client: Client, row: Comment, verb: str, **values: Any) -> str:
    act(client, row, verb, **values)
    return page_of(client, row)


@pytest.mark.parametrize("kind", ["comment", "response"])
def test_an_answer_is_excluded_and_comes_back(desk: Client, answer: Response, kind: str) -> None:
    row = answer.comment if kind == "comment" else answer
    act(desk, row, "exclude", reason="other", note="Ошибка <b>обмена</b>")
    for name in ("comment", "response"):
        listed = desk.get(reverse(f"admin:feedback_{name}_changelist")).content.decode()
        assert "excluded: another reason" in listed
        counted = desk.get(reverse(f"admin:feedback_{name}_changelist"), {"evidence": "counted"})
        assert not counted.context["days"]
    page = page_of(desk, row)
    assert "Excluded from the scores: another reason" in page
    assert "Ошибка &lt;b&gt;обмена&lt;/b&gt;" in page
    act(desk, row, "include")
    page = page_of(desk, row)
    assert "Counts again" in page
    assert "Excluded from the scores: another reason" in page
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "response.excluded", "response.included",
    ]  # fmt: skip


def test_the_slower_of_two_is_told_who_excluded_it(desk: Client, answer: Response, administrator: User) -> None:
    exclusions.exclude(answer, reason="spam", by=administrator)
    reply = act(desk, answer.comment, "exclude", reason="test")
    assert reply.status_code == 409
    assert "Admin has excluded it already (advertising or nonsense)" in reply.content.decode()
    exclusions.include(answer, by=administrator)
    reply = act(desk, answer, "include")
    assert reply.status_code == 409
    assert "Admin has let it count again already" in reply.content.decode()


def test_a_response_without_words_can_be_excluded_too(desk: Client, survey: Survey, team: Team) -> None:
    silent = make_response(survey, score=1, team=team)
    act(desk, silent, "exclude", reason="test")
    silent.refresh_from_db()
    assert silent.is_excluded


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_who_may_only_look_writes_nothing(
    login: Login, comment: Comment, agent: Agent, team: Team, manager: User, role: str
) -> None:
    User.objects.update(language="en")
    person = User.objects.create_user("looks@example.org", language="en")
    Membership.objects.create(user=person, team=team, role=role)
    agent.user = person
    agent.save(update_fields=["user"])
    notes.add(comment, "Внутреннее", author=manager)
    client = login(person)
    for verb, values in ACTS.items():
        assert act(client, comment, verb, **values).status_code == 403
    page = page_of(client, comment)
    assert "Внутреннее" in page
    for word in ("Add note", "Add tag", "Exclude", "Remove note"):
        assert word not in page
    assert Note.objects.count() == 1
    assert not CommentTag.objects.exists()


def test_nothing_of_another_team(login: Login, answer: Response, outsider: User) -> None:
    client = login(outsider)
    for verb, values in ACTS.items():
        assert act(client, answer.comment, verb, **values).status_code == 404
    for verb in ("exclude", "include"):
        assert act(client, answer, verb, **ACTS[verb]).status_code == 404


@pytest.mark.parametrize(("verb", "values"), [("untag", {"tag": "x"}), ("note_remove", {"note": "9" * 40})])
def test_what_no_button_sends_is_refused(desk: Client, comment: Comment, verb: str, values: dict[str, str]) -> None:
    assert act(desk, comment, verb, **values).status_code == 400
    assert desk.get(reverse(f"admin:feedback_comment_{verb}", args=[comment.pk])).status_code == 405


def test_only_colleagues_who_may_see_it_are_offered(
    desk: Client, comment: Comment, viewer: User, outsider: User
) -> None:
    twin = User.objects.create_user("twin@example.org", name="viewer")
    Membership.objects.create(user=twin, team=None, role=Role.ADMINISTRATOR)
    page = page_of(desk, comment)
    for handle in ("viewer@example.org", "twin@example.org"):
        assert f'data-handle="{handle}"' in page
    assert "Outsider" not in page
    assert "Manager</li>" not in page


def test_markup_in_notes_tags_and_names_stays_text(desk: Client, comment: Comment, viewer: User) -> None:
    evil = '"><script>alert(1)</script>'
    User.objects.filter(pk=viewer.pk).update(name=evil)
    act(desk, comment, "note", text=evil)
    act(desk, comment, "tag", tag=evil)
    assert "<script>alert" not in page_of(desk, comment)
    assert "<script>alert" not in desk.get(reverse("admin:feedback_comment_changelist")).content.decode()


class TestTags:
    @pytest.fixture
    def tidy(self, login: Login, administrator: User) -> Client:
        User.objects.update(language="en")
        return login(administrator)

    def test_a_tag_is_renamed_but_never_into_another(self, tidy: Client, comment: Comment, manager: User) -> None:
        tag, _fresh = tags.add(comment, "ВИП", author=manager)
        tags.take("Пресса")
        address = reverse("admin:feedback_tag_change", args=[tag.pk])
        assert "There is a tag of this name: Пресса" in tidy.post(address, {"name": "ПРЕССА"}).content.decode()
        assert tidy.post(address, {"name": " вип "}).status_code == 302
        tag.refresh_from_db()
        assert tag.name == "вип"

    def test_two_become_one(self, tidy: Client, comment: Comment, manager: User) -> None:
        old, _fresh = tags.add(comment, "вип", author=manager)
        new = tags.take("важные")
        page = tidy.get(reverse("admin:feedback_tag_change", args=[old.pk])).content.decode()
        assert "Make them one" in page
        merge = reverse("admin:feedback_tag_merge", args=[old.pk])
        assert tidy.post(merge, {"into": "вип"}).status_code == 400
        assert tidy.post(merge, {"into": "нет такого"}).status_code == 400
        assert tidy.post(merge, {"into": "важные"}, follow=True).status_code == 200
        assert [row.tag for row in CommentTag.objects.all()] == [new]
        assert tidy.post(merge, {"into": "важные"}).status_code == 404

    def test_deleting_says_how_many_lose_it(self, tidy: Client, comment: Comment, manager: User) -> None:
        tag, _fresh = tags.add(comment, "вип", author=manager)
        address = reverse("admin:feedback_tag_delete", args=[tag.pk])
        assert "1 comment loses it" in tidy.get(address).content.decode()
        tidy.post(address, {"post": "yes"})
        assert not Tag.objects.exists()
        assert Comment.objects.exists()

    def test_managers_of_one_team_do_not_tidy(self, desk: Client, comment: Comment, manager: User) -> None:
        tag, _fresh = tags.add(comment, "вип", author=manager)
        assert desk.get(reverse("admin:feedback_tag_changelist")).status_code == 403
        assert desk.post(reverse("admin:feedback_tag_merge", args=[tag.pk]), {"into": "x"}).status_code == 403
