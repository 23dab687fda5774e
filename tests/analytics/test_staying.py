"""Who stays and who leaves: the job's counts equal the formulas, whole and by team, and the page that shows them."""

import datetime as dt
import random
import re
from collections import Counter

import pytest
from django.test import Client
from django.utils import translation

from analytics.churn import inactivity_churn, inactivity_window, lives, window_of
from analytics.models import Staying
from analytics.staying import counting
from analytics.staying.report import report
from analytics.staying.tally import Frame, Known, gaps, tally
from analytics.staying.words import month
from ground import jobs
from ground.models import Job, Organisation, Team, User
from surveys.models import Customer, Survey
from tests.analytics.rows import answer
from tests.analytics.test_returns import DAY, NOON, TODAY, tell
from tests.factories import make_customer

LAST = TODAY - DAY


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


def drawn(seed: int, customers: int = 200) -> dict[int, list[dt.date]]:
    dice = random.Random(seed)
    return {
        number: sorted({LAST - dt.timedelta(days=dice.randrange(500)) for _ in range(dice.choice([1, 1, 2, 5, 20]))})
        for number in range(customers)
    }


@pytest.mark.parametrize("window", [30, 61, 200])
def test_months_equal_the_formula_of_inactivity(window: int) -> None:
    activity = drawn(3)
    frame = Frame(last=LAST, window=window)
    found = tally([Known(days=days) for days in activity.values()], frame)["months"]
    ordinals = {number: [day.toordinal() for day in days] for number, days in activity.items()}
    for first, last in frame.months():
        plain = inactivity_churn(ordinals, window=window, start=first.toordinal(), end=last.toordinal())
        assert (found[f"{first} silence active"], found[f"{first} silence lost"]) == (
            len(plain.active),
            len(plain.churned),
        )


def test_bunches_add_up_and_the_window_is_that_of_all_gaps() -> None:
    known = [Known(days=days, score=number % 11) for number, days in drawn(4).items()]
    frame = Frame(last=LAST, window=60)
    whole, first, second = (tally(part, frame) for part in (known, known[:77], known[77:]))
    assert all(whole[name] == first[name] + second[name] for name in whole)
    assert window_of(gaps(known)) == inactivity_window([[day.toordinal() for day in one.days] for one in known])
    assert window_of(Counter()) == 30


def test_a_return_is_a_second_life() -> None:
    days = [dt.date(2026, 1, 1), dt.date(2026, 1, 31), dt.date(2026, 4, 1)]
    assert lives(days, window=30) == [(days[0], dt.date(2026, 3, 2)), (days[2], dt.date(2026, 5, 1))]
    assert lives([], window=30) == []


def test_a_month_is_called_by_its_name() -> None:
    """A word of ours that reads like a month once took its place."""
    with translation.override("ru"):
        assert [month(dt.date(2026, number, 1)) for number in (4, 5)] == ["Апр\xa02026", "Май\xa02026"]


def test_a_contract_until_the_last_day_of_the_calendar_has_no_end() -> None:
    """Many programs write 31.12.9999 where there is none."""
    known = [Known(days=[LAST], since=dt.date(2025, 1, 1), until=until) for until in (dt.date.max, None)]
    endless, open_ended = (tally([one], Frame(last=LAST, window=60)) for one in known)
    assert endless == open_ended and endless["months"]


def made(scope: str = "all") -> Staying:
    """The counts of a scope, made by a worker."""
    job = counting.ask(scope)
    assert job is not None
    jobs.work([job.pk])
    counts = counting.newest(scope)
    assert counts is not None and counting.ask(scope) is None
    return counts


@pytest.mark.django_db
def test_contracts_silence_and_scores(organisation: Organisation, nps_survey: Survey, monkeypatch: object) -> None:
    monkeypatch.setattr(counting, "BUNCH", 11)  # several bunches, the last one full
    for number in range(21):
        tell(number, ago=150, who=f"k{number}")
        tell(100 + number, ago=1 if number % 3 else 130, who=f"k{number}")
    tell(999, ago=340, who="once")  # contacts go back far enough to tell of silence
    contracts = Customer.objects.filter(external_id__in=[f"k{number}" for number in range(14, 21)])
    contracts.update(contract_start=dt.date(2025, 1, 1), contract_end=dt.date(2026, 10, 20))
    for number, customer in enumerate(Customer.objects.order_by("pk")):
        answer(nps_survey, 10 if number % 3 else 2, at=NOON - 120 * DAY, customer=customer)
    counts = made()
    found = report(counts)
    assert (counts.day, counts.window) == (LAST, 149)
    october = found.contract.months[-1]
    assert (october.first, october.lost.num, october.lost.den) == (dt.date(2026, 10, 1), 7, 7)
    assert found.silence.last.den == 14 and found.silence.last.num == 0
    assert found.life.n == 8 and found.life.open == 14
    assert {group: (metric.num, metric.den) for group, metric in found.said.items()} == {
        "detractors": (2, 7), "passives": (None, None), "promoters": (5, 14),
    }  # fmt: skip
    june = next(cohort for cohort in found.cohorts if cohort.first == dt.date(2026, 6, 1))
    assert june.size == 14 and june.kept[-1] == 1.0


