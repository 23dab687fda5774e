"""What customers and CRMs write never becomes markup on the desk."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from feedback import filters, tags
from feedback.admin.beside import ACTS as BESIDE
from feedback.admin.correcting import ACTS
from feedback.models import Note, SavedView
from ground.models import Job, Team, User
from surveys.models import Agent, Customer, Message, Survey
from tests import factories
from tests.config.reading import label, make_response, make_topic

pytestmark = pytest.mark.django_db
PAYLOAD = "<img src=x onerror=alert(1)>\"'</script>{{7*7}}"


@pytest.fixture
def hostile(survey: Survey, organisation: Any) -> dict[str, Any]:
    """Rows whose every free text is a payload."""
    team = Team.objects.create(code="x", name=PAYLOAD)
    agent = Agent.objects.create(external_id=PAYLOAD, name=PAYLOAD, team=team)
    customer = Customer.objects.create(external_id=PAYLOAD, name=PAYLOAD, attributes={PAYLOAD: PAYLOAD})
    topic = make_topic()
    topic.names = {"en": PAYLOAD, "ru": PAYLOAD}
    topic.save()
    answer = make_response(survey, text=PAYLOAD, team=team, agent=agent, channel="phone", customer=customer)
    label(answer.comment, topic=topic, spans=[[0, 9, "tone-"], [4, 30, "constructive"]])
    interaction = answer.invitation.interaction
    interaction.reason, interaction.tags, interaction.attributes = PAYLOAD, [PAYLOAD], {PAYLOAD: PAYLOAD}
    interaction.save()
    message = Message.objects.create(invitation=answer.invitation, address="a@example.org", error=PAYLOAD)
    return {
        "feedback_comment": answer.comment, "feedback_response": answer, "surveys_customer": customer,
        "surveys_agent": agent, "surveys_interaction": interaction, "surveys_invitation": answer.invitation,
        "surveys_message": message, "ground_team": team, "feedback_topic": topic,
    }  # fmt: skip


def test_payloads_stay_text_on_every_list_and_page(
    login: Callable[[User], Client], administrator: User, hostile: dict[str, Any]
) -> None:
    desk = login(administrator)
    for name, row in hostile.items():
        for address in (
            reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_change", args=[row.pk]),
            reverse(f"admin:{name}_history", args=[row.pk]),
        ):  # fmt: skip
            page = desk.get(address, follow=True).content.decode()
            assert "<img src=x" not in page, address


def test_the_admin_allows_no_foreign_or_inline_script(login: Callable[[User], Client], administrator: User) -> None:
    policy = login(administrator).get(reverse("admin:feedback_comment_changelist"))["Content-Security-Policy"]
    [scripts] = [part for part in policy.split(";") if part.strip().startswith("script-src")]
    assert "'unsafe-inline'" not in scripts
    assert "http" not in scripts


# As bytes, since an address can hold what is no text.
GARBAGE = [
    b"\0", b"9" * 30, b"-1", "é".encode() * 300, b"\xed\xa0\x80", b"[]", b"1' OR 1=1--", b"NaN", b"\r\nX: 1",
    "٣".encode(), b"2026-02-30", b"'\"(*)", b"9223372036854775808", b" ",
]  # fmt: skip
LISTS = [
    "feedback_comment",
    "feedback_response",
    "feedback_tag",
    "surveys_customer",
    "surveys_agent",
    "ground_auditentry",
]
PARAMETERS = [
    *filters.COMMENT_FILTERS,
    *filters.RESPONSE_FILTERS,
    *["before", "after", "job", "list", "p", "o", "s", "view"],
]
FIELDS = [
    "tone",
    "yes",
    "topic",
    "seen",
    "text",
    "note",
    "tag",
    "reason",
    "list",
    "name",
    "query",
    "is_shared",
    "into",
    "format",
    "act",
    "more",
    "pick",
    "looked",
    "token",
    "every",
    "confirmed",
    "row",
    "again",
    "leave",
    "sure",
    "quiet_from",
    "quiet_until",
    "daily_at",
    "mention",
    "contact_request",
    "negative_comment",
    "cues_ru",
    "code",
    "position",
    "personal",
]


def refused(reply: Any, *, was: Any) -> None:
    assert reply.status_code < 500, (reply.status_code, was)


def forms(desk_rows: dict[str, Any]) -> Iterator[str]:
    """Every address of the desk that takes a form."""
    own = [desk_rows["feedback_comment"].pk]
    yield from (reverse(f"admin:feedback_comment_{verb}", args=own) for verb in {**ACTS, **BESIDE, "text": None})
    answer = [desk_rows["feedback_response"].pk]
    yield from (reverse(f"admin:feedback_response_{verb}", args=answer) for verb in ("exclude", "include"))
    yield from (reverse(f"admin:feedback_{what}_export") for what in ("comment", "response"))
    yield from (reverse(f"admin:feedback_comment_{verb}") for verb in ("bulk", "keep"))
    view, tag, job = desk_rows["view"].pk, desk_rows["tag"].pk, desk_rows["job"].pk
    yield from (reverse(f"admin:feedback_comment_{verb}", args=[view]) for verb in ("view", "view_drop"))
    yield from (reverse(f"admin:feedback_tag_{verb}", args=[tag]) for verb in ("merge", "change"))
    yield from (reverse(f"desk:job_{verb}", args=[job]) for verb in ("cancel", "undo", "retry"))
    yield from (reverse("desk:notifications"), reverse("admin:surveys_invitation_unsettled"))
    yield from (reverse("admin:feedback_topic_add"), reverse("admin:feedback_tag_add"))


@pytest.fixture
def rows(hostile: dict[str, Any], survey: Survey, administrator: User) -> dict[str, Any]:
    comment = hostile["feedback_comment"]
    tag, _fresh = tags.add(comment, "срочно", author=administrator)
    Note.objects.create(comment=comment, author=administrator, text="x")
    view = SavedView.objects.create(owner=administrator, name="x", query="state=open")
    job = Job.objects.create(kind="bulk_comments", author=administrator, total=0,
                             params={"act": "done", "value": "", "ids": [], "seen": 0, "newest": 0})  # fmt: skip
    factories.make_invitation(survey, state="uncertain")
    return hostile | {"tag": tag, "view": view, "job": job}


def test_no_address_of_a_list_breaks_it(
    login: Callable[[User], Client], administrator: User, rows: dict[str, Any]
) -> None:
    desk, story = login(administrator), reverse("admin:feedback_comment_change", args=[rows["feedback_comment"].pk])
    pages = [reverse(f"admin:{name}_changelist") for name in LISTS]
    pages += [
        story,
        reverse("analytics:dashboard"),
        reverse("desk:jobs"),
        reverse("admin:surveys_invitation_unsettled"),
    ]
    for page in pages:
        for value in map(quote, GARBAGE):
            address = page + "?" + "&".join(f"{name}={value}" for name in PARAMETERS)
            refused(desk.get(address), was=(page, value))
    for name in PARAMETERS:
        for value in map(quote, GARBAGE[:3]):
            refused(desk.get(f"{pages[0]}?{name}={value}"), was=(name, value))


def test_no_form_breaks_the_desk(login: Callable[[User], Client], administrator: User, rows: dict[str, Any]) -> None:
    desk = login(administrator)
    for address in forms(rows):
        for value in GARBAGE[::2]:
            body = "&".join(f"{name}={quote(value)}" for name in FIELDS)
            reply = desk.post(address, body, content_type="application/x-www-form-urlencoded")
            refused(reply, was=(address, value))
        for usual in (
            {},
            {"tone": "mixed", "topic": "delays", "yes": "yes"},
            {"act": "done", "looked": "1", "token": "t" * 16},
        ):
            for value in ("\0", "9" * 18, "x" * 6000):
                refused(desk.post(address, {name: value for name in FIELDS} | usual), was=(address, usual))


def test_type_ahead_lists_answer_in_one_order(login: Callable[[User], Client], administrator: User) -> None:
    asked = {"app_label": "feedback", "model_name": "comment", "field_name": "customer", "term": "x"}
    assert login(administrator).get(reverse("admin:autocomplete"), asked).json()["results"] == []
