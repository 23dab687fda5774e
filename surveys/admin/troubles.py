"""Why a mail did not go out, in words, and what to do about it. The machinery notes kinds and codes alone."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ground.admin import in_words
from surveys.eligibility import REASONS
from surveys.unsettled import TAKEN_AS_SENT


@dataclass(frozen=True)
class Trouble:
    """What happened, the mail server's code if it gave one, and what helps ("" when nothing can be said)."""

    words: Any
    code: str = ""
    advice: Any = ""

    def __str__(self) -> str:
        return f"{self.words} ({self.code})" if self.code else str(self.words)


BROKE_OFF = _("the connection to the mail server broke off")
NO_WAY = _("the mail server could not be reached")
LATER = _("When the mail server works again, send again.")
SETTINGS = _("An administrator has to mend the mail settings; then send again.")
GATEWAY = _("Try the gateway out on its page and mend what it says; then send again.")
CODE = re.compile(r"\d+(\.\d+)*")
# By what the machinery notes, without the code after the colon.
KINDS = {
    "the worker died while sending": (_("the worker stopped while it was handing the mail over"), ""),
    TAKEN_AS_SENT: (_("nobody knows whether it left; taken as sent by hand"), ""),
    "recipient refused": (
        _("the mail server refused the address"),
        _("Correct the address on the customer's page, then send again; or leave it."),
    ),
    "could not be written": (
        _("the mail could not be put together"),
        _("Look through the wording of the survey, publish a mended version and tell the administrator."),
    ),
    "SMTPAuthenticationError": (_("the mail server refused our log-in"), SETTINGS),
    "SMTPSenderRefused": (_("the mail server refused our sender address"), SETTINGS),
    "SMTPDataError": (
        _("the mail server refused the text"),
        _("Ask the provider of the mail server about the code; then send again."),
    ),
    "SMTPServerDisconnected": (BROKE_OFF, LATER),
    "ConnectionResetError": (BROKE_OFF, LATER),
    "BrokenPipeError": (BROKE_OFF, LATER),
    "TimeoutError": (_("the mail server did not answer in time"), LATER),
    "ConnectionRefusedError": (NO_WAY, LATER),
    "SMTPConnectError": (NO_WAY, LATER),
    "SMTPHeloError": (NO_WAY, LATER),
    "gaierror": (NO_WAY, SETTINGS),
    "unreadable reply": (_("nobody understood what the mail server replied"), ""),
    "came back": (_("the mail came back"), ""),
    "no gateway is set up": (_("no gateway is set up for it"), _("Add one on the page of gateways.")),
    "may not be called": (_("the gateway's address leads into a private network"), GATEWAY),
    "not reached": (_("the gateway could not be reached"), _("When the gateway works again, send again.")),
    "no reply": (_("the gateway took the request and did not answer"), ""),
    "the gateway broke": (_("the gateway broke off while it had the request"), ""),
    "the gateway refused": (_("the gateway refused the request"), GATEWAY),
    "the gateway reported": (_("the gateway could not deliver it"), ""),
    "the reply names no number": (_("the gateway's reply names no number of the message"), GATEWAY),
    "the webhook has no secret": (_("the webhook has no secret"), GATEWAY),
    "SSLError": (_("no safe connection to the mail server"), SETTINGS),
    "SSLCertVerificationError": (_("no safe connection to the mail server"), SETTINGS),
}


def read(error: str) -> Trouble:
    """What an error column says; one that has no words here stays as it was noted."""
    kind, _colon, code = error.partition(": ")
    if kind in KINDS:
        words, advice = KINDS[kind]
        return Trouble(words=words, code=code if CODE.fullmatch(code) else "", advice=advice)
    return Trouble(words=REASONS.get(error) or in_words(error))
