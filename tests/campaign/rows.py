"""What campaigns begin with, made inside Django; each prints what its driver has to know."""

import datetime as dt
import json
import sys
import time
from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils import timezone

from analytics import rollups
from bench.invitations import begin, report
from feedback.models import Comment, Response
from ground import rowqueue
from ground.models import ApiKey, Change, Membership, Role, User
from ground.sessions import SessionStore
from surveys import deciding, interactions, links, suppression
from surveys.models import Customer, Invitation


def mails(count: int, behaviour: str) -> None:
    """That many invitations which are due, to addresses that the mail server treats so."""
    begin()
    report(count, address=behaviour + "+{number}@example.org")


def spread(count: int, behaviour: str, seconds: float) -> None:
    """The same beside those that there are, due one after the other over the next so many seconds."""
    first = Invitation.objects.count()
    if not first:
        begin()
    with transaction.atomic():
        report(count, first=first, address=behaviour + "+{number}@example.org")
        now, fresh = timezone.now(), Invitation.objects.filter(state=Invitation.State.PLANNED).order_by("pk")
        for number, pk in enumerate(list(fresh.values_list("pk", flat=True))):
            Invitation.objects.filter(pk=pk).update(due_at=now + dt.timedelta(seconds=seconds * number / count))


def api_key() -> None:
    """A rule that asks at once, and a key to report with."""
    begin()
    key()


def key() -> None:
    """A key to report with, and to read."""
    _key, secret = ApiKey.objects.create_key(name="campaign")
    sys.stdout.write(secret)


def desk() -> None:
    """The session of an administrator who came an hour ago and has not opened a page since; prints its key."""
    person = User.objects.filter(email="desk@example.org").first() or User.objects.create_user("desk@example.org")
    Membership.objects.get_or_create(user=person, team=None, role=Role.ADMINISTRATOR)
    User.objects.filter(pk=person.pk).update(language="en")
    store, came = SessionStore(), (timezone.now() - dt.timedelta(hours=1)).isoformat()
    store.update({
        SESSION_KEY: str(person.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: person.get_session_auth_hash(), "began": came, "seen": came,
    })  # fmt: skip
    store.create()
    sys.stdout.write(str(store.session_key))


def sent(count: int) -> None:
    """So many more invitations which wait for an answer; prints the path of each."""
    first = Invitation.objects.count()
    if not first:
        begin()
    with transaction.atomic():  # or a worker would send them
        report(count, first=first)
        fresh = Invitation.objects.filter(state=Invitation.State.PLANNED)
        pks = list(fresh.values_list("pk", flat=True))
        fresh.update(state=Invitation.State.SENT, sent_at=timezone.now() - dt.timedelta(hours=2))
    for invitation in Invitation.objects.filter(pk__in=pks):
        sys.stdout.write(links.answer_path(invitation) + "\n")


def mails_in(count: int, seconds: float, gone: str) -> None:
    """That many invitations that are due in so many seconds, and a customer who is asked nothing yet."""
    with transaction.atomic():
        report(count, first=Invitation.objects.count())
        Invitation.objects.filter(state="planned").update(due_at=timezone.now() + dt.timedelta(seconds=seconds))
        Customer.objects.create(external_id="gone", email=gone)


def more(count: int, gone: str) -> None:
    """New contacts of that many others, and of the one who is gone."""
    report(count, first=100_000)
    at = timezone.now() - dt.timedelta(hours=2)
    told = {"external_id": "gone", "email": gone, "language": "ru"}
    deciding.receive(
        interactions.Report(
            source="bench",
            external_id="gone",
            updated_at=at,
            customer=told,
            fields={"channel": "email", "closed_at": at},
        )
    )


def opt_out(address: str) -> None:
    """The customer who was not asked yet wants no mail."""
    suppression.suppress(address, reason=suppression.Reason.UNSUBSCRIBED)


def answered() -> None:
    """The paths of all links with an answer."""
    for invitation in Invitation.objects.exclude(answer_state="none"):
        sys.stdout.write(links.answer_path(invitation) + "\n")


def said(*texts: str) -> None:
    """Comments that wait to be read."""
    Comment.objects.bulk_create([Comment(source="review", text=text) for text in texts])


def stored() -> None:
    """Every answer by its link, [score, text, number of revisions], how many of each kind of torn ones there are, and
    how many comments were set aside for which reason.

    An answer is torn when one of the rows that come with it is missing, doubled or says something else. Waits first for
    the workers to do with it what they do; what they had set aside is given back to them, as a person would.
    """
    set_aside, until = Counter[str](), time.monotonic() + 600
    while Comment.objects.waiting().exists() or Change.objects.exists():
        set_aside.update(Comment.objects.exclude(quarantined_at=None).values_list("error", flat=True))
        rowqueue.retry(Comment.objects.all())
        left = Comment.objects.waiting().count(), Change.objects.count()
        assert time.monotonic() < until, f"the workers have left comments unread, and days not counted: {left}"
        time.sleep(0.2)
    answers, torn = {}, Counter()
    for response in Response.objects.select_related("invitation").prefetch_related("revisions", "comments", "answers"):
        answers[links.answer_path(response.invitation)] = _line(response)
        torn.update(_torn(response))
    torn["answered without an answer"] = Invitation.objects.exclude(answer_state="none").count() - len(answers)
    torn["counts that differ"] = len(rollups.verify().differences)
    found = {"answers": answers, "torn": {name: count for name, count in torn.items() if count}}
    sys.stdout.write(json.dumps(found | {"set_aside": set_aside}))


def _line(response: Response) -> list[Any]:
    texts = [comment.text for comment in response.comments.all()]
    return [response.score, "".join(texts), response.revisions.count()]


def _torn(response: Response) -> list[str]:
    revisions, comments = list(response.revisions.all()), list(response.comments.all())
    last = revisions[-1] if revisions else None
    found = {
        "no revision": last is None,
        "revisions not in their order": [one.number for one in revisions] != list(range(1, len(revisions) + 1)),
        "comments": len(comments) != 1,
        "comment not read": any(one.classified_at is None for one in comments),
        "comment as it was": last is not None and [one.text for one in comments] != [last.text],
        "score as it was": last is not None and response.score != last.score,
        "answers": [one.value for one in response.answers.all()] != [response.score],
        "evidence": response.evidence != Response.Evidence.CONFIRMED,
        "invitation": response.invitation.answer_state != response.evidence or not response.invitation.answered_at,
    }
    return [name for name, is_so in found.items() if is_so]
