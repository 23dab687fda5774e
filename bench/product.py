"""The product on an empty database of its own, and processes inside of it that do what they are asked."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg

from tests.servers import postgres

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("SQLite", "PostgreSQL")

Environment = dict[str, str]
Ask = Callable[..., Any]


@contextmanager
def on(name: str, *, keep: Path | None = None, **more: str) -> Iterator[Environment]:
    """The environment of a product with every table; `keep` is a directory where its data stay."""
    with _room(name, keep) as (directory, url):
        yield _migrated(directory, url, more)


@contextmanager
def side_by_side(name: str, count: int, *, keep: Path | None = None, **more: str) -> Iterator[list[Environment]]:
    """So many of them; on PostgreSQL their databases are of one server."""
    with _room(name, keep) as (directory, url):
        yield [
            _migrated(directory / f"place{number}", url and another(url, f"place{number}"), more)
            for number in range(count)
        ]


def filled_once(environment: Environment, name: str, count: int, fill: Callable[[int], object]) -> None:
    """Fill it, unless its data were kept from a run that did: a file there tells how many of what there are."""
    told = Path(environment["OTKLIK_DATA_DIR"]) / name
    if not told.exists():
        fill(count)
        told.write_text(f"{count}")
    elif told.read_text() != f"{count}":
        raise SystemExit(f"{told.parent} has {told.read_text()} {name}")


@contextmanager
def _room(name: str, keep: Path | None) -> Iterator[tuple[Path, str | None]]:
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
        place = keep or Path(directory)
        place.mkdir(parents=True, exist_ok=True)
        server = keep and keep / "server"
        with postgres(durable=True, keep=server) if name == "PostgreSQL" else nullcontext() as url:
            yield place, url


def _migrated(directory: Path, url: str | None, more: Environment) -> Environment:
    directory.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"OTKLIK_DATA_DIR": str(directory), "LOG_LEVEL": "ERROR"} | more
    environment.pop("DATABASE_URL", None)
    if url:
        environment["DATABASE_URL"] = url
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    return environment


def another(url: str, name: str) -> str:
    """The address of another database of the same server, made if missing."""
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f"CREATE DATABASE {name}")
        return url.replace(f"/{connection.info.dbname}?", f"/{name}?", 1)


@contextmanager
def inside(environment: Environment) -> Iterator[Ask]:
    """A process inside Django: `ask("bench.mails.run", 600, 25)` calls that there and tells what it returns."""
    answers, told = os.pipe()
    command = [sys.executable, "-m", "bench.product", str(told)]
    with (
        open(answers) as replies,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, pass_fds=(told,)
        ) as process,
    ):
        os.close(told)
        requests = process.stdin
        assert requests is not None

        def ask(what: str, *arguments: Any, **named: Any) -> Any:
            print(json.dumps([what, arguments, named]), file=requests, flush=True)
            reply = replies.readline()
            if not reply:
                raise SystemExit(f"{what} ended with {process.wait()}")
            return json.loads(reply)

        yield ask
        requests.close()


def ask_once(environment: Environment, what: str, *arguments: Any, **named: Any) -> Any:
    """The same in a process that does nothing else."""
    with inside(environment) as ask:
        return ask(what, *arguments, **named)


def _serve(replies: int) -> None:
    """Do what is asked, one thing after another, until nothing more is."""
    import django
    from django.utils.module_loading import import_string

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for line in sys.stdin:
        what, arguments, named = json.loads(line)
        os.write(replies, json.dumps(import_string(what)(*arguments, **named)).encode() + b"\n")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
