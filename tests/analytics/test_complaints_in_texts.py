"""Complaints in customers' own words: which texts count, whether the loop was closed, what the page tells of them."""

import datetime as dt
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

from analytics.complaining.loop import Loop, loop
from analytics.models import ServiceLevel
from analytics.periods import Period
from analytics.reports import Filters
from feedback.filters import comments_found
from feedback.models import Comment, ComplaintRule, Reaction, Topic
from ground.access import EVERYTHING, scope_of
from ground.models import AuditEntry, Organisation, Team, User
from surveys.models import Interaction, Survey
from tests.analytics.rows import answer, say
from tests.analytics.test_complaints import complain, contacts, found
from tests.analytics.test_returns import DAY, NOON, TODAY, catch_up

HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def words(number: int, *, ago: float, survey: Survey, score: int | None = 1, **fields: Any) -> Comment:
    """A comment of so many days ago to an answer with this score."""
    at = NOON - ago * DAY
    response = answer(survey, score, at=at, team=fields.get("team")) if score is not None else None
    tone = fields.pop("tone", "negative" if score == 1 else "positive")
    return say(tone, at=at, response=response, score=score, survey=survey if response else None,
               text=f"Слова {number}", **fields)  # fmt: skip


def told_loop(user: User | None = None) -> Loop:
    period = Period(TODAY - 27 * DAY, TODAY)
    scope = scope_of(user) if user else EVERYTHING
    return loop(Filters(scope=scope, period=period, before=period.previous()), as_of=NOON)


def test_what_counts_in_texts_is_what_the_rules_say(survey: Survey, administrator: User) -> None:
    topic = Topic.objects.create(code="t-late", names={"ru": "Опоздание", "en": "Late"})
    words(1, ago=3, survey=survey)
    words(2, ago=3, survey=survey, score=5)
    say("negative", at=NOON - 2 * DAY, source="review", topics=(topic,))
    say("negative", at=NOON - 2 * DAY, source="message", constructive=True, constructive_confidence=0.9)
    say("neutral", at=NOON - 2 * DAY, source="complaint")
    say("negative", at=NOON - 2 * DAY, source="complaint", is_counted=False)
    assert told_loop().n == 3  # a low score, a demand, and what came as a complaint
    rule = ComplaintRule(kind="topic", topic=topic)
    rule.full_clean()
    rule.save()
    assert told_loop().n == 4
    ComplaintRule.objects.filter(kind="score").delete()
    ComplaintRule.objects.filter(kind="demand").delete()
    assert told_loop().n == 2
    for wrong in (ComplaintRule(kind="score", scale="csat_5", at_most=9), ComplaintRule(kind="topic"),
                  ComplaintRule(kind="topic", topic=topic)):  # fmt: skip
        with pytest.raises(ValidationError):
            wrong.full_clean()


def test_texts_about_other_contacts_add_up_with_marked_ones(
    client: Client, administrator: User, survey: Survey, team: Team, api: APIClient
) -> None:
    User.objects.update(language="en")
    contacts(36, first=100, ago=2, team=team)
    for number in range(4):
        complain(number, ago=2, who=f"w{number}", team=team)
    marked, other = (Interaction.objects.get(external_id=name) for name in ("T-1", "T-100"))
    words(1, ago=2, survey=survey, team=team, interaction=marked)  # the same complaint as the contact it is about
    words(2, ago=2, survey=survey, team=team, interaction=other)
    words(3, ago=9, survey=survey, team=team)
    words(4, ago=40, survey=survey, team=team)
    words(5, ago=2, survey=survey, team=team, score=5)
    told = found()
    rates = [(rate.num, rate.den, rate.prev) for rate in (told.rate, told.in_texts, told.of_both)]
    assert rates == [(4, 40, None), (2, 40, None), (6, 40, None)]
    asked = {"start": TODAY - 13 * DAY, "end": TODAY}
    kinds = ("complaint_rate", "complaints_in_texts", "complaints_of_both")
    for by in ({}, {"by": "team"}):
        read = {key: api.get(f"/api/v1/metrics/{key}/", asked | by).json()["values"] for key in kinds}
        assert [[value["num"] for value in read[key]] for key in kinds] == [[4], [2], [6]]
    days = api.get("/api/v1/metrics/complaints_of_both/", asked | {"by": "team,day"}).json()["values"]
    assert [(value["num"], value["n"]) for value in days if value["n"]] == [(5, 40)]  # the other is of an empty day
    client.force_login(administrator)
    reply = client.get("/admin/complaints/")
    text = " ".join(re.sub(r"<[^>]*>", " ", reply.content.decode()).replace("\xa0", " ").split())
    assert re.search(r"In texts about other contacts .*?50.0 .*?Both together .*?150.0 ", text)
    page = client.get(reply.context["apart_href"])
    assert page.status_code == 200 and "Слова 2" in page.content.decode() and "Слова 1" not in page.content.decode()
    file = client.get("/admin/complaints/?format=csv").content.decode("utf-8-sig").replace(",", ";")
    assert re.search('Complaints of both kinds per 1000 contacts";[^;]*;150', file)


def test_anonymous_texts_are_nobodys_complaint(survey: Survey) -> None:
    words(1, ago=3, survey=survey)
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    assert told_loop().n == 0


