"""What the web server calls: many threads that only wait read what comes, a few that work answer it.

With the few alone, eight senders who take their time would keep everybody else from being answered.
"""

import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from config.wsgi import CHUNK, MOST, Application
from config.wsgi import application as answering

ANSWERING = 8
IN_MEMORY = 1024 * 1024


def shared(application: Application, threads: int) -> Application:
    """The application, called with the whole body, by one of so many threads; each keeps its line to the database."""
    few = ThreadPoolExecutor(threads, thread_name_prefix="answering")

    def answered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told: Future[Iterable[bytes]] = Future()
        few.submit(_answer, application, environ, start_response, told)
        return told.result()

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ.get("CONTENT_LENGTH") and not environ.get("HTTP_TRANSFER_ENCODING"):
            return answered(environ, start_response)
        with _whole(environ["wsgi.input"]) as body:
            environ["wsgi.input"] = body
            return answered(environ, start_response)

    return wrapped


def _whole(source: Any) -> IO[bytes]:
    """All that is sent, or the first of too much, which the application refuses by its length."""
    body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (whoever asked closes it)
    while body.tell() < MOST and (chunk := source.read(CHUNK)):
        body.write(chunk)
    body.seek(0)
    return body


def _answer(
    application: Application,
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    told: "Future[Iterable[bytes]]",
) -> None:
    """Whoever waits is told all of the answer before it is closed, and so before what is done afterwards."""
    try:
        response = application(environ, start_response)
        is_file = getattr(response, "streaming", False)  # whoever sends it closes it
        body = response if is_file else list(response)
    except BaseException as error:  # it would be waited for without end
        told.set_exception(error)
        return
    told.set_result(body)
    if not is_file:
        response.close()  # type: ignore[attr-defined]


application = shared(answering, ANSWERING)
