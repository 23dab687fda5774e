"""What is killed at each of its write points: what customers, programs, people at the desk and workers do."""

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from analytics import rollups
from bench import invitations as begun
from feedback import bulk, classify, export, settlement
from feedback import tasks as hearing
from feedback.export import Order
from feedback.models import Comment, Touch
from ground import jobs, tasks, uploads
from ground.models import ApiKey, InboundMail, Membership, Organisation, Role, Team, User
from surveys import bounces, channels, importing, links, public_links, sending
from surveys.models import AskingPolicy, Customer, Invitation, Link, Message, SendingRule, Survey
from surveys.starters import CSAT, start_survey
from tests import factories
from tests.campaign.crashes import Workflow, heal, later
from tests.config.reading import label, make_comment, make_response, make_topic
from tests.feedback.answering import Fields

SAID = "Долго ждал ответа, перезвоните."


def organisation() -> None:
    """Its clocks say nine: the hours that healing skips are of the same day."""
    behind = (timezone.now().hour - 9 + 12) % 24 - 12
    Organisation.objects.create(
        name="Маяк", legal_name="ООО «Маяк»", postal_address="190000", language="ru", timezone=f"Etc/GMT{behind:+d}"
    )


def survey() -> Survey:
    """An organisation that asks at any hour, with one survey."""
    organisation()
    AskingPolicy.objects.create(days=[*range(7)], send_from=dt.time(), send_until=dt.time(), skips_holidays=False)
    return start_survey(CSAT, code="support", name="CSAT")


def person(role: str = Role.ADMINISTRATOR) -> User:
    user = User.objects.create_user(f"{role}@example.org", "correct horse battery", language="ru")
    Membership.objects.create(user=user, team=None, role=role)
    return user


def asked(count: int = 1, **fields: Any) -> list[Invitation]:
    stands = survey()
    team = Team.objects.create(code="first-line", name="Первая линия")
    return [factories.make_invitation(stands, team=team, **fields) for _number in range(count)]


def press(path: str, form: dict[str, Any]) -> None:
    with later(20):
        reply = Client(raise_request_exception=False).post(path, form)
    assert reply.status_code == 200, reply.status_code


def opened(path: str, **changes: Any) -> list[Any]:
    """The page's path and its form, filled in."""
    return [path.partition("?")[0], Fields(Client().get(path)).values | changes]


# --- customers ----------------------------------------------------------------------------------------------------


def an_open_page() -> list[Any]:
    (invitation,) = asked()
    return opened(links.answer_path(invitation), score="2", comment=SAID)


def a_given_answer() -> list[Any]:
    path, form = an_open_page()
    with later(5):
        thanks = Client().post(path, form)
    heal()
    return [path, Fields(thanks).values | {"score": "5", "comment": "Перезвонили, спасибо"}]


def four_anonymous_answers() -> list[Any]:
    invitations = asked(5)
    Survey.objects.update(is_anonymous=True)
    for number, invitation in enumerate(invitations[:4]):
        path, form = opened(links.answer_path(invitation), score="4", comment=f"Быстро {number}")
        press(path, form)
    return opened(links.answer_path(invitations[4]), score="3", comment="Как обычно")


def a_code_at_a_desk() -> list[Any]:
    link = Link.objects.create(label="Касса 4", survey=survey(), public_key=public_links.new_key())
    return opened(public_links.path(link), score="4", comment="Вежливо")


def a_mail_with_a_way_out() -> list[Any]:
    (invitation,) = asked()
    Message.objects.create(invitation=invitation, address=invitation.customer.email, state="accepted")
    return [links.unsubscribe_path(invitation), {"scope": "all"}]


# --- programs -----------------------------------------------------------------------------------------------------


def contact(number: int) -> dict[str, Any]:
    at = (timezone.now() - dt.timedelta(hours=2)).isoformat()
    return {
        "source": "crm", "external_id": f"T-{number}", "updated_at": at, "created_at": at, "closed_at": at,
        "channel": "email", "reason": "доставка",
        "customer": {"external_id": f"c-{number}", "email": f"accept+{number}@example.org", "language": "ru"},
        "team": {"code": "first-line", "name": "Первая линия"}, "agent": {"external_id": "a1", "name": "Анна"},
    }  # fmt: skip


def a_program() -> list[Any]:
    SendingRule.objects.create(name="Support", survey=survey(), delay_minutes=24 * 60)
    _key, secret = ApiKey.objects.create_key(name="crm")
    return [secret, [contact(number) for number in range(3)]]


def tell(path: str, secret: str, body: Any) -> None:
    headers = {"Authorization": f"Api-Key {secret}", "Idempotency-Key": "once"}
    client = Client(raise_request_exception=False)
    reply = client.post(path, json.dumps(body), content_type="application/json", headers=headers)
    assert reply.status_code in (200, 202, 207), reply.content


def report_one(known: list[Any]) -> None:
    tell("/api/v1/interactions/", known[0], known[1][0])


def report_many(known: list[Any]) -> None:
    tell("/api/v1/interactions/bulk/", known[0], {"items": known[1]})


# --- people at the desk -------------------------------------------------------------------------------------------


def read_comments(count: int) -> list[int]:
    topic, team = make_topic(), Team.objects.create(code="first-line", name="Первая линия")
    return [label(make_comment(team=team, text=f"{SAID} {number}"), topic=topic).pk for number in range(count)]


def a_read_comment() -> list[Any]:
    survey()
    (pk,) = read_comments(1)
    desk = Client()
    desk.force_login(person())
    seen = Comment.objects.get(pk=pk).labels.latest("pk").pk
    return [desk.cookies[settings.SESSION_COOKIE_NAME].value, f"/admin/feedback/comment/{pk}/tone/", seen]


