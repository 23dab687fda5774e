"""A customer's way to what we hold about them: a link mailed to the address that we have, and what can be asked there.

Whoever holds a survey's link may have it from somebody else, so it shows nothing: it can only have the real link sent
to the customer. That one lives a day, is stored as a hash and made anew from the key when its mail is written.
"""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ground import halting, limits, public, rowqueue, smtp
from ground.calendars import Calendars
from ground.limits import Limit
from ground.models import Organisation
from ground.rowqueue import Claim
from ground.text import clean_line
from ground.working_time import end_of_working_day
from surveys import consents, links, suppression
from surveys.consents import Said
from surveys.models import Customer, ErasureRequest, Invitation, Message, OwnDataLink, Suppression, Survey

PURPOSE = "own-data"
LIVES = dt.timedelta(hours=24)
MAILS = Limit("own-data", 3, 86_400)
ERASED_WITHIN = 10  # working days
KEPT = dt.timedelta(days=30)
SOURCE = "own data page"
# The outcome of a request that the program itself saw to.
ERASED = "erased"
# What stands on the page's buttons; the record of a statement keeps it.
STOP_ALL, STOP_ONE = gettext_lazy("Stop all surveys"), gettext_lazy("Stop this survey")
RESUME = gettext_lazy("Ask me again")


# --- the link ----------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_link(invitation: Invitation, *, language: str) -> bool:
    """Have a link sent to the invitation's customer; False when three were sent today.

    Where no e-mail address is known nothing is sent, and nobody who asks learns of it.
    """
    customer = invitation.customer
    if not limits.hit(MAILS, str(customer.pk)):
        return False
    if customer.email:
        now = timezone.now()
        link = OwnDataLink(customer=customer, created_at=now, expires_at=now + LIVES, language=language)
        link.token_hash = links.hash_token(token_of(link))
        link.save(force_insert=True)
    return True


def token_of(link: OwnDataLink) -> str:
    """What stands in the link's address; the database holds all of it but the key."""
    return links.seal(f"{PURPOSE}|{link.customer_id}|{link.created_at.astimezone(dt.UTC).isoformat()}".encode())


def path_of(token: str) -> str:
    return f"/m/{token}"


def find(raw: str) -> OwnDataLink | None:
    """The link that lives under this token, however mangled; None when there is none or its day is over."""
    token = links.normalise(raw)
    if token is None:
        return None
    living = OwnDataLink.objects.select_related("customer").filter(expires_at__gt=timezone.now())
    return living.filter(token_hash=links.hash_token(token)).first()


def revoke(customer: Customer) -> int:
    """End every link of the customer at once; returns how many lived."""
    return OwnDataLink.objects.filter(customer=customer, expires_at__gt=timezone.now()).update(
        expires_at=timezone.now()
    )


def forget_old() -> int:
    """Delete links whose day is long over; returns how many."""
    return OwnDataLink.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()[0]


# --- its mail ----------------------------------------------------------------------------------------------------


def waiting() -> QuerySet[OwnDataLink]:
    """The queue: links whose mail has not left."""
    return OwnDataLink.objects.filter(sent_at=None, expires_at__gt=timezone.now())


def mail(ids: Iterable[int]) -> int:
    """Send the mails of those links; returns how many the mail server took. None is sent twice."""
    return 0 if halting.is_halted() else sum(_mail(pk) for pk in ids)


def _mail(pk: int) -> bool:
    claimed = rowqueue.claim(waiting(), ids=[pk], seconds=settings.EMAIL_TIMEOUT + settings.LEASE_SECONDS)
    ours = rowqueue.owned(OwnDataLink, claimed)
    link = ours.select_related("customer").first()
    if link is None or not ours.update(sent_at=timezone.now()):
        return False
    try:
        smtp.hand_over(build(link))
    except smtp.NotSent as error:
        _try_again(link, claimed, error)
        return False
    except smtp.Unknown as error:
        ours.update(error=str(error)[:300])  # it may have left; the customer can ask for another
    return True


