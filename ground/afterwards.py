"""What is done once a page is on its way, so that nobody waits for it."""

import logging
from collections.abc import Callable

from django.http import HttpResponse

log = logging.getLogger(__name__)


def do(work: Callable[[], object], *, after: HttpResponse) -> None:
    """Do it when the page is closed, which `config.front` does after handing over all of it.

    What the page promises has to be done before: a process that is killed in between never comes to it.
    """

    def closing() -> None:
        try:
            work()
        except Exception as error:  # nobody is there any more to be told
            log.error("not done after a page: %s", type(error).__name__)

    after._resource_closers.append(closing)  # type: ignore[attr-defined]
