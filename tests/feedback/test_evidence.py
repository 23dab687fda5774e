"""Who is a person: touches, groups, held answers and settlement."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from feedback import evidence, settlement
from feedback.models import Comment, Response, Revision, Touch
from surveys import links
from surveys.models import Invitation, Message
from tests.feedback.answering import answer, send

Make = Callable[..., Invitation]
START = dt.datetime(2026, 5, 12, 9, tzinfo=dt.UTC)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140"


def touch(
    seconds: float, score: int | None = 4, *, agent: str = "a", trap: bool = False, mail: float = 600, kind: str = ""
) -> Touch:
    return Touch(
        header_class=kind,
        pk=round(seconds * 1000) + 1,
        at=START + dt.timedelta(seconds=seconds),
        score=score,
        is_trap=trap,
        agent_hash=agent,
        prefix_hash="p",
        seconds_since_handover=mail + seconds,
    )


def test_groups_are_cut_by_client_and_by_pauses_over_a_minute() -> None:
    touches = [touch(0), touch(60), touch(121), touch(1, agent="b")]
    assert [[one.at.second + 60 * one.at.minute for one in group.touches] for group in evidence.groups(touches)] == [
        [0, 60], [1], [121],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("group", "why"),
    [
        ([touch(0, 4)], ""),
        ([touch(0, 4), touch(1, 4)], ""),
        ([touch(0, 4), touch(1.9, 5)], "sweep"),
        ([touch(0, 4), touch(5, 5)], ""),
        ([touch(0, 3), touch(5, 4), touch(10, 5)], "sweep"),
        ([touch(0, None), touch(1, None, trap=True)], "trap"),
        ([touch(0, None), touch(1, 4)], ""),
    ],
)
def test_a_group_is_swept_by_trap_many_scores_or_two_at_once(group: list[Touch], why: str) -> None:
    assert evidence.why_swept(group) == why


def test_clients_that_open_one_link_each_are_looked_at_together() -> None:
    scattered = [touch(5 * number, number, agent=f"scanner{number}") for number in range(1, 4)]
    person = [touch(300, 5, agent="person")]
    assert [group.why for group in evidence.groups([*scattered, *person])] == ["sweep"] * 3 + [""]


@pytest.mark.parametrize(
    ("agents", "person", "evidence_of_post"),
    [
        (["s"] * 5, "person", "confirmed"),  # one program with many addresses, and somebody else
        (["s"] * 5, "s", "held"),
        (["s1", "s2", "s3", "s4", "s5"], "person", "held"),  # nobody knows who of them is no program
        (["s", "s", "other"], "person", "held"),  # without the strangers no sweep is left
    ],
)
def test_a_post_by_somebody_else_than_a_crowd_counts_and_a_click_does_not(
    agents: list[str], person: str, evidence_of_post: str
) -> None:
    touches = [touch(number / 5, number, agent=agent) for number, agent in enumerate(agents, start=1)]
    touches.append(touch(40, 3, agent=person))
    for number, one in enumerate(touches):
        one.prefix_hash = f"p{number}"
    served = touches[-1].at
    posted = evidence.Posted(
        prefix_hash="p" + str(len(agents)), agent_hash=person, page_served_at=served, is_decoyed=False
    )
    judged = evidence.judge_post(touches, posted, at=served + dt.timedelta(seconds=5))
    assert judged.evidence == evidence_of_post
    assert evidence.settle(touches, domain_is_flagged=False).evidence == "unverified"


def test_a_person_beside_a_sweep_of_one_client_is_not_taken_for_it() -> None:
    sweep = [touch(number, number, agent="scanner") for number in range(5)]
    groups = evidence.groups([*sweep, touch(3, 4, agent="person")])
    assert {group.client[1]: group.why for group in groups} == {"scanner": "sweep", "person": ""}


def test_settled_is_the_last_clean_score_of_any_client() -> None:
    sweep = [touch(number, number, agent="scanner") for number in range(5)]
    settled = evidence.settle([*sweep, touch(100, 2), touch(300, 5)], domain_is_flagged=False)
    assert (settled.evidence, settled.score) == ("presumed", 5)


@pytest.mark.parametrize(
    ("touches", "flagged", "score", "why"),
    [
        ([touch(0, 4, mail=14)], False, 4, "early"),
        ([touch(0, 4)], True, 4, "domain"),
        ([touch(0, 4), touch(1, None, trap=True)], False, 4, "trap"),
        ([touch(number, number) for number in range(5)], False, None, "sweep"),
        ([touch(0, 4, kind="program")], False, 4, "program"),
    ],
)
def test_doubtful_touches_stay_unverified(touches: list[Touch], flagged: bool, score: int | None, why: str) -> None:
    settled = evidence.settle(touches, domain_is_flagged=flagged)
    assert (settled.evidence, settled.score, settled.held_for) == ("unverified", score, why)


def test_an_opened_page_without_score_amounts_to_nothing() -> None:
    assert evidence.settle([touch(0, None)], domain_is_flagged=False).evidence is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"User-Agent": "TelegramBot (like TwitterBot)"},
        {"User-Agent": "Slackbot-LinkExpanding 1.0"},
        {"User-Agent": "WhatsApp/2.23"},
        {"User-Agent": "facebookexternalhit/1.1"},
    ],
)
def test_prefetch_and_previews_see_the_page_and_leave_no_touch(make_invitation: Make, headers: dict[str, str]) -> None:
    assert Client(headers=headers).get(links.answer_path(make_invitation(), 4)).status_code == 200
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_a_telephone_that_is_called_like_a_program_leaves_one(make_invitation: Make) -> None:
    agent = "Mozilla/5.0 (Linux; Android 13; CUBOT P60) AppleWebKit/537.36 Chrome/124.0.0.0 Mobile Safari/537.36"
    Client(headers={"User-Agent": agent}).get(links.answer_path(make_invitation(), 4))
    assert Touch.objects.get().score == 4


@pytest.mark.django_db
def test_head_and_options_leave_no_touch(client: Client, make_invitation: Make) -> None:
    path = links.answer_path(make_invitation(), 4)
    assert client.head(path).status_code == client.options(path).status_code == 200
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_touch_keeps_hashes_only(make_invitation: Make) -> None:
    Client(headers={"User-Agent": AGENT}, REMOTE_ADDR="203.0.113.77").get(links.answer_path(make_invitation(), 4))
    Client(headers={"User-Agent": AGENT}, REMOTE_ADDR="203.0.113.9").get(links.answer_path(make_invitation(), 4))
    one, other = Touch.objects.all()
    assert one.prefix_hash == other.prefix_hash and one.agent_hash == other.agent_hash
    assert "203" not in one.prefix_hash[:3] and len(one.prefix_hash) == 32
    assert 3590 < one.seconds_since_handover < 3700


@pytest.mark.django_db
def test_neighbours_are_told_apart_behind_a_socket_for_both_kinds_of_addresses(make_invitation: Make) -> None:
    path = links.answer_path(make_invitation(), 4)
    for address in ("203.0.113.77", "::ffff:203.0.113.9", "::ffff:198.51.100.7"):
        Client(headers={"User-Agent": AGENT}, REMOTE_ADDR=address).get(path)
    near, neighbour, far = Touch.objects.values_list("prefix_hash", flat=True)
    assert near == neighbour != far


@pytest.mark.django_db(transaction=True)
def test_page_comes_although_the_touch_cannot_be_written(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()

    def refuse(execute, sql, *rest):  # type: ignore[no-untyped-def]
        if sql.startswith("INSERT") and "feedback_touch" in sql:
            raise DatabaseError("no room")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        assert client.get(links.answer_path(invitation, 4)).status_code == 200
    assert not Touch.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("later", "evidence_found"), [(1.4, "held"), (1.6, "confirmed")])
def test_a_page_younger_than_a_second_and_a_half_is_held(
    client: Client, make_invitation: Make, later: float, evidence_found: str
) -> None:
    invitation = make_invitation()
    with time_machine.travel(timezone.now(), tick=False):
        page = client.get(links.answer_path(invitation, 4))
        send(client, invitation, page, later=later, comment="Quick")
    assert Response.objects.get().evidence == evidence_found
    assert Comment.objects.get().is_counted is (evidence_found == "confirmed")


@pytest.mark.django_db
def test_filled_decoy_is_held_and_thanked(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    assert answer(client, invitation, 4, website="http://spam").status_code == 200
    invitation.refresh_from_db()
    assert Response.objects.get().evidence == invitation.answer_state == "held"


@pytest.mark.django_db
def test_a_revision_says_who_posted_it_and_one_of_settlement_does_not(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    open_link(invitation, 2, minutes_ago=11)
    settlement.settle([invitation.pk])
    before = timezone.now().replace(microsecond=0)
    answer(client, invitation, 4, website="filled")
    settled, posted = Revision.objects.order_by("number")
    assert (settled.prefix_hash, settled.agent_hash, settled.page_served_at, settled.is_decoyed) == (
        "",
        "",
        None,
        False,
    )
    touched = Touch.objects.latest("pk")
    assert (posted.prefix_hash, posted.agent_hash) == (touched.prefix_hash, touched.agent_hash)
    assert posted.is_decoyed and posted.page_served_at >= before


@pytest.mark.django_db
def test_a_sweeping_client_is_held_and_a_person_beside_it_is_not(make_invitation: Make) -> None:
    invitation = make_invitation()
    scanner, person = Client(headers={"User-Agent": "Gate"}), Client(headers={"User-Agent": AGENT})
    for score in range(1, 6):
        page = scanner.get(links.answer_path(invitation, score))
    scanner.get(links.trap_path(invitation))
    send(scanner, invitation, page)
    assert Response.objects.get().evidence == "held"
    answer(person, invitation, 2)
    response = Response.objects.get()
    assert (response.evidence, response.score) == ("confirmed", 2)


@pytest.mark.django_db
def test_a_scanner_after_the_person_changes_nothing(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    answer(client, invitation, 2, comment="Mine")
    scanner = Client(headers={"User-Agent": "Gate"})
    scanner.get(links.trap_path(invitation))
    answer(scanner, invitation, 5, comment="auto")
    response = Response.objects.get()
    assert (response.score, response.evidence, response.comment.text) == (2, "confirmed", "Mine")
    assert Revision.objects.last().evidence == "held"


def open_link(invitation: Invitation, score: int, *, minutes_ago: float) -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=minutes_ago), tick=False):
        Client(headers={"User-Agent": AGENT}).get(links.answer_path(invitation, score))


@pytest.mark.django_db
def test_opened_and_left_is_presumed_after_ten_minutes_and_not_before(make_invitation: Make) -> None:
    settled, waiting = make_invitation(), make_invitation()
    open_link(settled, 4, minutes_ago=11)
    open_link(waiting, 4, minutes_ago=9)
    assert settlement.due(limit=10) == [settled.pk]
    assert settlement.settle([settled.pk, waiting.pk]) == 1
    response = Response.objects.get()
    assert (response.invitation, response.score, response.evidence) == (settled, 4, "presumed")
    settled.refresh_from_db()
    assert settled.answer_state == "presumed"
    assert settlement.due(limit=10) == [] and Touch.objects.get(invitation=settled).verdict == "clean"
    assert settlement.settle([settled.pk]) == 1 and Revision.objects.count() == 1


@pytest.mark.django_db
def test_settling_after_a_confirmed_answer_leaves_it_alone(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    open_link(invitation, 5, minutes_ago=20)
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=15), tick=False):
        answer(client, invitation, 2)
    settlement.settle([invitation.pk])
    response = Response.objects.get()
    assert (response.score, response.evidence) == (2, "confirmed") and settlement.due(limit=10) == []


@pytest.mark.django_db
def test_a_person_who_posts_after_settlement_is_not_asked(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    open_link(invitation, 5, minutes_ago=20)
    settlement.settle([invitation.pk])
    answer(client, invitation, 3)
    response = Response.objects.get()
    assert (response.score, response.evidence) == (3, "confirmed")


@pytest.mark.django_db
def test_unverified_is_not_counted_and_a_later_clean_touch_is_presumed(make_invitation: Make) -> None:
    invitation = make_invitation(sent_at=timezone.now() - dt.timedelta(minutes=30, seconds=5))
    open_link(invitation, 5, minutes_ago=30)
    settlement.settle([invitation.pk])
    assert Response.objects.get().evidence == "unverified"
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=15), tick=False):
        Client(headers={"User-Agent": "Mozilla/5.0 (another)"}).get(links.answer_path(invitation, 4))
    settlement.settle([invitation.pk])
    response = Response.objects.get()
    assert (response.evidence, response.score) == ("presumed", 4)


@pytest.mark.django_db
def test_domains_that_open_everything_at_once_are_flagged(make_invitation: Make) -> None:
    for number, seconds in enumerate((5.0, 4000.0, 4000.0, 4000.0)):
        invitation = make_invitation()
        domain = "scanned.example" if number < 3 else "quiet.example"
        Message.objects.create(invitation=invitation, address=f"c{number}@{domain}")
        Touch.objects.create(invitation=invitation, score=4, seconds_since_handover=seconds)
    (flagged,) = evidence.flagged_domains({"scanned.example", "quiet.example"}).values()
    assert (flagged.name, flagged.mails, flagged.quick) == ("scanned.example", 3, 1)


@pytest.mark.django_db
def test_a_scanner_that_shows_itself_flags_no_domain(make_invitation: Make) -> None:
    """It is known by its sweep, and the people behind it keep their one click."""
    for number in range(3):
        invitation = make_invitation()
        Message.objects.create(invitation=invitation, address=f"c{number}@scanned.example")
        for score in range(1, 6):
            Touch.objects.create(invitation=invitation, score=score, seconds_since_handover=5.0)
    assert evidence.flagged_domains() == {}


@pytest.mark.django_db
def test_domains_are_found_in_one_query(make_invitation: Make, django_assert_num_queries: Callable) -> None:
    for number in range(4):
        Message.objects.create(invitation=make_invitation(), address=f"c@D{number}.example")
    with django_assert_num_queries(2):  # the newest mail, and the domains
        evidence.flagged_domains({f"d{number}.example" for number in range(4)})
