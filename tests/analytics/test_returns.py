"""Customers who come back: the counts equal the formula on the rows, whoever changes what, and what a manager sees."""

import datetime as dt
import random
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics import rollups
from analytics.models import ReturnDay
from analytics.periods import Period
from analytics.repeat_contacts import Contact, first_contact_resolution, repeat_contacts
from analytics.reports import Filters
from analytics.return_counts import Variant, followed, repeats
from analytics.returns import Returns, returns
from analytics.stored import unpacked
from ground.access import EVERYTHING, scope_of
from ground.models import Organisation, Team, User
from surveys import interactions
from surveys.models import Interaction, Survey
from surveys.starters import SOLVED, start_survey
from tests.analytics.rows import answer_all

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)  # a Wednesday, noon in Moscow
TODAY = NOON.date()
DAY = dt.timedelta(days=1)
CHANNELS = ("email", "chat")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def tell(number: int, *, ago: float, took: float | None = 0.1, who: str = "c1", **fields: Any) -> Interaction:
    """A contact of so many days ago that took so many days; None: it is open."""
    began = NOON - ago * DAY
    team = fields.pop("team", None)
    report = interactions.Report(
        source="crm", external_id=f"T-{number}", updated_at=fields.pop("updated_at", NOON),
        customer={"external_id": who}, team={"code": team.code} if team else None,
        fields={"channel": "email", "created_at": began, "reason": "delivery", "is_resolved": True,
                "closed_at": None if took is None else began + took * DAY} | fields,
    )  # fmt: skip
    return interactions.take(report).interaction


def catch_up() -> None:
    while rollups.roll_up():
        pass
    assert not rollups.has_work() and not rollups.verify().differences


def found(**told: Any) -> Returns:
    """What is told of the last sixty days."""
    catch_up()
    period = Period(TODAY - 60 * DAY, TODAY)
    filters = Filters(scope=told.pop("scope", EVERYTHING), period=period, before=period.previous())
    return returns(filters, as_of=NOON, **told)


def count(bit: int) -> int:
    return sum(n for row in ReturnDay.objects.all() for marks, n in unpacked(row.marks).items() if marks & bit)


WEEK_SAME = Variant(7, True, False)


def test_a_change_of_one_contact_is_seen_on_the_days_of_the_others() -> None:
    tell(1, ago=30)
    tell(2, ago=20)
    catch_up()
    assert (count(followed(WEEK_SAME)), count(repeats(WEEK_SAME))) == (0, 0)
    later = NOON + dt.timedelta(seconds=1)
    tell(1, ago=30, took=6, updated_at=later)  # it took longer: the second one comes within its week
    catch_up()
    assert (count(followed(WEEK_SAME)), count(repeats(WEEK_SAME))) == (1, 1)
    tell(2, ago=20, reason="refund", updated_at=later)
    catch_up()
    assert (count(followed(WEEK_SAME)), count(followed(Variant(7, False, False)))) == (0, 1)
    tell(2, ago=20, who="c2", updated_at=later + DAY)  # it was another customer's
    catch_up()
    assert (count(followed(Variant(7, False, False))), count(repeats(Variant(30, False, False)))) == (0, 0)
    tell(2, ago=20, who="c1", updated_at=later + 2 * DAY, direction="outbound")
    catch_up()
    assert count(followed(Variant(30, False, False))) == 0


def test_counts_equal_the_formula_on_the_rows(team: Team, other_team: Team) -> None:
    dice = random.Random(7)
    for number in range(120):
        tell(
            number, ago=dice.uniform(0, 59), took=dice.choice([None, 0.01, 0.4, 3, 12]), who=f"c{dice.randrange(30)}",
            reason=dice.choice(["delivery", "refund"]), is_resolved=dice.random() < 0.7,
            team=dice.choice([team, other_team]), is_complaint=dice.random() < 0.2,
        )  # fmt: skip
    rows = list(Interaction.objects.all())
    zone = Organisation.current().timezone
    midnight = dt.datetime.combine(TODAY, dt.time(), zone).timestamp()
    solved = {str(row.pk) for row in rows if row.solved_at}
    contacts = [
        Contact(id=str(row.pk), customer=str(row.customer_id), topic=row.reason, start=row.created_at.timestamp(),
                end=row.ended_at.timestamp() if row.ended_at else None)
        for row in rows
    ]  # fmt: skip
    last_days = {str(row.pk): row.ended_at.astimezone(zone).date() for row in rows if row.ended_at}
    for days, same in ((7, True), (7, False), (30, True)):
        plain = repeat_contacts(contacts, window=days * 86_400.0, as_of=NOON.timestamp(), same_topic=same)
        mature = {pk for pk, last in last_days.items() if last < TODAY - days * DAY}
        assert mature == repeat_contacts(contacts, window=days * 86_400.0, as_of=midnight, same_topic=same).mature
        told = found(days=days, same_reason=same).rates
        back, load, done = (told[key] for key in ("repeat_contacts", "repeat_load", "first_contact_resolution"))
        assert (load.num, load.den) == (len(plain.repeats), plain.eligible)
        assert (back.num, back.den) == (len(plain.followed & mature), len(mature))
        issues = mature - plain.repeats
        assert (done.num, done.den) == (len((issues & solved) - plain.followed), len(issues))
        assert (
            done.num
            == first_contact_resolution(
                repeat_contacts(contacts, window=days * 86_400.0, as_of=midnight, same_topic=same), solved
            ).num
        )


