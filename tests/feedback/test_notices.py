"""Who hears of negative comments, contact requests and mentions, and who must not."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from feedback import classify, exclusions, intake, notes, notices, reading
from feedback.intake import Given, Said
from feedback.models import Comment, ReadMark, Response
from ground import notice_mail
from ground.models import Membership, Notice, NoticeChoice, Outgoing, Role, User
from ground.notices import Pace
from surveys.models import Agent
from tests.config.reading import make_comment, make_response

pytestmark = pytest.mark.django_db

BAD = "Ужасно: ждал сорок минут, никто не помог. Мой номер +7 921 555-12-34."


def read(*comments: Comment) -> None:
    classify.classify([comment.pk for comment in comments])
    assert all(comment.classified_at for comment in Comment.objects.filter(pk__in=[row.pk for row in comments]))


def told(kind: str = "negative_comment") -> set[User]:
    return {row.user for row in Notice.objects.filter(kind=kind, told_at=None).select_related("user")}


def mail(user: User) -> Outgoing | None:
    """What the person would read if everything were due."""
    Notice.objects.filter(user=user).update(due_at=timezone.now())
    notice_mail.gather([user.pk])
    return Outgoing.objects.filter(user=user).order_by("-pk").first()


def ask_for_contact(invitation, *, evidence: str = "confirmed", text: str = "") -> Response:
    given = Given(score=1, text=text or None, wants_contact=True, evidence=evidence, proofs=("p",))
    return intake.record(invitation, given).response


@pytest.fixture
def colleague(team) -> User:
    user = User.objects.create_user("agent@example.org", name="Агент")
    Membership.objects.create(user=user, team=team, role=Role.AGENT)
    for kind in ("negative_comment", "contact_request"):
        NoticeChoice.objects.create(user=user, kind=kind, pace=Pace.IMMEDIATE)
    return user


# --- negative comments -------------------------------------------------------------------------------------------


def test_managers_of_the_team_and_of_everything_hear_of_it(team, manager, viewer, outsider, administrator) -> None:
    read(make_comment(text=BAD, team=team))
    assert told() == {manager, administrator}


def test_a_viewer_hears_of_it_who_chose_to(team, viewer) -> None:
    NoticeChoice.objects.create(user=viewer, kind="negative_comment", pace=Pace.DAILY)
    read(make_comment(text=BAD, team=team))
    assert told() == {viewer}


def test_without_a_team_only_the_whole_organisation_hears(manager, administrator) -> None:
    read(make_comment(text=BAD))
    assert told() == {administrator}


def test_an_agent_hears_only_of_the_own_work(team, colleague) -> None:
    mine = Agent.objects.create(external_id="me", team=team, user=colleague)
    other = Agent.objects.create(external_id="other", team=team)
    read(make_comment(text=BAD, team=team, agent=mine), make_comment(text=BAD, team=team, agent=other))
    assert Notice.objects.filter(user=colleague).count() == 1
    assert mail(colleague).subject.startswith("1 ")


def test_praise_old_texts_and_what_does_not_count_tell_nobody(team, manager) -> None:
    old = timezone.now() - dt.timedelta(days=8)
    read(
        make_comment(text="Спасибо, всё отлично!", team=team),
        make_comment(text=BAD, team=team, said_at=old),
        make_comment(text=BAD, team=team, is_counted=False),
    )
    assert not Notice.objects.exists()


def test_ten_thousand_old_reviews_tell_nobody(team, manager) -> None:
    old = timezone.now() - dt.timedelta(days=30)
    rows = intake.add_comments(
        [Said(source="review", text=BAD, external_key=str(n), said_at=old, team=team) for n in range(10_000)]
    )
    ids = [row.pk for row, _fresh in rows]
    Comment.objects.filter(pk__in=ids).update(classified_at=timezone.now(), tone="negative", tone_confidence=0.9)
    assert notices.tell_of_negative(Comment.objects.filter(pk__in=ids)) == 0


def test_an_edited_text_is_told_once(team, manager, make_invitation) -> None:
    invitation = make_invitation(team=team)
    given = {"score": 1, "evidence": "confirmed", "proofs": ("p",)}
    response = intake.record(invitation, Given(text=BAD, **given)).response
    read(response.comment)
    intake.record(invitation, Given(text="", **given))
    intake.record(invitation, Given(text=BAD + " Совсем плохо!", **given))
    comment = Comment.objects.get()
    read(comment)
    assert Notice.objects.filter(kind="negative_comment").count() == 1
    assert f"/{comment.pk}/" in mail(manager).text


def test_what_was_posted_is_told_when_a_program_would_have_shown_itself(team, manager, make_invitation) -> None:
    response = ask_for_contact(make_invitation(team=team), text=BAD)
    read(response.comment)
    notices.tell_of_contacts(notices.contacts_due(limit=9))
    dues = {row.kind: row.due_at for row in Notice.objects.filter(user=manager)}
    assert set(dues) == {"negative_comment", "contact_request"}
    assert all(due >= response.changed_at + notices.SHOWS_ITSELF for due in dues.values())
    assert dues["contact_request"] == response.changed_at + notices.SHOWS_ITSELF  # and no longer


def test_a_held_answer_tells_once_it_is_released(team, manager, make_invitation) -> None:
    invitation = make_invitation(team=team)
    held = Given(score=1, text=BAD, wants_contact=True, evidence="held", proofs=("p",))
    read(intake.record(invitation, held).response.comment)
    assert notices.contacts_due(limit=9) == []
    assert not Notice.objects.exists()
    intake.record(invitation, Given(score=1, text=BAD, evidence="confirmed", proofs=("p",)))
    assert told() == {manager}
    assert notices.contacts_due(limit=9)


@pytest.mark.parametrize("since", ["done", "read", "excluded", "moved away", "corrected"])
def test_what_needs_no_more_eyes_is_left_out(team, manager, other_team, since) -> None:
    comment = make_comment(text=BAD, team=team)
    read(comment)
    if since == "done":
        reading.mark_done(comment, by=manager)
    if since == "read":
        ReadMark.objects.create(comment=comment, user=manager)
    if since == "excluded":
        exclusions.exclude(comment, reason="test", by=manager)
    if since == "moved away":
        Comment.objects.update(team=other_team)
    if since == "corrected":
        Comment.objects.update(tone="positive")
    assert mail(manager) is None


def test_whoever_left_the_team_hears_nothing(team, manager) -> None:
    read(make_comment(text=BAD, team=team))
    manager.memberships.all().delete()
    assert mail(manager) is None


def test_the_mail_names_the_customer_and_hides_contacts(team, manager, customer, settings) -> None:
    settings.BASE_URL = "https://otklik.example.org"
    comment = make_comment(text=BAD, team=team, customer=customer, channel="phone")
    read(comment)
    letter = mail(manager)
    for body in (letter.text, letter.html):
        assert "Ольга Т." in body
        assert "сорок минут" in body
        assert f"https://otklik.example.org/admin/feedback/comment/{comment.pk}/change/" in body
        assert "555-12-34" not in body
        assert "olga@example.org" not in body
        assert "900 000" not in body
    assert "555" not in letter.subject


def test_fifty_lines_and_a_link_to_the_rest(team, manager, login) -> None:
    comments = [make_comment(text=BAD, team=team) for _n in range(60)]
    ids = [comment.pk for comment in comments]
    Comment.objects.update(classified_at=timezone.now(), tone="negative", tone_confidence=0.9)
    notices.tell_of_negative(Comment.objects.filter(pk__in=ids))
    letter = mail(manager)
    assert letter.subject.startswith("60 ")
    assert letter.text.count("/change/") == 50
    rest = re.search(r"/admin/feedback/comment/\?class=negative\S+", letter.text)[0]
    page = login(manager).get(rest)
    assert page.status_code == 200
    assert "60" in page.content.decode()


def test_the_mail_costs_the_same_for_many(team, manager, django_assert_max_num_queries) -> None:
    NoticeChoice.objects.create(user=manager, kind="negative_comment", pace=Pace.IMMEDIATE)
    comments = [make_comment(text=BAD, team=team) for _n in range(40)]
    Comment.objects.update(classified_at=timezone.now(), tone="negative", tone_confidence=0.9)
    with django_assert_max_num_queries(8):
        notices.tell_of_negative(Comment.objects.filter(pk__in=[comment.pk for comment in comments]))
    with django_assert_max_num_queries(22):
        assert mail(manager)


PAYLOADS = ["<script>x()</script>", '"><img src=x onerror=x()>', "{{ 7*7 }}", "{% now %}", "javascript:x()", "<b>"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_texts_and_names_stay_text(team, manager, customer, payload) -> None:
    customer.name = payload
    customer.save()
    read(make_comment(text=f"{BAD} {payload}", team=team, customer=customer))
    Comment.objects.update(tone="negative", tone_confidence=0.9, constructive=False)
    notices.tell_of_negative(Comment.objects.all())
    letter = mail(manager)
    assert "<script>x" not in letter.html
    assert "<img" not in letter.html
    assert "49" not in letter.html.replace("#1d6b5a", "").split("<h1")[1].split("</h1>")[0]
    assert payload in letter.text


# --- contact requests --------------------------------------------------------------------------------------------


def test_a_request_without_a_word_is_told_at_once(team, manager, viewer, make_invitation) -> None:
    response = ask_for_contact(make_invitation(team=team))
    assert notices.contacts_due(limit=9) == [response.pk]
    assert notices.tell_of_contacts([response.pk]) == 1
    assert notices.tell_of_contacts([response.pk]) == 0
    assert told("contact_request") == {manager}
    assert Notice.objects.get().due_at <= timezone.now() + notices.SHOWS_ITSELF
    assert f"/admin/feedback/response/{response.pk}/change/" in mail(manager).text


def test_a_request_with_a_text_leads_to_the_comment(team, manager, make_invitation) -> None:
    response = ask_for_contact(make_invitation(team=team), text=BAD)
    notices.tell_of_contacts([response.pk])
    letter = mail(manager)
    assert f"/admin/feedback/comment/{response.comment.pk}/change/" in letter.text
    assert "сорок минут" in letter.text


@pytest.mark.parametrize("evidence", ["unverified", "held"])
def test_a_doubtful_request_waits(team, manager, make_invitation, evidence) -> None:
    ask_for_contact(make_invitation(team=team), evidence=evidence)
    assert notices.contacts_due(limit=9) == []


def test_an_old_request_is_not_news(team, manager, survey) -> None:
    old = timezone.now() - dt.timedelta(days=9)
    response = make_response(survey, team=team, wants_contact=True, at=old, changed_at=old)
    assert notices.tell_of_contacts([response.pk]) == 0
    assert notices.contacts_due(limit=9) == []


def test_an_excluded_request_is_left_out(team, manager, survey) -> None:
    response = make_response(survey, team=team, wants_contact=True)
    notices.tell_of_contacts([response.pk])
    exclusions.exclude(response, reason="test", by=manager)
    assert mail(manager) is None


# --- mentions ----------------------------------------------------------------------------------------------------


def test_a_mention_is_told_at_once_and_not_to_its_author(team, manager, viewer) -> None:
    comment = make_comment(text=BAD, team=team)
    notes.add(comment, "@Viewer, @Manager, позвоните ему: +7 921 555-12-34", author=manager)
    assert told("mention") == {viewer}
    letter = mail(viewer)
    assert "Manager" in letter.text
    assert "555-12-34" not in letter.text
    assert f"/{comment.pk}/change/" in letter.text


def test_a_removed_note_is_told_to_nobody(team, manager, viewer) -> None:
    note = notes.add(make_comment(text=BAD, team=team), "@Viewer ?", author=manager)
    notes.remove(note, by=manager)
    assert mail(viewer) is None


def test_one_mail_tells_of_everything(team, manager, viewer, make_invitation) -> None:
    NoticeChoice.objects.create(user=manager, kind="negative_comment", pace=Pace.IMMEDIATE)
    comments = [make_comment(text=BAD, team=team) for _n in range(3)]
    read(*comments)
    notices.tell_of_contacts([ask_for_contact(make_invitation(team=team)).pk])
    notes.add(comments[0], "@Manager !", author=viewer)
    User.objects.filter(pk=manager.pk).update(language="en")
    assert mail(manager).subject == "1 note mentions you, 1 contact request, 3 negative comments"
    assert Outgoing.objects.count() == 1
