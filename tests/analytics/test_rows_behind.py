"""Every number of invitations and contacts opens exactly the rows that it counts, for the whole and for one team."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from analytics import rollups
from analytics.models import ServiceLevel
from feedback import intake
from feedback.intake import Given
from feedback.models import Touch
from ground.models import Organisation, Team, User
from surveys import bounces, deciding
from surveys.events import SCHEDULED
from surveys.models import Interaction, Survey
from tests.analytics.rows import invite, mail
from tests.analytics.test_service import tell
from tests.kept import Cast, again, kept

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)  # a Wednesday, noon in Moscow
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
CONTACTS = "/admin/surveys/interaction/"
PERIOD = "from=2026-11-01&to=2026-11-18"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    with kept(django_db_blocker, at=NOON, fill=fill) as cast:
        yield cast


organisation, team = again("organisation"), again("team")


@pytest.fixture(autouse=True)
def noon(time_machine: Any, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def fill(cast: Cast) -> None:
    """Contacts and invitations of both teams, of every kind that a number tells apart."""
    narrow = {"channel": "chat", "is_working_time": False, "minutes": 30, "solved_hours": 200}
    complaints = {"is_for_complaints": True, "minutes": 5}
    for fields in (
        {"minutes": 60, "solved_hours": 20},
        narrow,
        complaints,
        narrow | {"minutes": 10, "solved_hours": 30, "since": dt.date(2026, 11, 10)},
    ):
        ServiceLevel.objects.create(**({"since": dt.date(2026, 1, 1)} | fields))
    for number, own in enumerate((cast.team, cast.other_team, None)):
        _contacts(10_000 + 500 * number, own, times=1 + number % 2)
        _invitations(cast.survey, own, times=1 + number % 2)
    _nobodys(cast.survey, cast.team)
    deciding.consider_all(Interaction.objects.filter(closed_at__isnull=False), now=NOON - DAY)
    while rollups.roll_up():
        pass


def _contacts(start: int, own: Team | None, *, times: int) -> None:
    numbers = iter(range(start, start + 500))
    for ago in (12 * DAY, DAY):
        for after in (5, 20, 90, 20, 5, 45) * times:
            for fields in ({"channel": "chat"}, {"channel": "email"}, {"channel": "email", "is_complaint": True}):
                tell(next(numbers), after=after, ago=ago, team=own, **fields)
        for solved in (DAY, 8 * DAY):
            at = NOON - ago
            tell(next(numbers), ago=ago, team=own, resolved_at=at + solved, closed_at=at + solved)
            tell(next(numbers), ago=ago, team=own, closed_at=at + solved, is_resolved=True)
            tell(next(numbers), ago=ago, team=own, closed_at=at + solved, is_resolved=False)
            tell(next(numbers), ago=ago, team=own, reopened_at=at + solved, resolved_at=at + HOUR)
        tell(next(numbers), ago=ago, team=own, enqueued_at=NOON - ago, answered_at=NOON - ago + HOUR, channel="phone")
        for _time in range(times):
            _queue(numbers, own, NOON - ago, ago)
    for minutes in (2, 8, 20, 300):
        tell(next(numbers), ago=dt.timedelta(minutes=minutes), team=own, channel="chat")
        tell(next(numbers), ago=dt.timedelta(minutes=minutes), team=own, is_abandoned=minutes == 8)


def _queue(numbers: Iterator[int], own: Team | None, came: dt.datetime, ago: dt.timedelta) -> None:
    """Callers picked up, and callers who hung up, some at once and one at a moment that nobody knows."""
    kept = {"ago": ago, "team": own, "channel": "phone", "enqueued_at": came}
    for waited in (3, 5, 15, 20, 25, 200):
        tell(next(numbers), **kept, answered_at=came + dt.timedelta(seconds=waited))
    for waited in (2, 4.9, 5, 8, 19, 20, 50, 250):
        tell(next(numbers), **kept, closed_at=came + dt.timedelta(seconds=waited), is_abandoned=True)
    tell(next(numbers), **kept, is_abandoned=True)


def _invitations(survey: Survey, own: Team | None, *, times: int) -> None:
    anonymous = Survey.objects.create(code=f"anonymous-{own and own.code}", name="Anonymous", is_anonymous=True)
    for _ in range(6 * times):
        sent = {"team": own, "sent_at": NOON - 2 * DAY}
        opened = invite(survey, **sent)
        Touch.objects.create(
            invitation=opened, prefix_hash="p", agent_hash="a", at=NOON - DAY, header_class="navigate",
            seconds_since_handover=3600.0, verdict=Touch.Verdict.CLEAN,
        )  # fmt: skip
        answered = invite(survey, **sent, channel="chat")
        intake.record(answered, Given(score=5, text="Быстро и вежливо"))
        intake.record(invite(survey, **sent), Given(score=2, text="5"))
        bounces.bounced(mail(invite(survey, **sent)), status="4.2.2", is_hard=False, source="test")
    kept = invite(survey, team=own, sent_at=NOON - DAY)
    intake.record(kept, Given(score=4, text="Хорошо"))
    type(kept).objects.filter(pk=kept.pk).update(survey=anonymous)


def _nobodys(survey: Survey, team: Team) -> None:
    """Rows that no number counts."""
    tell(20_000, after=5, ago=DAY, team=team, direction="outbound")
    for number, source in ((20_001, SCHEDULED), (20_002, f"{Interaction.BY_LINK}x")):
        Interaction.objects.filter(pk=tell(number, after=5, ago=DAY, team=team).pk).update(source=source)
    invite(survey, team=team, sent_at=NOON - DAY, is_test=True)


LINK = r'<a class="num" href="(/admin/surveys/(?:interaction|invitation|decision)/\?[^"]*)">(?:<b>|n ?= ?)?([^<]*)<'


def numbers_of(client: Client, page: str, more: str = "") -> list[tuple[str, str]]:
    """Every number of the page that leads to invitations or contacts, with its address."""
    answer = client.get(f"/admin/{page}/?{PERIOD}{more}")
    assert answer.status_code == 200
    return re.findall(LINK, answer.content.decode().replace("&amp;", "&"))


def behind(client: Client, address: str) -> int:
    found = client.get(address)
    assert found.status_code == 200, address
    return found.context["cl"].result_count


WANTED = {
    "dashboard": {
        "contacts", "responded", "judged", "waiting", "old_enough", "delivered", "started", "commented",
        "solved_judged", "due",
    },
    "funnel": {"delivered", "started", "commented", "rated"},
    "service": {
        "contacts", "responded", "judged", "waiting", "solved", "old_enough", "finished", "solved_judged", "due",
    },
}  # fmt: skip
# Which rows the share is of, by the rows that are its part.
WHOLES = {"within": "judged", "solved_in_time": "old_enough", "solved_within": "solved_judged"}


@pytest.mark.parametrize("who", ["administrator", "manager"])
def test_every_number_opens_as_many_rows(
    login: Callable[[User], Client], request: pytest.FixtureRequest, who: str
) -> None:
    client = login(request.getfixturevalue(who))
    for page, wanted in WANTED.items():
        found = numbers_of(client, page)
        assert page != "funnel" or [text for address, text in found if "reason__exact=no_rule" in address]
        assert {name for name in wanted if any(f"counted={name}" in address for address, _ in found)} == wanted
        for address, text in found:
            if text.isdigit():
                assert behind(client, address) == int(text), address
        shares = [(address, text.rstrip("%\xa0")) for address, text in found if text.endswith("%")]
        for part, whole in WHOLES.items():
            for address, share in [each for each in shares if f"counted={part}" in each[0] and page != "funnel"]:
                among = behind(client, address.replace(f"counted={part}", f"counted={whole}"))
                assert share == f"{100 * behind(client, address) / among + 1e-9:.0f}", address


def test_numbers_of_the_queue_and_of_coming_back(login: Callable[[User], Client], manager: User) -> None:
    """Whatever the target and the formula."""
    client, levels = login(manager), []
    for within, formula in ((20, "f1"), (5, "f2"), (20, "f3"), (5, "f4"), (20, "f4"), (300, "f5")):
        found = dict(numbers_of(client, "service", f"&channel=phone&within={within}&formula={formula}"))
        mine = [each for each in found if re.search("counted=(queued|part|whole|gave|waited|picked)", each)]
        for address in mine:
            count = behind(client, address)
            if found[address].isdigit():
                assert count == int(found[address]), address
            elif found[address].endswith("%"):
                whole = found[address.replace("=part", "=whole").replace("=gave_up", "=waited")]
                levels.append(share := found[address].rstrip("%\xa0"))
                assert share == f"{100 * count / int(whole) + 1e-9:.0f}", address
    assert len(levels) == 12 and len(set(levels)) > 5
    assert 'counted=part_f4_5"' not in client.get(f"{CONTACTS}?counted=part_f4_20").content.decode()
    judged = [(address, n) for address, n in numbers_of(client, "returns") if "-over" in address and n.isdigit()]
    assert judged and all(behind(client, address) == int(n) for address, n in judged)


def test_late_and_met_make_the_judged(login: Callable[[User], Client], administrator: User) -> None:
    client = login(administrator)
    User.objects.update(language="en")
    rows = {name: behind(client, f"{CONTACTS}?counted={name}") for name in ("within", "late", "judged")}
    assert rows["within"] and rows["late"] and rows["within"] + rows["late"] == rows["judged"]
    assert "later than the service level" in client.get(f"{CONTACTS}?counted=late").content.decode()
    assert behind(client, f"{CONTACTS}?counted=nonsense") == Interaction.objects.count()
    ServiceLevel.objects.all().delete()
    assert {behind(client, f"{CONTACTS}?counted={name}") for name in (*rows, "waiting")} == {0}