def test_who_sees_one_team_is_not_told_of_returns_to_another(team: Team, other_team: Team, viewer: User) -> None:
    for number in range(0, 20, 2):
        tell(number, ago=40, who=f"c{number}", team=team)
        tell(number + 1, ago=38, who=f"c{number}", team=other_team)
    everybody, own = found(), found(scope=scope_of(viewer))
    assert (everybody.rates["repeat_contacts"].num, everybody.rates["repeat_contacts"].den) == (10, 20)
    assert (own.rates["repeat_contacts"].num, own.rates["repeat_contacts"].den) == (0, 10)
    assert own.lines["team"] == ()


def test_page_tells_both_resolutions_and_leads_to_the_rows(
    client: Client, administrator: User, team: Team, other_team: Team, survey: Survey
) -> None:
    User.objects.update(language="en")
    for number in range(40):
        tell(number, ago=20 + number % 5, who=f"c{number}", team=team if number % 2 else other_team)
    for number in range(40, 52):
        tell(number, ago=17, who=f"c{number - 40}", reason="refund" if number > 49 else "delivery")
    for number, where in ((60, team), (61, other_team)):
        tell(number, ago=1, who=f"x{number}", team=where)
    solved = start_survey(SOLVED, code="solved", name="Solved")
    answer_all(solved, [1] * 20 + [0] * 15, at=NOON - DAY)
    catch_up()
    client.force_login(administrator)
    newest = client.get("/admin/returns/?from=2026-11-17&to=2026-11-18")  # nothing that can be judged
    assert newest.status_code == 200 and newest.context["tables"] == []
    reply = client.get("/admin/returns/?period=90")
    text = " ".join(re.sub(r"<[^>]*>", " ", reply.content.decode()).replace("\xa0", " ").split())
    back = reply.context["back"]
    assert (back.num, back.den) == (10, 52)
    behind = client.get(reply.context["back_href"])
    assert behind.context["cl"].result_count == 10
    any_reason = client.get("/admin/returns/?period=90&reason=any")
    assert any_reason.context["back"].num == 12
    assert client.get(any_reason.context["back_href"]).context["cl"].result_count == 12
    assert "2 contacts of 54 are still open" in text
    assert "as customers answer" in text.lower() and "57%" in text
    assert client.get("/admin/returns/?from=x").status_code == 400


@pytest.mark.parametrize("who", ["administrator", "viewer"])
def test_every_rate_opens_as_many_rows_as_it_tells(
    client: Client, request: pytest.FixtureRequest, team: Team, other_team: Team, who: str
) -> None:
    """Contacts of one moment, too, and those of other teams, which somebody of one team is told nothing of."""
    dice = random.Random(11)
    for number in range(160):
        tell(
            number, ago=dice.choice([dice.uniform(0, 59), 21.0]), took=dice.choice([None, 0.01, 0.4, 3, 12]),
            who=f"c{dice.randrange(40)}", reason=dice.choice(["delivery", "refund"]) if number % 8 else "",
            channel=dice.choice(CHANNELS),
            is_resolved=dice.random() < 0.8, team=team if number % 3 else other_team,
        )  # fmt: skip
    catch_up()
    client.force_login(request.getfixturevalue(who))

    def rows(address: str) -> int:
        return client.get(address).context["cl"].result_count

    for asked in ("", "&reason=any", "&days=30", "&days=30&reason=any"):
        told = client.get(f"/admin/returns/?period=90{asked}").context
        for rate, part, whole in (
            ("back", "back_href", "contacts_href"), ("load", "repeats_href", "every_href"),
            ("done", "done_href", "questions_href"),
        ):  # fmt: skip
            assert told[rate].num and rows(told[part]) == told[rate].num, (asked, rate)
            assert rows(told[whole]) == told[rate].den, (asked, rate)
        for row in [row for _block, lines in told["tables"] for row in lines]:
            for metric, part, whole in (("metric", "href", "n_href"), ("resolved", "resolved_href", "questions_href")):
                if row[metric].state != "hidden":
                    assert (rows(row[part]), rows(row[whole])) == (row[metric].num, row[metric].den), (asked, row)
        for week in told["weekly"].weeks[-10:]:
            assert rows(week["href"]) == week["week"].n, (asked, week)


def test_page_asks_for_the_same_number_of_statements_however_much_there_is(
    client: Client, administrator: User, team: Team, django_assert_max_num_queries: Any
) -> None:
    client.force_login(administrator)
    for number in range(30):
        tell(number, ago=20, who=f"c{number % 9}", team=team, reason=f"r{number}")
    catch_up()
    with django_assert_max_num_queries(25) as told:
        client.get("/admin/returns/")
    for number in range(30, 90):
        tell(number, ago=20 + number % 7, who=f"c{number % 9}", reason=f"r{number}", channel="chat")
    catch_up()
    with django_assert_max_num_queries(len(told)):
        client.get("/admin/returns/")


def test_a_day_is_recounted_with_the_same_number_of_statements() -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as told:
            rollups.differences("returns", (NOON - 20 * DAY).date())
        return len(told)

    tell(1, ago=20)
    catch_up()
    few = statements()
    for number in range(2, 60):
        tell(number, ago=20 + number % 2, who=f"c{number % 7}")
    catch_up()
    assert statements() == few