@pytest.mark.django_db
def test_who_is_under_contract_counts_without_a_contact(
    client: Client, administrator: User, viewer: User, team: Team
) -> None:
    User.objects.update(language="en")
    for number in range(5):
        tell(number, ago=80, who=f"k{number}", team=team)
    entered = NOON - 100 * DAY
    for number in range(30):
        customer = make_customer(external_id=f"c{number}")
        since = dt.date(2025, 1, 1) if number < 20 else None
        end = dt.date(2026, 10, 20) if number in (*range(6), 20, 21) else None if number < 20 else dt.date(2027, 1, 1)
        Customer.objects.filter(pk=customer.pk).update(contract_start=since, contract_end=end, created_at=entered)
    for number in range(2):  # over before anybody was told of it
        gone = make_customer(external_id=f"g{number}")
        Customer.objects.filter(pk=gone.pk).update(contract_end=dt.date(2026, 1, 1), created_at=entered)
    Customer.objects.filter(external_id__in=["k0", "k1"]).update(contract_end=dt.date(2026, 10, 5))
    counts = made()
    found = {month.first: (month.lost.num, month.lost.den) for month in report(counts).contract.months}
    assert found[dt.date(2026, 10, 1)] == (10, 32)  # 6 + 2 of the others, and two who made contact
    assert found[dt.date(2026, 9, 1)] == (0, 32) and found[dt.date(2026, 8, 1)] == (0, 20)
    # How long they stayed is told of those whose first day is known: two left by contract and three by silence.
    assert (sum(counts.found["over"].values()), sum(counts.found["open"].values())) == (6 + 2 + 3, 14)
    client.force_login(administrator)
    page = client.get("/admin/staying/").content.decode()
    assert "Who never made contact counts, too." in page and "n = 32" in page
    own = made(str(team.pk))
    assert sum(n for key, n in own.found["months"].items() if "2026-10-01 contract" in key) == 2 + 2
    client.force_login(viewer)
    page = client.get("/admin/staying/").content.decode()
    assert "Customers of a team are those who made contact with it." in page and "n = 32" not in page


@pytest.mark.django_db
def test_a_team_counts_its_own_contacts_alone(
    client: Client, viewer: User, manager: User, team: Team, other_team: Team
) -> None:
    User.objects.update(language="en")
    for number in range(12):
        tell(number, ago=70, who=f"k{number}", team=team)
    client.force_login(viewer)
    assert "Customers are being counted" in client.get("/admin/staying/").content.decode()
    jobs.work([Job.objects.get(kind="staying").pk])
    before = client.get("/admin/staying/").content.decode()
    for number in range(12):
        tell(100 + number, ago=40, who=f"k{number}", team=other_team)
        tell(200 + number, ago=40, who=f"j{number}", team=other_team)
    Staying.objects.all().delete()
    made(str(team.pk))
    again = client.get("/admin/staying/").content.decode()
    still = [
        re.sub(r'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken": )"[^"]*"', "", page) for page in (before, again)
    ]
    assert still[0] == still[1] and "12" in again
    assert made().found["cohorts"]["2026-10-01 0"] == 12


@pytest.mark.django_db
def test_page_shows_it_and_asks_for_newer_counts(client: Client, administrator: User, team: Team) -> None:
    User.objects.update(language="en")
    for number in range(40):
        tell(number, ago=100 + number, who=f"k{number}")
        tell(100 + number, ago=45, who=f"k{number}")
    tell(999, ago=400, who="once")
    client.force_login(administrator)
    made()
    text = " ".join(re.sub(r"<[^>]*>", " ", client.get("/admin/staying/").content.decode()).split())
    assert "no customer has contract dates" in text and "In Oct" in text and "By the month they came in" in text
    file = client.get("/admin/staying/?format=csv")
    told = file.content.decode()
    assert "How long they stay" in told and '"2026-10-01","share, 0 to 1"' in told and "By the last loyalty" in told
    assert "otklik-staying-" in file["Content-Disposition"]
    Staying.objects.update(day=LAST - 3 * DAY)
    assert "Newer counts are being made" in client.get("/admin/staying/").content.decode()
    assert Job.objects.filter(kind="staying", finished_at=None).count() == 1
    client.get("/admin/staying/")
    assert Job.objects.filter(kind="staying", finished_at=None).count() == 1
    assert client.get("/admin/staying/?team=999").status_code == 400


@pytest.mark.django_db
def test_the_counts_of_some_hundred_teams_find_room(organisation: Organisation) -> None:
    """Their keys are longer than the column, which SQLite does not mind and PostgreSQL refuses."""
    name = ",".join(str(10_000 + number) for number in range(300))
    for window in (30, 60):
        counting._keep(name, LAST, {"window": window, "found": {}})
    kept = counting.newest(name)
    assert kept and (kept.scope, kept.window) == (name, 60)
    assert len(Staying.objects.get().scope) <= 1000
