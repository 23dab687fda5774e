"""Each fault turns its own light red, for people and for programs; and who may see them."""

import datetime as dt
import json
import logging
import os
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings as project
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from analytics.models import RollupClock
from config import celery, lights, metrics
from ground import halting, pulses, request_ids
from ground.models import Change, Job, Outgoing, Pulse, Session
from ground.quiet_log import JsonFormatter
from surveys.models import Message
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db
LONG = dt.timedelta(minutes=10)


@pytest.fixture
def runs(organisation) -> None:
    """Everything as it should be."""
    told = (pulses.TICK, pulses.COUNTS, pulses.READ, "backup")
    for name in (*told, *(pulses.name_of(queue) for queue in lights.WORKERS)):
        Pulse.beat(name)
    RollupClock.objects.update_or_create(pk=1, defaults={"as_of": timezone.now()})


@pytest.fixture
def roomy(monkeypatch) -> None:
    """A machine whose own disk says nothing here."""
    monkeypatch.setattr(lights.shutil, "disk_usage", lambda path: SimpleNamespace(free=50e9))


def found() -> dict[str, str]:
    return {light.name: light.level for light in lights.every() if light.level != lights.OK}


def silent(*names: str) -> None:
    Pulse.objects.filter(name__in=names).update(at=timezone.now() - dt.timedelta(seconds=lights.SILENT_SECONDS + 1))


def beat_stops(monkeypatch, make_invitation) -> None:
    silent(pulses.TICK)


def worker_stops(monkeypatch, make_invitation) -> None:
    silent(pulses.name_of("understand"))


def comments_wait(monkeypatch, make_invitation) -> None:
    make_comment(text="x", classified_at=None, received_at=timezone.now() - LONG)
    Pulse.objects.filter(name=pulses.READ).update(at=timezone.now() - LONG)


def jobs_wait(monkeypatch, make_invitation) -> None:
    Job.objects.create(kind="x", created_at=timezone.now() - LONG)


def invitations_wait(monkeypatch, make_invitation) -> None:
    make_invitation(state="planned", sent_at=None, due_at=timezone.now() - dt.timedelta(hours=3))


def notices_wait(monkeypatch, make_invitation) -> None:
    Outgoing.objects.create(address="m@example.org", subject="s", text="t", html="h", created_at=timezone.now() - LONG)


def row_fails(monkeypatch, make_invitation) -> None:
    make_comment(text="x", classified_at=None, quarantined_at=timezone.now())


def mails_uncertain(monkeypatch, make_invitation) -> None:
    for _number in range(20):
        make_invitation(state="uncertain")


def server_refuses(monkeypatch, make_invitation) -> None:
    for _number in range(6):
        Message.objects.create(invitation=make_invitation(), address="a@example.org", state="failed")


def counts_lag(monkeypatch, make_invitation) -> None:
    Change.objects.create(scope="score", day=timezone.now().date())
    RollupClock.objects.update(as_of=timezone.now() - LONG)
    Pulse.objects.filter(name=pulses.COUNTS).update(at=timezone.now() - LONG)


def disk_is_full(monkeypatch, make_invitation) -> None:
    monkeypatch.setattr(lights.shutil, "disk_usage", lambda path: SimpleNamespace(free=1e6))


def disk_is_read_only(monkeypatch, make_invitation) -> None:
    def refuse(**_: object) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(lights.tempfile, "TemporaryFile", refuse)


def database_is_read_only(monkeypatch, make_invitation) -> None:
    def refuse(name: str) -> None:
        with connection.cursor() as cursor:
            sqlite = connection.vendor == "sqlite"
            cursor.execute("PRAGMA query_only = 1" if sqlite else "SET LOCAL transaction_read_only = on")
            try:
                cursor.execute("DELETE FROM ground_pulse")
            finally:
                if sqlite:
                    cursor.execute("PRAGMA query_only = 0")

    monkeypatch.setattr(lights.Pulse, "beat", staticmethod(refuse))


def schema_is_old(monkeypatch, make_invitation) -> None:
    latest = MigrationLoader(connection).graph.leaf_nodes("ground")[0]
    MigrationRecorder(connection).record_unapplied(*latest)