def _try_again(link: OwnDataLink, claimed: Claim, error: smtp.NotSent) -> None:
    """The server certainly did not take it: once more in a minute, while the link lives."""
    back = {"sent_at": None, "attempts": 0, "leased_until": timezone.now() + dt.timedelta(minutes=1)}
    rowqueue.owned(OwnDataLink, claimed).update(error=str(error)[:300], **(back if error.passing else {}))


def build(link: OwnDataLink) -> EmailMultiAlternatives:
    """The mail with the link, in plain text: it says nothing about anybody."""
    organisation = Organisation.current()
    # A template tells moments on the clock that holds meanwhile, whatever theirs is.
    with translation.override(public.interface_language(link.language)), timezone.override(organisation.timezone):
        context = {
            "name": organisation.name,
            "address": settings.BASE_URL + path_of(token_of(link)),
            "until": link.expires_at,
        }
        text = render_to_string("emails/own_data.txt", context).strip() + "\n"
        subject = clean_line(_("Your data at %(name)s") % {"name": organisation.name})
    return EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=smtp.sender(organisation),
        to=[link.customer.email],
        headers={
            "Message-ID": f"<own-data.{link.pk}@{smtp.own_host()}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )


# --- what can be done there --------------------------------------------------------------------------------------


def addresses_of(customer: Customer) -> list[str]:
    """Every address under which the customer was asked or would be."""
    own = suppression.reached(Message.objects.filter(invitation__customer=customer))
    sent_to = own.values_list("address", flat=True).distinct()
    return sorted({suppression.fold(each) for each in [*sent_to, customer.email, customer.phone] if each})


def stopped(customer: Customer) -> list[Suppression]:
    """What keeps surveys from the customer, the widest first."""
    entries = Suppression.objects.select_related("survey").filter(address__in=addresses_of(customer))
    return sorted(entries, key=lambda entry: (entry.survey_id is not None, entry.pk))


def stop(customer: Customer, *, survey: Survey | None, said: Said) -> None:
    """Ask no more, through this survey or through any."""
    suppression.stop(customer, addresses_of(customer), survey=survey, source=SOURCE, said=said)


def resume(customer: Customer, *, said: Said) -> None:
    """Take back every stop of the customer's own."""
    own = [entry.survey for entry in stopped(customer) if entry.survey is not None]
    suppression.resume(customer, addresses_of(customer), surveys=own, said=said)


def ask_erasure(customer: Customer) -> ErasureRequest:
    """The customer's open request to be erased, made when there is none: due after ten working days."""
    now = timezone.now()
    due = end_of_working_day(Calendars().hours(None), now, ERASED_WITHIN)
    fresh = {"asked_at": now, "due_at": due}
    return ErasureRequest.objects.get_or_create(customer=customer, closed_at=None, defaults=fresh)[0]


def open_erasure(customer: Customer) -> ErasureRequest | None:
    return ErasureRequest.objects.filter(customer=customer, closed_at=None).first()


def withdraw_erasure(customer: Customer) -> bool:
    """The customer wants to stay after all; False when nothing was asked."""
    still_open = ErasureRequest.objects.filter(customer=customer, closed_at=None)
    return bool(still_open.update(closed_at=timezone.now(), is_withdrawn=True))


def close_erasure(request: ErasureRequest, *, outcome: str) -> bool:
    """Note what was done; False when it was closed or withdrawn before."""
    still_open = ErasureRequest.objects.filter(pk=request.pk, closed_at=None)
    return bool(still_open.update(closed_at=timezone.now(), outcome=clean_line(outcome, limit=300)))


def said_on_page(text: str, *, language: str) -> Said:
    """What somebody said who pressed the button with this text."""
    return consents.Said(source=SOURCE, text=text, language=language)
