import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError
from django.utils.translation import gettext as _

from config.up import preflight, processes, welcome
from config.up.preflight import HOST, Trouble
from config.up.supervisor import Interrupted, Supervisor, WillNotStart
from ground import erasing

START_SECONDS = 60.0


class Command(BaseCommand):
    help = "Run everything in one process tree: web, workers, scheduler, broker and mailbox. Ctrl-C stops all of it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="where the pages are served (default: PORT or 8000)")
        parser.add_argument("--no-mailbox", action="store_true", help="do not start the local mail catcher")
        parser.add_argument("--demo", action="store_true", help="first migrate and load the demo data, when needed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["port"] not in {None, settings.PORT}:
            _start_again(options["port"])
        try:
            self.keep_up(with_mailbox=not options["no_mailbox"] and _mail_stays_here(), with_demo=options["demo"])
        except Trouble as trouble:
            self.stderr.write(str(trouble))
            sys.exit(1)

    def keep_up(self, *, with_mailbox: bool, with_demo: bool) -> None:
        """Check, start, say where everything is, and stay until a signal."""
        run_dir, log_dir = settings.DATA_DIR / "run", settings.DATA_DIR / "logs"
        for directory in (settings.DATA_DIR, run_dir, log_dir):
            preflight.usable_directory(directory)
        lock = preflight.sole_owner(run_dir / "up.lock")
        ports = _free_ports(with_mailbox=with_mailbox)
        _prepare_database(with_demo=with_demo)
        supervisor = Supervisor(log_dir=log_dir, state=run_dir / "up.json", lock=lock, facts=dict(ports))
        try:
            self.start(supervisor, with_mailbox=with_mailbox)
            self.say(with_mailbox=with_mailbox)
            supervisor.run()
        except Interrupted:
            pass
        except WillNotStart as failure:
            values = {"name": failure.name, "log": failure.log}
            end = "\n".join(failure.tail)
            raise Trouble(_("%(name)s does not start. The end of %(log)s:") % values + "\n" + end) from failure
        finally:
            supervisor.stop()

    def start(self, supervisor: Supervisor, *, with_mailbox: bool) -> None:
        """Broker and mailbox come up while the rest is being imported; the workers find the broker there."""
        supervisor.start([*processes.bundled_broker(), *([processes.mailbox()] if with_mailbox else [])])
        processes.preload()
        supervisor.wait_ready(START_SECONDS)
        connections.close_all()
        processes.collect_rarely()
        supervisor.start(processes.preloaded())
        supervisor.wait_ready(START_SECONDS)

    def say(self, *, with_mailbox: bool) -> None:
        mailbox_url = f"http://{HOST}:{settings.MAILBOX_PORT}/" if with_mailbox else None
        lines = welcome.lines(base_url=settings.BASE_URL, data_dir=settings.DATA_DIR, mailbox_url=mailbox_url)
        self.stdout.write(_("Otklik is up; Ctrl-C stops it. Logs: %(path)s") % {"path": settings.DATA_DIR / "logs"})
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _start_again(port: int) -> None:
    # Every link in a mail is made from settings that depend on the port, so the port must be there when they are read.
    os.environ["PORT"] = str(port)
    os.execv(sys.executable, [sys.executable, *sys.argv, "--port", str(port)])


def _mail_stays_here() -> bool:
    return settings.EMAIL_HOST == HOST and settings.EMAIL_PORT == settings.SMTP_PORT


def _free_ports(*, with_mailbox: bool) -> dict[str, int]:
    ports = {"PORT": settings.PORT}
    if with_mailbox:
        ports |= {"SMTP_PORT": settings.SMTP_PORT, "MAILBOX_PORT": settings.MAILBOX_PORT}
    for variable, port in ports.items():
        preflight.free_port(port, variable=variable)
    return ports


def _prepare_database(*, with_demo: bool) -> None:
    waiting = _asked(_migrations_waiting)
    if waiting and not with_demo:
        raise Trouble(_("The database is not up to date. Run: python manage.py migrate"))
    if waiting:
        _run("migrate", "--verbosity", "0")
    if with_demo and (waiting or not welcome.demo(settings.DATA_DIR)):
        _run("load_demo")
    if _asked(erasing.is_behind):
        _run("reapply_erasures")


def _migrations_waiting() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _asked(question: Callable[[], bool]) -> bool:
    """What the database says to it, with no connection left behind."""
    try:
        return question()
    except OperationalError as error:
        values = {"reason": error}
        raise Trouble(_("The database does not answer (%(reason)s). Check DATABASE_URL.") % values) from error
    finally:
        connection.close()
        if hasattr(connection, "close_pool"):
            # The pool's threads would make forking unsafe.
            connection.close_pool()


def _run(*command: str) -> None:
    # In a process of its own: what a command imports or starts must not be inherited by every child.
    if subprocess.run([sys.executable, sys.argv[0], *command], check=False).returncode:
        raise Trouble(_("%(command)s failed: see above.") % {"command": f"manage.py {' '.join(command)}"})
