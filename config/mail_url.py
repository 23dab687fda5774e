"""What EMAIL_URL says: an SMTP server, or one of the mail services that anymail knows, like `postmark://`."""

from typing import Any

import environ

# By the name that stands in the address of their reports as well.
SERVICES = {
    name: f"anymail.backends.{name.replace('-', '_')}.EmailBackend"
    for name in (
        "brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal", "postmark", "resend",
        "scaleway", "sendgrid", "sparkpost", "unisender-go",
    )
}  # fmt: skip


def read(url: str) -> dict[str, Any]:
    """The settings that this address stands for; a service's keys are variables of their own (ANYMAIL_...)."""
    scheme = url.partition(":")[0]
    if scheme in SERVICES:
        return {"EMAIL_BACKEND": SERVICES[scheme]}
    return dict(environ.Env.email_url_config(url))
