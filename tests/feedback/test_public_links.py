"""Links that name no customer: QR codes at a desk, and links that a help desk's template builds."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics import rollups
from analytics.models import ScoreDay
from feedback import matching, tasks
from feedback.models import Comment, Response, Touch
from ground.models import Team
from surveys import deciding, first_use, interactions, public_links
from surveys.models import Agent, Customer, Decision, Interaction, Invitation, Link, SendingRule, Survey
from tests.feedback.answering import Fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(survey: Survey, team: Team, agent: Agent) -> Link:
    return Link.objects.create(
        label="Касса 4", survey=survey, team=team, agent=agent, public_key=public_links.new_key()
    )


def press(client: Client, path: str, page: HttpResponse, *, later: float = 5, **changes: str) -> HttpResponse:
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=later), tick=False):
        return client.post(path, Fields(page).values | changes)


def writes(context: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in context if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]


def report(number: str, *, source: str = "zendesk", minutes: int = 0, **more: Any) -> interactions.Report:
    closed = timezone.now() - dt.timedelta(minutes=30) + dt.timedelta(minutes=minutes)
    fields = {"channel": "chat", "reason": "оплата", "closed_at": closed}
    return interactions.Report(
        source=source,
        external_id=number,
        updated_at=closed,
        customer={"external_id": "c-7", "name": "Ольга", "email": "olga@example.org"},
        **({"fields": fields} | more),
    )


# --- QR codes ----------------------------------------------------------------------------------------------------


def test_opening_a_code_writes_nothing_and_chooses_nothing(client: Client, desk: Link) -> None:
    with CaptureQueriesContext(connection) as context:
        page = client.get(public_links.path(desk))
    assert page.status_code == 200
    assert writes(context) == []
    assert Fields(page).values.get("score") is None
    assert "Stop asking me" not in page.content.decode()
    assert not page.cookies


def test_an_answer_at_a_desk_counts_for_its_team_and_agent(client: Client, desk: Link) -> None:
    path = public_links.path(desk)
    thanks = press(client, path, client.get(path), score="4", comment="Быстро")
    response = Response.objects.get()
    assert (response.score, response.evidence, response.team, response.agent, response.channel) == (
        4, "confirmed", desk.team, desk.agent, "in_person",
    )  # fmt: skip
    assert Comment.objects.get().text == "Быстро"
    assert "/r/" not in thanks.content.decode()
    invitation = Invitation.objects.get()
    assert (invitation.link, invitation.is_matched, invitation.sent_at, invitation.sent_through) == (
        desk, True, None, "link",
    )  # fmt: skip
    while rollups.roll_up():
        pass
    assert ScoreDay.objects.filter(team=desk.team, channel="in_person", score=4).exists()


def test_one_page_is_one_answer_and_two_pages_are_two(client: Client, desk: Link) -> None:
    path = public_links.path(desk)
    with time_machine.travel(timezone.now(), tick=False):  # served in the same millisecond
        first, second = client.get(path), client.get(path)
    press(client, path, first, score="2")
    press(client, path, first, score="2", later=6)
    press(client, path, second, score="5")
    assert sorted(Response.objects.values_list("score", flat=True)) == [2, 5]


def test_the_author_changes_it_on_the_same_page(client: Client, desk: Link) -> None:
    path = public_links.path(desk)
    thanks = press(client, path, client.get(path), score="2", comment="Долго")
    press(client, path, thanks, later=20, score="3", comment="Долго, но вежливо")
    response = Response.objects.get()
    assert (response.score, response.comment.text, response.revisions.count()) == (3, "Долго, но вежливо", 2)


def test_the_script_and_the_button_give_one_answer(client: Client, desk: Link) -> None:
    path = public_links.path(desk)
    page = client.get(path)
    assert press(client, path, page, score="4", only="score").status_code == 204
    press(client, path, page, later=9, score="4", comment="Спасибо")
    assert (Response.objects.get().comment.text, Response.objects.count()) == ("Спасибо", 1)


@pytest.mark.parametrize(
    "change", [{"nonce": "1" * 13 + "--" + "0" * 32}, {"nonce": ""}, {"score": ""}, {"score": "9"}]
)
def test_what_cannot_be_taken_makes_no_invitation(client: Client, desk: Link, change: dict[str, str]) -> None:
    path = public_links.path(desk)
    assert press(client, path, client.get(path), **({"score": "4"} | change)).status_code == 400
    assert not Invitation.objects.exists()


def test_a_page_of_one_link_answers_no_other(client: Client, desk: Link, survey: Survey) -> None:
    other = Link.objects.create(label="Касса 5", survey=survey, public_key=public_links.new_key())
    page = client.get(public_links.path(desk))
    assert press(client, public_links.path(other), page, score="4").status_code == 400


def test_a_robot_is_held(client: Client, desk: Link) -> None:
    path = public_links.path(desk)
    press(client, path, client.get(path), score="1", website="x")
    press(client, path, client.get(path), later=0.2, score="1")
    assert set(Response.objects.values_list("evidence", flat=True)) == {"held"}


@pytest.mark.parametrize("state", ["off", "archived", "unknown"])
def test_a_link_that_is_off_says_so(client: Client, desk: Link, state: str) -> None:
    if state == "off":
        Link.objects.update(is_active=False)
    if state == "archived":
        Survey.objects.update(is_archived=True)
    path = "/q/000000000000" if state == "unknown" else public_links.path(desk)
    page = client.get(path)
    assert page.status_code == (410 if state == "archived" else 404)
    assert client.post(path, {"score": "4"}).status_code == page.status_code
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("kind", ["qr", "widget"])
@pytest.mark.parametrize("end", ["limit", "archived", "off"])
def test_words_typed_while_a_link_ends_stay_to_be_copied(
    client: Client, desk: Link, survey: Survey, kind: str, end: str
) -> None:
    Link.objects.update(kind=kind)
    path = public_links.path(desk) if kind == "qr" else f"/w/{desk.public_key}"
    typed = client.get(path + "?lang=ru", headers={"accept-language": "en"})
    if end == "limit":
        Survey.objects.update(response_limit=1)
        assert press(Client(), path, Client().get(path), score="5").status_code == 200
    elif end == "archived":
        Survey.objects.update(is_archived=True)
    else:
        Link.objects.update(is_active=False)
    before = Comment.objects.count(), Response.objects.count()
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=5), tick=False):
        sent = Fields(typed).values | {"score": "2", "comment": "<b>Долго</b>\nждал", "t-more": "Ещё"}
        page = client.post(path + "?lang=ru", sent, headers={"accept-language": "en"})
    assert page.status_code == (404 if end == "off" else 410) and page.headers["Content-Language"] == "ru"
    text = page.content.decode()
    assert "\n&lt;b&gt;Долго&lt;/b&gt;\nждал</textarea>" in text and "Ещё</textarea>" in text and "?lang=" not in text
    assert (Comment.objects.count(), Response.objects.count()) == before
    assert "<textarea" not in client.get(path).content.decode()


def test_the_page_of_an_ended_survey_speaks_the_surveys_language(client: Client, desk: Link, survey: Survey) -> None:
    version = survey.versions.get()
    version.texts = {"kk": version.texts["ru"]}
    version.save()
    Survey.objects.update(is_archived=True)
    page = client.get(public_links.path(desk), headers={"accept-language": "en"})
    assert (page.status_code, page.headers["Content-Language"]) == (410, "kk")


def test_the_last_answer_wanted_may_be_finished(client: Client, desk: Link) -> None:
    """The script sent the score, which closed the survey: the words come after it."""
    Survey.objects.update(response_limit=1)
    path = public_links.path(desk)
    page, other = client.get(path), Client().get(path)
    assert press(client, path, page, score="4", only="score").status_code == 204
    assert press(Client(), path, other, score="1", comment="Чужое").status_code == 410
    thanks = press(client, path, page, later=9, score="4", comment="Спасибо")
    assert press(client, path, thanks, later=20, comment="Большое спасибо").status_code == 200
    assert Response.objects.get().comment.text == "Большое спасибо"
    assert client.get(path).status_code == 410


# --- a help desk's links -----------------------------------------------------------------------------------------


def test_opening_a_template_link_chooses_the_score_and_writes_nothing(client: Client, template: Link) -> None:
    with CaptureQueriesContext(connection) as context:
        page = client.get(public_links.template_path(template, "4711", 5))
    assert writes(context) == []
    assert Fields(page).values["score"] == "5"


def test_an_answer_waits_for_its_ticket_and_then_counts(client: Client, template: Link, team: Team) -> None:
    path = public_links.template_path(template, "4711")
    press(client, path, client.get(path + "/5"), comment="Отлично")
    response = Response.objects.get()
    assert (response.evidence, response.team, response.comment.is_counted) == ("held", team, False)
    assert Invitation.objects.get().is_matched is False
    assert matching.due(limit=9) == []
    other = Team.objects.create(code="second", name="Вторая")
    deciding.receive(report("4711", team={"code": "second"}, agent={"external_id": "a-9", "name": "Зоя"}))
    assert matching.match(matching.due(limit=9)) == 1
    response.refresh_from_db()
    comment = response.comment
    comment.refresh_from_db()
    assert (response.evidence, response.team, response.agent.name, response.channel, response.reason) == (
        "confirmed", other, "Зоя", "chat", "оплата",
    )  # fmt: skip
    assert (comment.team, comment.is_counted, comment.customer.name) == (other, True, "Ольга")
    assert response.customer == Customer.objects.get()  # the unknown one is gone
    assert matching.due(limit=9) == []
    assert (Interaction.objects.count(), Invitation.objects.get().is_matched) == (1, True)


def test_the_bell_rings_for_a_reported_ticket(client: Client, template: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    path = public_links.template_path(template, "11")
    press(client, path, client.get(path), score="5")
    deciding.receive(report("11"))
    for task, _due in tasks.OTHERS:
        monkeypatch.setattr(task, "apply_async", lambda args, **_more: None)
    monkeypatch.setattr(tasks.match_answers, "apply_async", lambda args, **_more: tasks.match_answers(*args))
    tasks.ring_due()
    assert Response.objects.get().evidence == "confirmed"


def test_an_answered_ticket_is_not_asked_again(client: Client, template: Link, survey: Survey) -> None:
    SendingRule.objects.create(name="All", survey=survey, delay_minutes=0)
    path = public_links.template_path(template, "12")
    press(client, path, client.get(path), score="5")
    deciding.receive(report("12"))
    assert Decision.objects.get().reason == "already_asked"


def test_a_reported_ticket_counts_at_once(client: Client, template: Link) -> None:
    deciding.receive(report("13"))
    path = public_links.template_path(template, "13")
    press(client, path, client.get(path), score="2")
    response = Response.objects.get()
    assert (response.evidence, response.customer.name, response.channel) == ("confirmed", "Ольга", "chat")


def test_the_mail_and_the_link_of_one_ticket_give_one_answer(client: Client, template: Link, rule: SendingRule) -> None:
    decision = deciding.receive(report("14")).decision
    assert decision is not None and decision.planned is not None
    path = public_links.template_path(template, "14")
    press(client, path, client.get(path), score="2")
    assert Invitation.objects.get().pk == decision.planned.pk
    assert Response.objects.get().invitation_id == decision.planned.pk


def test_who_guesses_a_number_learns_and_changes_nothing(client: Client, template: Link) -> None:
    deciding.receive(report("15"))
    path = public_links.template_path(template, "15")
    press(client, path, client.get(path), score="5", comment="Тайна")
    stranger = press(Client(), path, client.get(path), later=60, score="1", comment="Вздор")
    words = stranger.content.decode()
    assert "Тайна" not in words and "/r/" not in words and "/u/" not in words
    assert "<b>5</b>" not in words
    response = Response.objects.get()
    assert (response.score, response.comment.text, response.revisions.count()) == (5, "Тайна", 2)


def test_without_a_source_there_is_nothing_to_wait_for(client: Client, template: Link) -> None:
    Link.objects.update(source="")
    path = public_links.template_path(template, "16")
    press(client, path, client.get(path), score="5")
    assert (Response.objects.get().evidence, Invitation.objects.get().is_matched) == ("confirmed", True)


def test_what_is_doubtful_by_itself_is_never_released(client: Client, template: Link) -> None:
    path = public_links.template_path(template, "17")
    press(client, path, client.get(path), score="5", website="x")
    deciding.receive(report("17"))
    matching.match(matching.due(limit=9))
    assert Response.objects.get().evidence == "unverified"


@pytest.mark.parametrize(
    "tail", ["", "/", "/{{ticket.id}}", "/%7B%7Bticket.id%7D%7D/5", "/" + "9" * 65, "/a b", "/<b>", "/%00", "/-1"]
)
def test_what_is_no_number_is_no_link(client: Client, template: Link, tail: str) -> None:
    assert client.get(f"/t/{template.public_key}{tail}").status_code == 404


# --- signed ones -------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(template: Link) -> str:
    return public_links.new_secret(template)


def signed(template: Link, secret: str, number: str, *, days: float = 0) -> str:
    """As a caller writes it, from the documentation alone."""
    import hashlib
    import hmac

    moment = int(timezone.now().timestamp() - days * 86_400)
    text = f"{template.public_key}.{number}.{moment}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
    return f"/t/{template.public_key}/{number}?t={moment}&s={signature}"


def test_a_signed_answer_counts_before_its_ticket_is_known(client: Client, template: Link, secret: str) -> None:
    path = signed(template, secret, "21")
    press(client, path, client.get(path), score="3")
    assert (Response.objects.get().evidence, Invitation.objects.get().is_matched) == ("confirmed", False)
    deciding.receive(report("21"))
    assert matching.match(matching.due(limit=9)) == 1
    assert Response.objects.get().customer.name == "Ольга"


def test_the_form_of_a_signed_page_posts_to_the_signed_address(client: Client, template: Link, secret: str) -> None:
    path = signed(template, secret, "21")
    page = client.get(path).content.decode()
    assert f'action="{path.replace("&", "&amp;")}&amp;lang=ru"' in page


def test_a_signed_link_opened_again_leaves_a_touch_alone(client: Client, template: Link, secret: str) -> None:
    path = signed(template, secret, "22")
    press(client, path, client.get(path), score="3")
    client.get(path)
    assert (Touch.objects.count(), Response.objects.count()) == (1, 1)


@pytest.mark.parametrize("fault", ["number", "signature", "time", "old", "future", "revoked"])
def test_a_wrong_signature_is_refused(client: Client, template: Link, secret: str, fault: str) -> None:
    path = signed(template, secret, "23", days={"old": 31, "future": -1}.get(fault, 0))
    if fault == "number":
        path = path.replace("/23?", "/24?")
    if fault == "signature":
        path = path[:-1] + ("0" if path[-1] != "0" else "1")
    if fault == "time":
        path = path.replace("?t=", "?t=9")
    if fault == "revoked":
        public_links.new_secret(template)
    assert client.get(path).status_code == 404


def test_a_link_that_wants_signatures_takes_no_other(client: Client, template: Link, secret: str) -> None:
    Link.objects.update(requires_signature=True)
    assert client.get(public_links.template_path(template, "24")).status_code == 404
    assert client.get(signed(template, secret, "24")).status_code == 200


def test_a_copy_of_the_database_signs_nothing(template: Link, secret: str, settings: Any) -> None:
    template.refresh_from_db()
    assert secret != template.secret
    settings.LINK_KEY = "another"
    assert public_links.secret_of(template) != secret


# --- two at once -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_first_answers_at_once_are_one(template: Link, make_interaction: Callable[..., Any]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    path = public_links.template_path(template, "31")
    page = Client().get(path)

    def answer(score: str) -> int:
        try:
            return press(Client(), path, page, score=score).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(answer, ["4", "4", "4", "4"]))
    assert codes == [200] * 4
    assert (Response.objects.count(), Invitation.objects.count(), Interaction.objects.count()) == (1, 1, 1)
    assert first_use.reported().count() == 0
