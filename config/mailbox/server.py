"""The two doors of the mail catcher: SMTP in, HTTP out, both on the loopback address only."""

import asyncio
import signal
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

from config.mailbox import page, store

HOST = "127.0.0.1"


class Catcher:
    """aiosmtpd's handler: every mail is taken and kept."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            store.keep(
                self.directory,
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                content=content,
            )
        except OSError:
            return "452 The mail catcher cannot write to its directory"
        return "250 Kept"


class PageDoor(BaseHTTPRequestHandler):
    """Serves `page.answer`; the Host is checked so that no foreign site can read the mails by renaming an address."""

    protocol_version = "HTTP/1.1"
    timeout = 10

    def __init__(self, directory: Path, *args: object) -> None:
        self.directory = directory
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:  # noqa: N802
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in {HOST, "localhost"}:
            reply = page.Answer(HTTPStatus.FORBIDDEN, b"", content_type="text/plain")
        else:
            path = self.path.partition("?")[0]
            reply = page.answer(self.directory, path=path, languages=self.headers.get("Accept-Language", ""))
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Content-Security-Policy", reply.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Paths and addresses stay out of the logs."""


def serve(*, directory: Path, smtp_port: int, page_port: int, ready: Callable[[], None]) -> None:
    """Catch mail until SIGTERM or SIGINT; calls `ready` once both doors are open. Raises OSError on a taken port."""
    directory.mkdir(parents=True, exist_ok=True)
    with ThreadingHTTPServer((HOST, page_port), partial(PageDoor, directory)) as pages:
        pages.daemon_threads = True
        Thread(target=pages.serve_forever, daemon=True).start()
        try:
            asyncio.run(_catch(directory, port=smtp_port, ready=ready))
        finally:
            pages.shutdown()


async def _catch(directory: Path, *, port: int, ready: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    catcher = Catcher(directory)
    server = await loop.create_server(
        lambda: SMTP(catcher, hostname="localhost", ident="Otklik", enable_SMTPUTF8=True, loop=loop), HOST, port
    )
    async with server:
        ready()
        await stopped.wait()
