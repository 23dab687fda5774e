"""Answers of one customer are alike: the limits of scores go by the variance between customers (M8)."""

import csv
import datetime as dt
import io
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import takewhile

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from analytics import repeat_pairs, reports, rollups
from analytics.comparisons import change
from analytics.metrics import Metric
from analytics.models import RepeatDay
from analytics.over_time import scores as by_slot
from analytics.periods import Period
from analytics.repeated_answers import Effective, Pairs, clustered_share, effective, widened
from analytics.reports import CSAT, NPS, Filters
from analytics.scores import csat, nps_from_histogram
from feedback import exclusions, intake, later, retention
from feedback.intake import Given
from feedback.models import Response
from ground.access import EVERYTHING, Scope, scope_of
from ground.models import Change, Organisation, Team, User
from surveys.models import Customer, Survey
from tests.analytics.rows import answer, invite
from tests.factories import make_customer, make_interaction

NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def of_customers(clusters: Sequence[Sequence[int]]) -> tuple[Counter[int], Pairs]:
    """The values, and the sums over pairs as they are defined."""
    pairs = [(one[i], one[j]) for one in clusters for j in range(len(one)) for i in range(j)]
    return Counter(value for one in clusters for value in one), Pairs(
        number=len(pairs),
        sums=sum(a + b for a, b in pairs),
        products=sum(a * b for a, b in pairs),
        later=sum(len(one) - 1 for one in clusters if one),
    )


@given(st.lists(st.lists(st.sampled_from([0, 1]), min_size=1, max_size=6), min_size=1, max_size=12))
def test_sums_over_pairs_give_what_sums_per_customer_give(clusters: list[list[int]]) -> None:
    found = effective(*of_customers(clusters))
    n = sum(map(len, clusters))
    if n <= 1.2 * len(clusters):
        assert found is None
        return
    told = clustered_share([(len(one), sum(one)) for one in clusters])
    assert found is not None and found.customers == len(clusters)
    assert found.n_eff == pytest.approx(told.n_eff)
    score = widened(csat({5: sum(map(sum, clusters)), 1: n - sum(map(sum, clusters))}, CSAT), found)
    assert (score.lo, score.hi) == (pytest.approx(told.lo), pytest.approx(told.hi))


@given(st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=5), min_size=2, max_size=12))
def test_the_nps_goes_by_the_same_variance(clusters: list[list[int]]) -> None:
    found = effective(*of_customers(clusters))
    if found is None:
        return
    n, k = sum(map(len, clusters)), len(clusters)
    mean = sum(map(sum, clusters)) / n
    v = k / (k - 1) * sum((sum(one) - mean * len(one)) ** 2 for one in clusters) / n**2
    of_one = sum(value * value for one in clusters for value in one) / n - mean**2
    assert found.n_eff == pytest.approx(min(n, of_one / v) if v > 1e-12 else k)


def test_a_change_that_few_customers_make_is_no_change() -> None:
    few, many = Effective(customers=30, n_eff=30.0), Effective(customers=40, n_eff=40.0)
    now, before = csat({5: 130, 1: 20}, CSAT), csat({5: 150, 1: 50}, CSAT)
    plain, told = change(now, before), change(widened(now, few), widened(before, many))
    assert plain is not None and told is not None and plain.p is not None and told.p is not None
    assert plain.p < 0.05 < told.p and told.diff == plain.diff
    assert told.lo < plain.lo and told.hi > plain.hi  # type: ignore[operator]
    up, down = nps_from_histogram({10: 100, 0: 50}), nps_from_histogram({10: 70, 0: 80})
    assert change(up, down).p < 0.01 < change(widened(up, few), widened(down, few)).p  # type: ignore[union-attr,operator]


@pytest.mark.parametrize("days", [0, 1, 27, 28, 30, 31, 34, 38, 365])
def test_a_period_has_the_pairs_that_lie_in_it(days: int) -> None:
    last = NOON.date()
    for distance in range(days + 10):
        line = [
            repeat_pairs.Given(last - distance * DAY, 1, None, "", "confirmed", 1),
            repeat_pairs.Given(last, 1, None, "", "confirmed", 0),
        ]
        (key,) = repeat_pairs._pairs(line, last)
        is_in = key < repeat_pairs.limit(days)
        if distance < repeat_pairs.BY_DAY:
            assert is_in == (distance <= days)
        elif abs(distance - days) > repeat_pairs.WEEK // 2:
            assert is_in == (distance < days)


