"""What the usual providers want to be sent, as far as their public interfaces say; the account's own part is typed.

Words in capitals are to be replaced. A provider that is not here is described by its own documentation.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Preset:
    """The columns of a Gateway, and what to type as its secret."""

    name: Any
    secret_help: Any
    kind: str = "sms"
    url: str = "https://"
    encoding: str = "json"
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)
    id_path: str = ""
    status_path: str = ""
    report_id_path: str = ""
    statuses: dict[str, str] = field(default_factory=dict)

    def initial(self) -> dict[str, Any]:
        names = ("kind", "url", "encoding", "headers", "body", "id_path", "status_path", "report_id_path", "statuses")
        return {name: getattr(self, name) for name in names} | {"name": str(self.name)}


LOGIN = _("The login and the password or API key with a colon between: login:password")
TOKEN = _("The API key")

PRESETS: dict[str, Preset] = {
    "smsc": Preset(
        name="SMSC.ru",
        secret_help=LOGIN,
        url="https://smsc.ru/sys/send.php",
        encoding="form",
        body={
            "login": "{login}", "psw": "{password}", "phones": "{phone}", "mes": "{text}", "charset": "utf-8",
            "fmt": "3",
        },
        id_path="id",
        status_path="status",
        report_id_path="id",
        statuses={"1": "delivered", "2": "delivered", "3": "failed", "20": "failed", "22": "failed", "23": "failed",
                  "25": "failed"},
    ),
    "smsaero": Preset(
        name="SMS Aero",
        secret_help=_("The e-mail of the account and the API key with a colon between"),
        url="https://gate.smsaero.ru/v2/sms/send",
        encoding="form",
        headers={"Authorization": "Basic {basic}"},
        body={"number": "{digits}", "text": "{text}", "sign": "SMS Aero", "callbackUrl": "{callback}"},
        id_path="data.id",
        status_path="status",
        report_id_path="id",
        statuses={"1": "delivered", "2": "failed", "6": "failed"},
    ),
    "exolve": Preset(
        name="MTS Exolve",
        secret_help=TOKEN,
        url="https://api.exolve.ru/messaging/v1/SendSMS",
        headers={"Authorization": "Bearer {secret}"},
        body={"number": "SENDER", "destination": "{digits}", "text": "{text}"},
        id_path="message_id",
    ),
    "twilio": Preset(
        name="Twilio",
        secret_help=_("The account SID and the auth token with a colon between"),
        url="https://api.twilio.com/2010-04-01/Accounts/ACCOUNT_SID/Messages.json",
        encoding="form",
        headers={"Authorization": "Basic {basic}"},
        body={"To": "{phone}", "From": "SENDER", "Body": "{text}", "StatusCallback": "{callback}"},
        id_path="sid",
        status_path="MessageStatus",
        report_id_path="MessageSid",
        statuses={"delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed"},
    ),
    "messenger": Preset(
        name=_("Messenger"),
        secret_help=TOKEN,
        kind="messenger",
        headers={"Authorization": "Bearer {secret}"},
        body={"to": "{phone}", "text": "{text}", "reference": "{id}", "callback": "{callback}"},
        status_path="status",
        report_id_path="reference",
        statuses={"delivered": "delivered", "failed": "failed"},
    ),
    "crm": Preset(name="CRM", secret_help=_("Empty: one is made and shown once."), kind="webhook"),
}  # fmt: skip