def correct(known: list[Any]) -> None:
    session, path, seen = known
    desk = Client(raise_request_exception=False)
    desk.cookies[settings.SESSION_COOKIE_NAME] = session
    reply = desk.post(path, {"tone": "positive", "seen": seen})
    assert reply.status_code in (200, 302), reply.status_code


def a_job_on_many() -> int:
    survey()
    keys = read_comments(5)
    return bulk.start("tag_on", "срочно", by=person(), seen=2**62, ids=keys).pk


def an_ordered_file() -> int:
    stands = survey()
    team = Team.objects.create(code="first-line", name="Первая линия")
    for number in range(3):
        make_response(stands, score=2, text=f"{SAID} {number}", team=team, channel="phone")
    Comment.objects.update(classified_at=timezone.now())
    order = Order(what="comments", form="csv", params={}, with_personal=False, language="ru", zone="Europe/Moscow")
    return export.start(order, author=person()).pk


def an_uploaded_file() -> int:
    SendingRule.objects.create(name="Support", survey=survey(), delay_minutes=24 * 60)
    now = timezone.localtime() - dt.timedelta(hours=3)
    lines = ["№;Канал;Почта;Закрыто;Команда;Жалоба"]
    lines += [f"{number};чат;c{number}@example.org;{now:%d.%m.%Y %H:%M};support;нет" for number in range(4)]
    table = uploads.keep(SimpleUploadedFile("a.csv", "\r\n".join(lines).encode()))
    columns = importing.mapping_for("interactions", table, source="desk")
    return importing.begin("interactions", table, columns, source="desk", by=person(), asks=True).pk


def work(pk: int) -> None:
    """Until the job is over, as one worker would without being killed."""
    for _turn in range(5):
        tasks.run_jobs([pk])
        if not jobs.waiting().filter(pk=pk).exists():
            return


# --- workers ------------------------------------------------------------------------------------------------------


def due_mails() -> list[int]:
    organisation()
    begun.begin()
    begun.report(3, address="accept+{number}@example.org")
    return list(Invitation.objects.order_by("pk").values_list("pk", flat=True))


def due_reminders() -> list[int]:
    stands = survey()
    Survey.objects.update(first_reminder_days=3)
    now, made = timezone.now(), []
    for number in range(2):
        customer = factories.make_customer(email=f"accept+{number}@example.org")
        sent_at = now - dt.timedelta(days=4)
        made.append(factories.make_invitation(stands, customer=customer, sent_at=sent_at, next_reminder_at=now))
        Message.objects.create(invitation=made[-1], address=customer.email, state="accepted", created_at=sent_at)
    return [invitation.pk for invitation in made]


def unread_comments() -> list[int]:
    survey()
    return [make_comment(text=f"{SAID} {number}").pk for number in range(3)]


def opened_links() -> list[int]:
    invitations = asked(2)
    for invitation in invitations:
        Touch.objects.create(
            invitation=invitation, score=4, at=timezone.now() - dt.timedelta(minutes=30), method="GET",
            header_class="navigation", prefix_hash="p", agent_hash="a", seconds_since_handover=1800,
        )  # fmt: skip
    return [invitation.pk for invitation in invitations]


def changed_days() -> None:
    stands = survey()
    team = Team.objects.create(code="first-line", name="Первая линия")
    for number in range(3):
        make_response(stands, score=number + 1, text=SAID, team=team, channel="phone")
    rollups.mark_everything()


def a_bounce() -> list[int]:
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    stands = survey()
    customer = Customer.objects.create(external_id="c-1", email="olga@example.org")
    soon = timezone.now() + dt.timedelta(days=3)
    invitation = factories.make_invitation(stands, customer=customer, next_reminder_at=soon)
    message = Message.objects.create(
        invitation=invitation, address=customer.email, state="accepted", handed_over_at=timezone.now(),
        message_id=channels.message_id(invitation),
    )  # fmt: skip
    from tests.surveys.test_bounces import returned

    return [InboundMail.objects.create(mailbox="INBOX", uid="1", raw=returned("postfix-user-unknown", message)).pk]


def take_up(known: list[int]) -> None:
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    bounces.take_up(known)


def someone_to_be_told() -> None:
    stands = survey()
    person()
    label(make_response(stands, score=1, text=SAID, wants_contact=True, changed_at=timezone.now()).comment)


def tell_people(_known: Any) -> None:
    hearing.ring_due()
    with later(3600):
        tasks.ring_due()
        tasks.ring_due()


WORKFLOWS = [
    Workflow("answer", an_open_page, lambda known: press(*known), asks=True),
    Workflow("edit", a_given_answer, lambda known: press(*known), asks=True),
    Workflow("anonymous answer", four_anonymous_answers, lambda known: press(*known), asks=True),
    Workflow("answer at a desk", a_code_at_a_desk, lambda known: press(*known), asks=True),
    Workflow("unsubscribe", a_mail_with_a_way_out, lambda known: press(*known), asks=True),
    Workflow("report", a_program, report_one, asks=True),
    Workflow("bulk report", a_program, report_many, asks=True, is_whole=False),
    Workflow("correction", a_read_comment, correct, asks=True),
    Workflow("job on many", a_job_on_many, work),
    Workflow("export", an_ordered_file, work),
    Workflow("import", an_uploaded_file, work),
    Workflow("send", due_mails, sending.send, mails=True),
    Workflow("remind", due_reminders, sending.remind, mails=True),
    Workflow("read", unread_comments, classify.classify),
    Workflow("settle", opened_links, settlement.settle),
    Workflow("count", changed_days, lambda _known: rollups.roll_up()),
    Workflow("bounce", a_bounce, take_up),
    Workflow("tell people", someone_to_be_told, tell_people, mails=True),
]