@pytest.fixture
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def told(ago: int = 0, days: int = 28, *, scope: Scope = EVERYTHING, **chosen: object) -> Filters:
    end = NOON.date() - ago * DAY
    period = Period(end - (days - 1) * DAY, end)
    return Filters(scope=scope, period=period, before=period.previous(), **chosen)  # type: ignore[arg-type]


def catch_up() -> None:
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()


def expected(rows: Sequence[Response], period: Period) -> Metric | object:
    """What `clustered_share` says of the period's rows, those of nobody each by itself."""
    within = [row for row in rows if period.start <= row.answered_at.date() <= period.end]
    clusters: dict[object, list[int]] = defaultdict(list)
    for row in within:
        clusters[row.customer_id or f"nobody {row.pk}"].append(int((row.score or 0) >= 4))
    return clustered_share([(len(one), sum(one)) for one in clusters.values()])


@pytest.fixture
def rows(noon: None, survey: Survey, team: Team, other_team: Team) -> list[Response]:
    """A hundred answers of twenty customers and of nobody, of two teams, over eight weeks."""
    draw = random.Random(8)
    customers: list[Customer | None] = [make_customer() for _ in range(20)]
    moods = {customer: draw.random() for customer in customers}
    found = []
    for _number in range(300):
        customer = draw.choice([*customers, None])
        mood = moods.get(customer, 0.5) > 0.4
        found.append(answer(
            survey, draw.choice([5, 5, 5, 1] if mood else [1, 1, 2, 5]), at=NOON - draw.randrange(56) * DAY,
            customer=customer, team=draw.choice([team, other_team]), channel=draw.choice(["phone", "chat"]),
            evidence=draw.choice(["confirmed", "confirmed", "presumed"]),
        ))  # fmt: skip
    catch_up()
    return found


@pytest.mark.django_db
def test_cards_weeks_and_segments_go_by_the_variance_between_customers(rows: list[Response], team: Team) -> None:
    filters = told()
    card = reports.card(filters, CSAT, as_of=NOON)
    exact = expected(rows, filters.period)
    assert card.metric.n_eff == pytest.approx(exact.n_eff) and card.metric.n_eff < card.metric.n  # type: ignore[operator]
    assert (card.metric.lo, card.metric.hi) == (pytest.approx(exact.lo), pytest.approx(exact.hi))
    sure = expected([row for row in rows if row.evidence == "confirmed"], filters.period)
    assert card.confirmed.lo == pytest.approx(sure.lo)
    for week in card.weeks:
        assert week.lo == pytest.approx(expected(rows, week.period).lo) if week.state != "hidden" else True
    for column, of in (("team", lambda row: row.team_id), ("channel", lambda row: row.channel)):
        for segment in reports.segments(filters, column, CSAT, as_of=NOON):
            exact = expected([row for row in rows if of(row) == segment.key], filters.period)
            assert segment.metric.hi == pytest.approx(exact.hi)
    narrow = told(team=team.pk, channel="chat")
    exact = expected([row for row in rows if row.team_id == team.pk and row.channel == "chat"], narrow.period)
    assert reports.card(narrow, CSAT, as_of=NOON).metric.lo == pytest.approx(exact.lo)
    slots = {slot.start: slot for slot in filters.period.cut("week")}
    points = [point for point in by_slot(filters, CSAT, "week", as_of=NOON) if point.metric.n_eff]
    assert len(points) > 2
    for point in points:
        assert point.metric.lo == pytest.approx(expected(rows, slots[point.start]).lo)


@pytest.mark.django_db
def test_what_is_narrowed_otherwise_borrows_what_an_answer_costs(rows: list[Response]) -> None:
    whole = reports.card(told(), CSAT, as_of=NOON).metric
    sliced = reports.by_service(told(), CSAT, "response", as_of=NOON)
    assert sliced == ()  # nothing is known of these contacts
    from analytics.clusters import borrowed

    assert whole.n_eff is not None
    assert borrowed(told()).costs["now", CSAT] == pytest.approx(whole.n / whole.n_eff)


