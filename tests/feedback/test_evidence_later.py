"""What shows itself only later: a scanner that posted first, and the person who comes after it."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from feedback import settlement
from feedback.models import Comment, Response, Revision, Touch
from surveys import links
from surveys.models import Invitation, Message, Survey
from tests.feedback.answering import answer, send
from tests.feedback.test_evidence import AGENT, Make, open_link


def submit_first(scanner: Client, invitation: Invitation) -> None:
    """Submit the page of the first link, then open the others."""
    send(scanner, invitation, scanner.get(links.answer_path(invitation, 1)), later=3)
    for score in range(2, 6):
        with time_machine.travel(timezone.now() + dt.timedelta(seconds=6 * score), tick=False):
            scanner.get(links.answer_path(invitation, score))


@pytest.mark.django_db
def test_a_scanner_that_submits_its_first_page_is_held_at_the_settlement(
    make_invitation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = make_invitation()
    monkeypatch.setattr(settlement, "doubt", lambda invitation: None)
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=20), tick=False):
        submit_first(Client(headers={"User-Agent": AGENT}), invitation)
    assert Response.objects.get().evidence == "confirmed"
    settlement.settle([invitation.pk])
    response = Response.objects.get()
    assert (response.evidence, response.held_for) == ("held", "sweep")
    invitation.refresh_from_db()
    assert (invitation.answer_state, invitation.answered_at) == ("held", None)
    before = Revision.objects.count()
    settlement.settle([invitation.pk])
    assert Revision.objects.count() == before


@pytest.mark.django_db
def test_a_person_is_not_asked_to_replace_what_a_scanner_posted(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=2), tick=False):
        submit_first(Client(headers={"User-Agent": AGENT}), invitation)
    answer(client, invitation, 4)
    response = Response.objects.get()
    assert (response.score, response.evidence, response.held_for) == (4, "confirmed", "")


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [[("t", "held")], [("2", "confirmed"), ("3", "held")]])
def test_a_post_is_held_the_moment_its_scanner_goes_on(make_invitation: Make, steps: list[tuple[str, str]]) -> None:
    """Two scores are what people open who change their mind."""
    invitation, scanner = make_invitation(), Client(headers={"User-Agent": AGENT})
    page = scanner.get(links.answer_path(invitation, 1))
    later = timezone.now() + dt.timedelta(seconds=3)
    send(scanner, invitation, page, later=3)
    for tail, worth in steps:
        later += dt.timedelta(seconds=20)
        with time_machine.travel(later, tick=False):
            assert scanner.get(f"{links.answer_path(invitation)}/{tail}").status_code == 200
        assert Response.objects.get().evidence == worth, tail
    response = Response.objects.get()
    assert (response.evidence, response.invitation.answer_state) == ("held", "held")


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["expired", "closed", "full", "cancelled"])
def test_a_score_opened_after_the_end_is_no_answer(make_invitation: Make, survey: Survey, end: str) -> None:
    """Its page says so, and a mailbox that is moved has all its links opened once more."""
    invitation, browser = make_invitation(), Client(headers={"User-Agent": AGENT})
    invitations, surveys = Invitation.objects.all(), Survey.objects.all()
    if end == "expired":
        invitations.update(expires_at=timezone.now() - dt.timedelta(hours=1))
    elif end == "cancelled":
        invitations.update(state="cancelled")
    else:
        surveys.update(**({"is_full": True} if end == "full" else {"closes_at": timezone.now()}))
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=9)):
        browser.get(links.answer_path(invitation, 2))
    assert Touch.objects.count() == 1
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=20)):
        settlement.settle([invitation.pk])
    assert not Response.objects.exists()
    invitation.refresh_from_db()
    assert invitation.answer_state == "none"


@pytest.mark.django_db
@pytest.mark.parametrize("again", [False, True])
def test_an_unverified_answer_waits_for_the_reason_that_was_found_last(make_invitation: Make, again: bool) -> None:
    """Opened right after the mail; the same score by another client once the domain is known to open by itself."""
    sent = timezone.now() - dt.timedelta(hours=2)
    invitations = [make_invitation(sent_at=sent) for _number in range(3)]
    for number, one in enumerate(invitations):
        Message.objects.create(invitation=one, address=f"c{number}@behind.example", state="accepted")
    scanner, first = Client(headers={"User-Agent": "Mozilla/5.0 (scanner)"}), invitations[0]
    for one in invitations:
        with time_machine.travel(sent + dt.timedelta(seconds=5), tick=False):
            scanner.get(links.answer_path(one, 4))
        settlement.settle([first.pk])
    assert Response.objects.get().held_for == "early"
    open_link(first, 4, minutes_ago=30)
    settlement.judge_again([first.pk]) if again else settlement.settle([first.pk])
    response = Response.objects.get()
    assert (response.score, response.evidence, response.held_for) == (4, "unverified", "domain")
    assert response.revisions.count() == 1


@pytest.mark.django_db
def test_a_scanners_post_does_not_keep_a_persons_click_from_counting(make_invitation: Make) -> None:
    invitation = make_invitation()
    scanner = Client(headers={"User-Agent": "Mozilla/5.0 (scanner)"})
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=40), tick=False):
        scanner.get(links.trap_path(invitation))
        send(scanner, invitation, scanner.get(links.answer_path(invitation, 5)), comment="auto")
    assert Response.objects.get().held_for == "trap"
    open_link(invitation, 2, minutes_ago=11)
    settlement.settle([invitation.pk])
    response = Response.objects.get()
    assert (response.score, response.evidence, response.held_for) == (2, "presumed", "")
    assert not Comment.objects.exists()


@pytest.mark.django_db
def test_a_person_takes_over_from_a_scanner_wholly(client: Client, make_invitation: Make) -> None:
    """Neither the words nor the wish of what did not count may count beside a person's score."""
    invitation = make_invitation()
    with time_machine.travel(timezone.now() - dt.timedelta(days=2), tick=False):
        answer(client, invitation, 5, website="spam", comment="buy", contact="on")
    answer(Client(headers={"User-Agent": AGENT}), invitation, 2)
    response = Response.objects.get()
    assert (response.score, response.evidence, response.wants_contact) == (2, "confirmed", False)
    assert not Comment.objects.exists() and response.answered_at > timezone.now() - dt.timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("agent", "secure", "kind"),
    [
        ("python-requests/2.32", False, "program"),
        ("", False, "program"),
        ("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", True, "program"),
        ("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", False, "plain"),
        ("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/79.0 Safari/537.36", True, "plain"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605 Version/15.0 Safari/604.1", True, "plain"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/9)", True, "plain"),
    ],
)
def test_a_client_that_is_no_browser_is_told(make_invitation: Make, agent: str, secure: bool, kind: str) -> None:
    Client(headers={"User-Agent": agent}).get(links.answer_path(make_invitation(), 4), secure=secure)
    assert Touch.objects.get().header_class == kind
