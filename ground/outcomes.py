"""How handing something over can end besides well."""


class NotSent(Exception):
    """Refused before the other side took it; `passing` says whether a later try makes sense."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.passing = passing


class Unknown(Exception):
    """The connection broke after the text was handed over and before the server's word."""


def name(error: BaseException) -> str:
    """The kind of error without its text: servers repeat addresses in it."""
    return type(error).__name__