@pytest.mark.django_db
def test_a_change_of_an_earlier_answer_counts_the_later_days_anew(
    noon: None, survey: Survey, administrator: User
) -> None:
    customer = make_customer()
    first = answer(survey, 5, at=NOON - 9 * DAY, customer=customer)
    answer(survey, 5, at=NOON - 2 * DAY, customer=customer)
    catch_up()
    assert sorted(RepeatDay.objects.filter(among="").values_list("day", "count")) == [
        ((NOON - 2 * DAY).date(), 1), ((NOON - 2 * DAY).date(), 1),
    ]  # fmt: skip
    exclusions.exclude(first, reason="test", by=administrator)
    catch_up()
    assert not RepeatDay.objects.exists()
    exclusions.include(first, by=administrator)
    catch_up()
    assert RepeatDay.objects.exists()
    # One that comes late, of a day before.
    contact = make_interaction(customer=customer)
    invitation = invite(survey, interaction=contact, sent_at=NOON - 20 * DAY)
    intake.record(invitation, Given(score=1, at=NOON - 19 * DAY))
    catch_up()
    assert sum(RepeatDay.objects.filter(among="", evidence="").values_list("count", flat=True)) == 3


@pytest.mark.django_db
def test_a_forgotten_answer_is_nobodys_repeat(noon: None, survey: Survey) -> None:
    customer = make_customer()
    invitation = invite(survey, interaction=make_interaction(customer=customer), sent_at=NOON - 90 * DAY)
    intake.record(invitation, Given(score=5, at=NOON - 90 * DAY))
    answer(survey, 5, at=NOON - 5 * DAY, customer=customer)
    catch_up()
    assert RepeatDay.objects.exists()
    Survey.objects.filter(pk=survey.pk).update(retention_days=60)
    retention.forget([survey.pk])
    catch_up()
    assert not RepeatDay.objects.exists()


@pytest.mark.django_db
def test_anonymous_answers_are_nobodys(noon: None, survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    customer = make_customer()
    for ago in (1, 2, 3):
        answer(survey, 5, at=NOON - ago * DAY, customer=customer)
    catch_up()
    assert not RepeatDay.objects.exists()


@pytest.mark.django_db
def test_answers_without_end_of_one_customer_cost_no_more_than_their_days(noon: None, survey: Survey) -> None:
    customer = make_customer()
    for ago in (1, 3):
        for score in (1, 5) * 150:
            answer(survey, score, at=NOON - ago * DAY, customer=customer)
    catch_up()
    pairs = RepeatDay.objects.filter(among="", evidence="").values_list("count", flat=True)
    assert sum(pairs) == 600 * 599 / 2


@pytest.mark.django_db
def test_a_team_counts_a_customer_by_its_own_answers_alone(
    rows: list[Response], viewer: User, team: Team, other_team: Team, survey: Survey
) -> None:
    scope = scope_of(viewer)
    before = reports.card(told(scope=scope), CSAT, as_of=NOON)
    exact = expected([row for row in rows if row.team_id == team.pk], told().period)
    assert before.metric.lo == pytest.approx(exact.lo)
    for row in rows[:40]:
        answer(survey, 1, at=NOON - DAY, customer=row.customer, team=other_team)
        later.mark_of([row])
    catch_up()
    assert reports.card(told(scope=scope), CSAT, as_of=NOON) == before


@pytest.mark.django_db
def test_page_and_programs_say_so(rows: list[Response], client: Client, administrator: User, api: APIClient) -> None:
    User.objects.update(language="en")
    client.force_login(administrator)
    page = client.get("/admin/dashboard/").content.decode()
    assert "the interval counts these" in page
    (value,) = api.get("/api/v1/metrics/csat/").json()["values"]
    assert value["n_eff"] < value["n"]
    for page, tables in (("dashboard", ("Scores", "CSAT by week", "By team")), ("agents", ("Teams",)),
                         ("dashboard/side-by-side", ("By team",))):  # fmt: skip
        file = client.get(f"/admin/{page}/?format=csv").content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(file, newline="")))
        for table in tables:
            head, *rows_of = takewhile(bool, lines[lines.index([table]) + 1 :])
            at = head.index("Effective n")
            told = [(float(row[at]), int(row[head.index("n")])) for row in rows_of if row[at]]
            assert told and all(0 < effective <= n for effective, n in told), (page, table)
    Response.objects.update(customer=None)
    Change.mark("response", *(row.answered_at for row in rows))
    catch_up()
    (value,) = api.get("/api/v1/metrics/csat/").json()["values"]
    assert value["n_eff"] is None
    assert "the interval counts these" not in client.get("/admin/dashboard/").content.decode()