def sending_is_halted(monkeypatch, make_invitation) -> None:
    halting.halt()


def backup_is_old(monkeypatch, make_invitation) -> None:
    Pulse.objects.filter(name="backup").update(at=timezone.now() - dt.timedelta(days=8))


FAULTS: dict[Callable[..., None], str] = {
    beat_stops: "beat",
    worker_stops: "worker_understand",
    comments_wait: "queue_comments",
    jobs_wait: "queue_jobs",
    invitations_wait: "queue_invitations",
    notices_wait: "queue_notices",
    row_fails: "quarantine",
    mails_uncertain: "uncertain",
    server_refuses: "mail_server",
    counts_lag: "rollups",
    disk_is_full: "disk",
    disk_is_read_only: "disk",
    database_is_read_only: "database",
    schema_is_old: "schema",
    sending_is_halted: "sending",
    backup_is_old: "backup",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_turns_its_own_light_red(runs, roomy, monkeypatch, make_invitation, fault) -> None:
    assert found() == {}
    fault(monkeypatch, make_invitation)
    assert found() == {FAULTS[fault]: lights.RED}
    told = {light.name: light for light in lights.every()}[FAULTS[fault]]
    assert told.says and told.todo


def test_a_comment_that_is_older_than_its_wait_turns_nothing_red(runs, roomy) -> None:
    """An anonymous one came in at midnight; one that was changed, or is read anew, days or months ago."""
    make_comment(text="x", classified_at=None, received_at=timezone.now() - 90 * LONG)
    assert found() == {}


@pytest.mark.parametrize(("fault", "light"), [
    (disk_is_full, "disk"), (disk_is_read_only, "disk"), (database_is_read_only, "database"),
])  # fmt: skip
def test_balancers_are_told_when_answers_cannot_be_stored(
    client: Client, runs, roomy, monkeypatch, fault: Callable[..., None], light: str
) -> None:
    assert client.get("/readyz").json()["status"] == "ready"
    fault(monkeypatch, None)
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json()) == (503, {"status": "unready", "lights": [light]})
    assert reply["Retry-After"] and reply["Cache-Control"] == "no-store"
    assert client.get("/healthz").status_code == 200  # nothing is better for being started anew


def test_people_are_told_long_before_balancers(client: Client, runs, monkeypatch) -> None:
    """A host that still has room takes answers; people have been told to make some for days."""
    for free, level, status in ((50e9, lights.OK, 200), (1.9e9, lights.ATTENTION, 200), (150e6, lights.RED, 200),
                                (29e6, lights.RED, 503)):  # fmt: skip
        monkeypatch.setattr(lights.shutil, "disk_usage", lambda path, free=free: SimpleNamespace(free=free))
        assert lights.disk()[0].level == level
        assert client.get("/readyz").status_code == status


