"""From one comment to the next and back to the list, the customer's other moments, and what it all costs."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback import exclusions, intake, notes, tags
from feedback.admin.listing import PAGE
from feedback.intake import Given
from feedback.models import Comment, ReadMark
from ground.models import Team, User
from surveys.models import Agent, Customer, Invitation, Survey
from tests import factories
from tests.config.reading import label, make_comment, make_response, make_topic

pytestmark = pytest.mark.django_db
LIST = "admin:feedback_comment_changelist"


@pytest.fixture
def desk(login: Callable[..., Client], manager: User) -> Client:
    User.objects.filter(pk=manager.pk).update(language="en")
    return login(manager)


def row_of(team: Team, *, minutes: int, tone: str = "negative") -> Comment:
    return label(make_comment(team=team, said_at=timezone.now() - dt.timedelta(minutes=minutes)), tone=tone)


def page(comment: Comment) -> str:
    return reverse("admin:feedback_comment_change", args=[comment.pk])


def test_the_way_leads_through_the_list_one_came_from(desk: Client, team: Team, other_team: Team) -> None:
    first, second, third = (row_of(team, minutes=minutes) for minutes in (1, 3, 5))
    row_of(team, minutes=2, tone="positive")
    row_of(other_team, minutes=4)
    listed = desk.get(reverse(LIST), {"tone": "negative"}).content.decode()
    address = f"{page(second)}?list=tone%3Dnegative"
    assert f'href="{address}"' in listed
    walk = desk.get(address).context["walk"]
    assert (walk.newer, walk.older) == (f"{page(first)}?list=tone%3Dnegative", f"{page(third)}?list=tone%3Dnegative")
    assert walk.back == f"{reverse(LIST)}?tone=negative#c{second.pk}"
    ends = desk.get(walk.newer).context["walk"], desk.get(walk.older).context["walk"]
    assert (ends[0].newer, ends[1].older) == ("", "")


def test_without_a_list_the_way_leads_through_everything(desk: Client, team: Team) -> None:
    first, second = row_of(team, minutes=1), row_of(team, minutes=2, tone="positive")
    assert desk.get(page(first)).context["walk"].older == page(second)
    assert desk.get(page(second)).context["walk"].older == ""


def test_an_act_keeps_the_list(desk: Client, team: Team) -> None:
    comment = row_of(team, minutes=1)
    shown = desk.get(f"{page(comment)}?list=state%3Dopen%26q%3D%D0%B6%D0%B4%D0%B0%D0%BB").content.decode()
    assert '<input type="hidden" name="list" value="state=open&amp;q=ждал">' in shown
    done = desk.post(
        reverse("admin:feedback_comment_done", args=[comment.pk]),
        {"list": "state=open&q=ждал"}, headers={"accept": "text/html"},
    )  # fmt: skip
    assert parse_qs(urlsplit(done["Location"]).query) == {"list": ["state=open&q=ждал"]}
    walk = desk.get(done["Location"]).context["walk"]
    assert walk.back.startswith(f"{reverse(LIST)}?state=open&q=%D0%B6")


def test_from_deep_in_the_list_one_comes_back_to_that_place(desk: Client, team: Team) -> None:
    deep = row_of(team, minutes=500)
    newer = [row_of(team, minutes=400 - number) for number in range(PAGE)]
    walk = desk.get(page(deep)).context["walk"]
    assert f"before={newer[0].pk}" in walk.back
    listed = desk.get(walk.back).context["days"]
    assert [row.pk for _day, rows in listed for row in rows][0] == deep.pk


@pytest.mark.parametrize("query", ["%", "tone=", "a" * 5000, "tone=x&after=9&before=z", "q=" + "«" * 300, "\0"])
def test_odd_lists_are_harmless(desk: Client, team: Team, query: str) -> None:
    assert desk.get(page(row_of(team, minutes=1)), {"list": query}).status_code == 200


def test_the_customers_moments_stand_newest_first_within_the_readers_teams(
    desk: Client, survey: Survey, team: Team, other_team: Team, customer: Customer, manager: User
) -> None:
    now = timezone.now()
    shared = {"customer": customer, "team": team}
    answer = make_response(survey, score=2, text="Долго", at=now - dt.timedelta(days=2), **shared)
    excluded = make_response(survey, score=5, at=now - dt.timedelta(days=1), **shared)
    exclusions.exclude(excluded, reason="test", by=manager)
    make_comment(text="Отзыв на сайте", said_at=now - dt.timedelta(days=3), stars=4, **shared)
    secret = make_response(survey, score=1, text="Тайна", customer=customer, team=other_team)
    make_comment(text="Секрет", customer=customer, team=other_team)
    found = desk.get(page(answer.comment)).context["moments"]
    assert [moment.about for moment in found if moment.badge] == ["CSAT", "CSAT", "site"]
    assert [(moment.badge.value, moment.badge.scale) for moment in found if moment.badge] == [
        ("5", "of 5"), ("2", "of 5"), ("4", "★ of 5"),
    ]  # fmt: skip
    assert [bool(moment.link) for moment in found if moment.badge] == [True, False, True]
    assert [moment.is_excluded for moment in found if moment.badge] == [True, False, False]
    assert any(moment.about.startswith("Contact") for moment in found)
    shown = desk.get(page(answer.comment)).content.decode()
    assert secret.comment.text not in shown
    assert "Секрет" not in shown
    assert f"{reverse(LIST)}?customer={customer.pk}" in shown


def test_all_comments_of_the_customer_are_one_link_away(
    desk: Client, team: Team, other_team: Team, customer: Customer
) -> None:
    own, _other = make_comment(team=team, customer=customer), make_comment(team=team)
    make_comment(team=other_team, customer=customer)
    listed = desk.get(reverse(LIST), {"customer": customer.pk}).context["days"]
    assert [row.pk for _day, rows in listed for row in rows] == [own.pk]


def test_the_link_to_copy_is_built_from_the_base_address(desk: Client, team: Team, settings: object) -> None:
    settings.BASE_URL = "https://otklik.example"
    comment = row_of(team, minutes=1)
    assert f'value="https://otklik.example{page(comment)}"' in desk.get(page(comment)).content.decode()


def test_a_text_that_the_customer_changes_is_open_and_unread_again_for_everybody(
    desk: Client, manager: User, administrator: User, make_invitation: Callable[..., Invitation], team: Team
) -> None:
    invitation = make_invitation(team=team)
    intake.record(invitation, Given(score=3, text="Долго", proofs=("key",)))
    comment = Comment.objects.get()
    for reader in (manager, administrator):
        ReadMark.objects.create(user=reader, comment=comment)
    Comment.objects.update(done_at=timezone.now(), done_by=manager)
    intake.record(invitation, Given(score=2, proofs=("key",)))
    comment.refresh_from_db()
    assert comment.done_at
    assert ReadMark.objects.count() == 2
    intake.record(invitation, Given(score=2, text="Долго и грубо", proofs=("key",)))
    comment.refresh_from_db()
    assert (comment.done_at, comment.done_by) == (None, None)
    assert not ReadMark.objects.exists()
    steps = [(step.title, step.notes) for step in desk.get(page(comment)).context["steps"]]
    assert ("Customer's change: 3 → 2", ["confirmed"]) in steps
    assert ("Customer's change: text changed", ["open and unread again for everybody", "confirmed"]) in steps


def test_a_long_story_costs_as_many_queries_as_a_short_one(
    desk: Client, survey: Survey, team: Team, agent: Agent, manager: User, administrator: User,
    django_assert_max_num_queries: Callable,
) -> None:  # fmt: skip
    def story(*, many: int) -> Comment:
        customer = factories.make_customer()
        answers = [
            make_response(survey, score=1, text="Ждал", team=team, agent=agent, customer=customer) for _n in range(many)
        ]
        comment = answers[0].comment
        label(comment, topic=make_topic())
        for number in range(many):
            make_comment(team=team, customer=customer)
            notes.add(comment, f"Заметка {number} для @Admin", author=manager)
            tags.add(comment, f"метка {number}-{comment.pk}", author=manager)
            exclusions.exclude(comment, reason="test", by=manager)
            exclusions.include(comment, by=administrator)
        return comment

    few, lots = story(many=1), story(many=12)
    desk.get(page(few))  # the first visit marks it read
    desk.get(page(lots))
    costs = []
    for comment in (few, lots):
        with django_assert_max_num_queries(60) as counted:
            desk.get(page(comment))
        costs.append(len(counted))
    assert costs[0] == costs[1]
