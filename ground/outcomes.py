"""How handing something over can end besides well."""

LOG_IN, SERVICE = "SMTPAuthenticationError", "mail service"
# A mail service that does not know our key: the mails wait until somebody mends that.
UNKNOWN_US = (401, 403)


class NotSent(Exception):
    """Refused before the other side took it; `passing` says whether a later try makes sense.

    `said` is what the server said of the recipient, to be understood and never kept: it may repeat the address.
    """

    def __init__(self, reason: str, *, passing: bool, said: str = "") -> None:
        super().__init__(reason)
        self.passing = passing
        self.said = said


class Unknown(Exception):
    """The connection broke after the text was handed over and before the server's word."""


def is_our_log_in(error: str) -> bool:
    """Whether a noted error says that the server does not let us in: no mail's fault, and nothing leaves until somebody
    mends the password or the key."""
    return error.startswith((f"{LOG_IN}: 5", *(f"{SERVICE}: {code}" for code in UNKNOWN_US)))


def name(error: BaseException) -> str:
    """The kind of error without its text: servers repeat addresses in it."""
    return type(error).__name__