@pytest.mark.django_db
def test_nps_of_few_customers(noon: None, nps_survey: Survey) -> None:
    for number in range(12):
        customer = make_customer()
        for ago in (1, 5, 9):
            answer(nps_survey, 10 if number % 3 else 2, at=NOON - ago * DAY, customer=customer)
    catch_up()
    metric = reports.card(told(), NPS, as_of=NOON).metric
    assert metric.n == 36 and metric.customers == 12 and metric.n_eff == pytest.approx(11.0, abs=0.5)
    plain = nps_from_histogram({10: 24, 2: 12})
    assert metric.lo < plain.lo < plain.hi < metric.hi  # type: ignore[operator]


@pytest.mark.django_db
def test_the_card_says_what_its_answers_can_show(
    noon: None, survey: Survey, client: Client, administrator: User, api: APIClient
) -> None:
    User.objects.update(language="en")
    for score in [5] * 80 + [1] * 20:
        answer(survey, score, at=NOON - DAY)
        answer(survey, score, at=NOON - 30 * DAY)
    catch_up()
    told = {row["key"]: row["value"] for row in api.get("/api/v1/metrics/detectable_change/").json()["values"]}
    # The reference's values of 100 answers on both sides at 80 %.
    assert told == {"rise": pytest.approx(0.133793, abs=1e-5), "fall": pytest.approx(0.178596, abs=1e-5)}
    client.force_login(administrator)
    page = " ".join(client.get("/admin/dashboard/").content.decode().replace("\xa0", " ").split())
    assert "A change of +13.4 pp or −17.9 pp and more would be found four times in five." in page
    assert "To know the share to ±5 pp takes 245 answers." in page


@given(st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([1, 2]), st.sampled_from([None, 1]), st.sampled_from(["", "chat"]),
              st.sampled_from(["confirmed", "presumed"]), st.sampled_from([-1, 0, 1])),
    min_size=1, max_size=7,
))  # fmt: skip
def test_the_quick_way_counts_what_the_long_one_does(told: list[tuple]) -> None:
    day = NOON.date()
    earlier = sorted(
        (repeat_pairs.Given(day - ago * DAY, *rest) for ago, *rest in told if ago), key=lambda one: one.day
    )
    line = [*earlier, repeat_pairs.Given(day, *told[0][1:])]
    quick: dict[tuple, Counter[int]] = defaultdict(Counter)
    repeat_pairs._count_last(quick, line, NPS)
    slow: dict[tuple, Counter[int]] = {}
    for evidence in ("", "confirmed"):
        answers = [one for one in line if not evidence or one.evidence == evidence]
        for among in repeat_pairs.AMONG:
            place = repeat_pairs._place(line[-1], among)
            if not evidence or line[-1].evidence == evidence:
                part = [one for one in answers if repeat_pairs._place(one, among) == place]
                slow[among, *place, NPS, evidence] = repeat_pairs._pairs(part, day)
    assert {key: pairs for key, pairs in quick.items() if pairs} == {key: pairs for key, pairs in slow.items() if pairs}


@pytest.mark.django_db
def test_an_answer_on_another_scale_is_no_repeat(noon: None, survey: Survey, nps_survey: Survey) -> None:
    customer = make_customer()
    for ago in (9, 8):
        answer(nps_survey, 9, at=NOON - ago * DAY, customer=customer)
    answer(survey, 5, at=NOON - DAY, customer=customer)
    catch_up()
    days = RepeatDay.objects.values_list("day", flat=True)
    assert set(days) == {(NOON - 8 * DAY).date()}
