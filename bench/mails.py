"""Mails for the bench, sent inside Django: `run(count, port)` tells the CPU milliseconds of one mail, each way."""

from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from unittest.mock import patch

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection

from bench import costs
from bench.invitations import plan
from config.up import processes
from ground import quick, smtp
from ground.models import Organisation
from surveys import channels, letters, links, sending
from surveys.channels import email
from surveys.models import Invitation, Message
from surveys.tasks import BUNCH

SLICE, WARM_UP = 50, 50
Way = Callable[[Sequence[Invitation]], None]


def run(count: int, port: int) -> dict[str, float]:
    """Three ways in alternating slices: Django's own mails in a loop, our mail alone, and our mail with its rows."""
    settings.EMAIL_BACKEND = smtp.SMTP_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    ways: dict[str, Way] = {"django": by_django, "mail": mail_alone, "whole": with_rows}
    plan(3 * (count + WARM_UP) + BUNCH)
    waiting = list(Invitation.objects.select_related("survey", "version", "customer").order_by("pk"))
    compare(waiting[:20])
    processes.collect_rarely()  # as in the worker
    for way in ways.values():
        way([waiting.pop() for _number in range(WARM_UP)])

    def turn_of(way: Way) -> Callable[[int], float]:
        def take(_turn: int) -> float:
            some = [waiting.pop() for _number in range(SLICE)]
            return costs.of(lambda: way(some))

        return take

    spent = costs.by_turns({name: turn_of(way) for name, way in ways.items()}, count // SLICE)
    statements = count_statements([waiting.pop() for _number in range(BUNCH)])
    return {name: 1000 * sum(times) / count for name, times in spent.items()} | statements


def by_django(invitations: Sequence[Invitation]) -> None:
    """The same letters, written once, as EmailMultiAlternatives on one open connection."""
    organisation = Organisation.current()
    with get_connection() as line:
        for invitation in invitations:
            mail = django_mail(invitation, organisation)
            mail.connection = line
            mail.send()


def django_mail(invitation: Invitation, organisation: Organisation) -> EmailMultiAlternatives:
    letter = _letter(invitation, organisation).filled(
        answer=links.token(invitation, links.ANSWER), unsubscribe=links.token(invitation, links.UNSUBSCRIBE)
    )
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=smtp.sender(organisation),
        to=[invitation.customer.email],
        headers={"Message-ID": channels.message_id(invitation)},
    )
    mail.attach_alternative(letter.html, "text/html")
    return mail


def compare(invitations: Sequence[Invitation]) -> None:
    """Raises SystemExit unless each of our mails says, parsed, what Django's says."""
    organisation = Organisation.current()
    for invitation in invitations:
        ours = parsed(email.encode(invitation, our_message(invitation), organisation=organisation).raw)
        if ours != parsed(django_mail(invitation, organisation).message().as_bytes()):
            raise SystemExit("our mail and Django's differ")


def parsed(raw: bytes) -> list[str]:
    mail = message_from_bytes(raw, policy=policy.default)
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    bodies = [part.get_content().replace("\r\n", "\n").rstrip("\n") if part else "" for part in parts]
    return [str(mail[name]).strip() for name in ("Subject", "From", "To", "Message-ID")] + bodies


_letters: dict[tuple[int, str], letters.Letter] = {}


def _letter(invitation: Invitation, organisation: Organisation) -> letters.Letter:
    key = invitation.version_id, invitation.language
    if key not in _letters:
        invitation.version.survey = invitation.survey
        _letters[key] = letters.write(
            invitation.version, kind="invitation", language=invitation.language, organisation=organisation
        )
    return _letters[key]


def mail_alone(invitations: Sequence[Invitation]) -> None:
    """Our letter to the server, without a row of the database."""
    organisation = Organisation.current()
    for invitation in invitations:
        smtp.post(email.encode(invitation, our_message(invitation), organisation=organisation))


def our_message(invitation: Invitation) -> Message:
    return Message(
        pk=invitation.pk,
        invitation=invitation,
        kind="invitation",
        address=invitation.customer.email,
        message_id=channels.message_id(invitation),
    )


def with_rows(invitations: Sequence[Invitation]) -> None:
    """As the worker does it: claimed, decided about again, handed over at most once, written down."""
    keys = [invitation.pk for invitation in invitations]
    for start in range(0, len(keys), BUNCH):
        bunch = keys[start : start + BUNCH]
        while bunch:  # what was not fresh any more comes again with the next bell
            sending.send(bunch)
            bunch = list(Invitation.objects.filter(pk__in=bunch, state="planned").values_list("pk", flat=True))


def count_statements(invitations: Sequence[Invitation]) -> dict[str, float]:
    """Statements of the database for one mail, when a whole bunch waits."""
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    with patch.object(quick, "_asked", wraps=quick._asked) as asked:
        sending.send([invitation.pk for invitation in invitations])
    past_django = asked.call_count if connection.vendor == "postgresql" else 0
    return {"statements": (len(connection.queries_log) + past_django) / len(invitations)}