def test_the_loop_is_closed_in_time_late_or_not_yet(survey: Survey, administrator: User) -> None:
    texts = [words(number, ago=10, survey=survey) for number in range(12)]
    for at, text in enumerate(texts[:8]):
        Reaction.objects.create(comment=text, by=administrator, at=text.said_at + (1 if at < 6 else 60) * HOUR)
    Comment.objects.filter(pk=texts[8].pk).update(done_at=texts[8].said_at + 2 * HOUR)
    Comment.objects.filter(pk=texts[0].pk).update(done_at=NOON)
    words(20, ago=0.5, survey=survey)  # young: in no share yet
    found = told_loop()
    assert found.states == {"open": 4, "answered": 7, "closed": 2}
    assert (found.within.num, found.within.den) == (7, 12)
    assert (found.took.n, found.took.open) == (9, 4) and found.took.half.value is not None
    assert [one.text for one in found.waiting] == ["Слова 9", "Слова 10", "Слова 11", "Слова 20"]


def test_every_number_of_complaints_opens_as_many_rows(
    client: Client, administrator: User, survey: Survey, team: Team, other_team: Team
) -> None:
    ServiceLevel.objects.create(minutes=90, is_working_time=False, is_for_complaints=True, since=dt.date(2026, 1, 1))
    contacts(10, first=500, ago=40)
    for number in range(24):
        complain(
            number, ago=45 - number % 20, after=(None, 1, 2)[number % 3], took=None if number % 6 == 5 else 4,
            who=f"w{number % 15}", team=team if number % 2 else other_team, is_resolved=number % 4 > 0,
        )  # fmt: skip
    texts = [words(1000 + number, ago=10, survey=survey) for number in range(12)]
    for at, text in enumerate(texts[:8]):
        Reaction.objects.create(comment=text, by=administrator, at=text.said_at + (1 if at < 6 else 60) * HOUR)
    Comment.objects.filter(pk=texts[8].pk).update(done_at=texts[8].said_at + 2 * HOUR)
    words(1020, ago=0.5, survey=survey)
    catch_up()
    client.force_login(administrator)
    told = client.get("/admin/complaints/?period=90").context
    found, behind, loop = told["found"], told["behind"], told["loop"]

    def rows(address: str) -> int:
        page = client.get(address)
        assert page.status_code == 200
        return page.context["cl"].result_count

    for metric, part, whole in ((found.within, "within", "judged"), (found.again, "again", "over")):
        assert (rows(behind[part]), rows(behind[whole])) == (metric.num, metric.den) and metric.num, part
    assert (rows(behind["responded"]), rows(behind["solved"])) == (found.response.n, found.solving.n)
    for block in told["tables"]:
        for row in [row for row in block.rows if row["metric"].state != "hidden"]:
            assert (rows(row["href"]), rows(row["n_href"])) == (row["metric"].num, row["metric"].den)

    def texts_behind(address: str) -> int:
        params = dict(parse_qsl(address.partition("?")[2]))
        return comments_found(params, reader=administrator, scope=EVERYTHING).count()

    assert loop["within"].num == texts_behind(loop["within_href"]) > 0
    assert loop["within"].den == texts_behind(loop["due_href"]) < loop["n"]
    assert loop["took"].spread.n == texts_behind(loop["reacted_href"])
    assert client.get(loop["due_href"]).status_code == 200


def test_page_notes_that_somebody_was_contacted(
    client: Client, administrator: User, viewer: User, manager: User, survey: Survey, team: Team, other_team: Team,
    api: APIClient,
) -> None:  # fmt: skip
    User.objects.update(language="en")
    own, theirs = words(1, ago=3, survey=survey, team=team), words(2, ago=3, survey=survey, team=other_team)
    catch_up()
    client.force_login(manager)
    page = client.get("/admin/complaints/")
    assert "Слова 1" in page.content.decode() and "Слова 2" not in page.content.decode()
    assert client.post(f"/admin/complaints/{theirs.pk}/contacted/").status_code == 404
    assert client.post(f"/admin/complaints/{own.pk}/contacted/").status_code == 302
    assert client.post(f"/admin/complaints/{own.pk}/contacted/").status_code == 302  # twice is once
    assert Reaction.objects.get().by == manager
    assert AuditEntry.objects.filter(verb="comment.contacted").count() == 1
    assert "Слова 1" not in client.get("/admin/complaints/").content.decode()
    client.force_login(viewer)
    assert client.post(f"/admin/complaints/{own.pk}/contacted/").status_code == 403
    client.force_login(administrator)
    states = client.get("/admin/complaints/").context["loop"]["states"]
    assert [n for _name, n, _href in states] == [1, 1, 0]
    for _name, n, href in states:
        assert (
            comments_found(dict(parse_qsl(href.partition("?")[2])), reader=administrator, scope=EVERYTHING).count() == n
        )
        assert client.get(href).status_code == 200
    (value,) = api.get("/api/v1/metrics/closed_loop/").json()["values"]
    assert (value["n"], value["state"]) == (2, "hidden")
    assert client.get("/admin/complaints/?format=csv").status_code == 200
    assert client.get("/admin/feedback/complaintrule/").status_code == 200
