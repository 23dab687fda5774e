"""The mail check: what of sending and of hearing back is set up, and, on a press of the button, what DNS says."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from config import notifications_page
from ground import inbox, limits, notice_mail, smtp
from ground.access import requires
from ground.models import InboundMail, Organisation, Role, User
from surveys import sender_check
from surveys.sender_check import ATTENTION, MISSING, OK, Finding

MOST_SELECTORS = 10
HOOK = "/webhooks/mail/<service>/"


def page(request: HttpRequest) -> HttpResponse:
    """GET asks nobody anything; POST asks DNS and opens the mailbox."""
    sender = smtp.sender_address(Organisation.current())
    typed = request.POST.get("selectors", "")[:200]
    context: dict[str, Any] = {"title": _("Mail check"), "sender": sender, "selectors": typed}
    was_asked = request.method == "POST"
    context["own"] = [sending(), bounces(), mailbox(opened=was_asked), reports()]
    if was_asked:
        names = tuple(typed.replace(",", " ").lower().split())[:MOST_SELECTORS]
        context["found"] = sender_check.look(sender, bounces_to=settings.BOUNCE_ADDRESS, selectors=names)
    return TemplateResponse(request, "admin/mail_check.html", admin.site.each_context(request) | context)


def sending() -> Finding:
    title = _("How mails leave")
    if not smtp.is_smtp():
        service = settings.EMAIL_BACKEND.split(".")[-2].replace("_", " ")
        return Finding(title, OK, _("Through the mail service %s.") % service)
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if settings.EMAIL_HOST in inbox.LOOPBACK and settings.EMAIL_PORT == settings.SMTP_PORT:
        says = _("Into the local mailbox, which only shows them: no customer gets anything.")
        return Finding(title, ATTENTION, says, _("Set EMAIL_URL to your mail server or service."), server)
    is_safe = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or settings.EMAIL_HOST in inbox.LOOPBACK
    if not is_safe:
        says = _("To a mail server without encryption: whoever is on the way can read the mails.")
        return Finding(title, ATTENTION, says, _("Write smtp+tls:// or smtp+ssl:// in EMAIL_URL."), server)
    return Finding(title, OK, _("To a mail server."), "", server)


def bounces() -> Finding:
    title = _("Return address")
    if not settings.BOUNCE_ADDRESS:
        says = _("Mails that cannot be delivered come back to the sender, and Otklik does not hear of it.")
        todo = _("Set BOUNCE_ADDRESS to an address of your own, like bounces@example.org.")
        return Finding(title, MISSING, says, todo)
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    says = _("Each mail has a return address of its own, sealed, so that nobody can forge a bounce.")
    return Finding(title, OK, says, "", f"{local}+…@{domain}")


def mailbox(*, opened: bool) -> Finding:
    """Whether bounces are read; with `opened`, the mailbox is really looked into."""
    title = _("Mailbox for bounces and spam reports")
    try:
        place = inbox.address()
    except ValueError:
        says = _("MAILBOX_URL cannot be read.")
        return Finding(title, ATTENTION, says, _("Write it like imaps://user:password@host/INBOX."))
    if place is None:
        todo = _("Set MAILBOX_URL to the mailbox that takes mail for BOUNCE_ADDRESS.")
        return Finding(title, MISSING, _("Nobody reads what comes back."), todo)
    last = InboundMail.objects.filter(mailbox=place.name).order_by("-pk").values_list("received_at", flat=True).first()
    known = Finding(title, OK, _("It is read twice a minute."), "", place.host, since=last)
    if not opened:
        return known
    try:
        count = inbox.count_unread(place)
    except inbox.TROUBLES as error:
        says = _("It cannot be opened just now: %s.") % type(error).__name__
        return replace(known, level=ATTENTION, says=says, todo=_("See that server, user and password are right."))
    told = ngettext("It opens; %d mail waits in it.", "It opens; %d mails wait in it.", count) % count
    return replace(known, says=told)


def reports() -> Finding:
    title = _("Reports of the mail service")
    if settings.ANYMAIL.get("WEBHOOK_SECRET"):
        return Finding(title, OK, _("They are taken with the secret only."), "", settings.BASE_URL + HOOK)
    if smtp.is_smtp():
        return Finding(title, OK, _("Not needed: mails leave through a mail server, and bounces come back as mails."))
    says = _("The mail service may not tell what became of the mails.")
    todo = _("Set ANYMAIL_WEBHOOK_SECRET and give the service this address.")
    return Finding(title, MISSING, says, todo, settings.BASE_URL + HOOK)


def send_test(request: HttpRequest) -> HttpResponse:
    """A mail to whoever asks, from the same sender through the same server as the customers' mails."""
    user: User = request.user  # type: ignore[assignment]
    if limits.hit(notifications_page.TESTS, str(user.pk)):
        notice_mail.post(user, notifications_page.test_letter(user))
        messages.success(request, _("A test mail to %s is on its way.") % user.email)
    else:
        messages.error(request, _("Five test mails an hour are enough. Try again later."))
    return redirect("desk:mail_check")


urlpatterns = [
    path("mail-check/", requires(Role.ADMINISTRATOR)(page), name="mail_check"),
    path("mail-check/test/", require_POST(requires(Role.ADMINISTRATOR)(send_test)), name="mail_check_test"),
]