def test_the_fullest_of_the_disks_counts(runs, monkeypatch, settings, tmp_path) -> None:
    """SQLite's file may lie elsewhere than the data directory."""
    settings.DATA_DIR = tmp_path
    frees = {tmp_path: 50e9}
    monkeypatch.setattr(lights.shutil, "disk_usage", lambda path: SimpleNamespace(free=frees.get(path, 1e6)))
    is_beside = connection.vendor == "sqlite"
    assert lights.disk()[0].level == (lights.RED if is_beside else lights.OK)
    assert lights.unready() == (["disk"] if is_beside else [])


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_to_a_full_disk_is_let_in(client: Client, administrator, runs, roomy, monkeypatch) -> None:
    """That a session is used is noted every five minutes, and then cannot be: the page opens that says what to do."""

    def refuse(*_arguments: object, **_named: object) -> None:
        raise OperationalError("database or disk is full")

    client.force_login(administrator)
    disk_is_full(monkeypatch, None)
    monkeypatch.setattr(Session, "save", refuse)
    assert client.get("/admin/system/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_to_a_database_that_takes_no_writes_is_let_in(
    client: Client, administrator, runs, roomy, monkeypatch
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        with connection.cursor() as cursor:
            is_sqlite = connection.vendor == "sqlite"
            cursor.execute("PRAGMA query_only = 1" if is_sqlite else "SET LOCAL transaction_read_only = on")
            try:
                cursor.execute("DELETE FROM ground_session")
            finally:
                if is_sqlite:
                    cursor.execute("PRAGMA query_only = 0")

    client.force_login(administrator)
    monkeypatch.setattr(Session, "save", refuse)
    assert client.get("/admin/system/").status_code == 200


@pytest.mark.parametrize(("language", "says"), [("ru", "Сделать"), ("en", "To do")])
def test_administrators_read_what_to_do(
    client: Client, administrator, manager, runs, roomy, language: str, says: str
) -> None:
    type(administrator).objects.update(language=language)
    client.force_login(administrator)
    assert says not in client.get("/admin/system/").content.decode()
    silent(pulses.TICK)
    page = client.get("/admin/system/").content.decode()
    assert says in page and {"ru": "Планировщик", "en": "Scheduler"}[language] in page
    client.force_login(manager)
    assert client.get("/admin/system/").status_code == 403


LINE = re.compile(r'otklik_\w+(\{\w+="[\w.]+"(,\w+="[\w.]+")*\})? -?\d[\d.e+-]*')


def test_programs_read_numbers(client: Client, runs, roomy, make_invitation) -> None:
    mails_uncertain(None, make_invitation)
    page = client.get("/metrics")
    assert page.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = page.content.decode().splitlines()
    assert all(LINE.fullmatch(line) for line in lines if not line.startswith("#")), lines
    assert "otklik_uncertain_mails 20" in lines and 'otklik_light{light="uncertain"} 2' in lines
    told = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert told == {line.split("{")[0].split()[0] for line in lines if not line.startswith("#")}
    assert told == {f"otklik_{name}" for name in metrics.HELP}


def test_metrics_are_for_this_machine_or_with_the_token(client: Client, runs, settings) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 403
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 403
    settings.METRICS_TOKEN = "long-secret"
    assert client.get("/metrics").status_code == 403
    for shown in ("", "Bearer", "Bearer wrong", "Bearer \xff"):
        assert client.get("/metrics", HTTP_AUTHORIZATION=shown).status_code == 403
    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_AUTHORIZATION="Bearer long-secret")
    assert answer.status_code == 200 and client.post("/metrics").status_code in (403, 405)


def test_the_dashboard_draws_numbers_that_exist() -> None:
    board = json.loads((project.BASE_DIR / "deploy" / "grafana.json").read_text(encoding="utf-8"))
    asked = set(re.findall(r"otklik_(\w+)", json.dumps(board)))
    assert asked == set(metrics.HELP)


# --- signs of life and names of requests -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_worker_says_that_it_lives(monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulses.Pulse, "beat", said.append)
    end = pulses.go_on(["send"])
    end()
    assert said == [pulses.name_of("send")]
    Pulse.objects.create(name="send@gone", at=timezone.now() - dt.timedelta(days=3))
    assert pulses.forget_old() == 1


def test_a_line_of_json_holds_no_address_and_names_its_request() -> None:
    name = request_ids.begin()
    record = logging.LogRecord("x", logging.ERROR, "", 1, "mail to %s failed", ("olga@example.org",), None)
    told = json.loads(JsonFormatter().format(record))
    assert told["request"] == name and told["message"] == "mail to <address> failed" and told["level"] == "ERROR"


def test_a_request_has_a_name_and_a_trusted_proxy_may_give_it(client: Client, settings) -> None:
    given = "0123456789abcdef"
    made = client.get("/healthz", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", made) and made != given
    settings.TRUSTED_PROXIES = 1
    assert client.get("/healthz", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] == given
    for forged in ("79990000011223344", "olga@example.org", "x" * 5000):
        assert client.get("/healthz", HTTP_X_REQUEST_ID=forged).headers["X-Request-ID"] != forged


def test_the_name_goes_on_into_workers() -> None:
    name, headers = request_ids.begin(), {}
    celery._send_along(headers=headers)
    request_ids.begin()
    celery._take_up(task=SimpleNamespace(request=SimpleNamespace(**headers)))
    assert request_ids.current() == name
