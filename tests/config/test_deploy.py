"""What lies in deploy/: read by the programs that will read it, and run as far as that goes without a container."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from config import unsafe
from config.up import processes
from ground import uploads, workbook_rows
from tests.campaign.running import bound_by_rights, migrated
from tests.e2e.stack import ROOT, free_port, wait_for

DEPLOY = ROOT / "deploy"
GOOD = "d8Zk3vQw7LrT1xYb5NcMfGh2JpSa9Ue4"


def shipped() -> dict[str, str]:
    """The settings of production as they are shipped, but for what lies in files."""
    lines = (DEPLOY / "production.env").read_text(encoding="utf-8").splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value for name, value in told.items() if not name.endswith("_FILE")}


def run(directory: Path, *command: str, cwd: Path = ROOT, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"OTKLIK_DATA_DIR": str(directory)} | shipped() | changes
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def manage(directory: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return run(directory, sys.executable, "manage.py", *arguments, **changes)


def test_the_shipped_settings_have_nothing_to_be_said_about(tmp_path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


def test_every_shipped_setting_is_one() -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    lines = (DEPLOY / "production.env").read_text(encoding="utf-8")
    for name in re.findall(r"^(\w+)=", lines, re.MULTILINE):
        reader = "text" if name.endswith("_FILE") else r"(?:env\.\w+|text)"
        assert re.search(rf'{reader}\("{name.removesuffix("_FILE")}"', source), name


def test_cookies_are_of_this_host_alone(tmp_path) -> None:
    told = "import config.settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
    told += " s.CSRF_COOKIE_SECURE, getattr(s, 'SESSION_COOKIE_DOMAIN', None), getattr(s, 'SESSION_COOKIE_PATH', '/'))"
    done = run(tmp_path, sys.executable, "-c", told)
    assert done.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "True", "None", "/"], done.stderr


@pytest.mark.parametrize(("changes", "says"), [
    ({"debug": True}, "DEBUG"),
    ({"hosts": ["*"]}, "ALLOWED_HOSTS"),
    ({"keys": ("short", GOOD)}, "SECRET_KEY"),
    ({"keys": (GOOD, "change-me-" * 5)}, "LINK_KEY"),
    ({"keys": ("a" * 60, GOOD)}, "SECRET_KEY"),
    ({}, ""),
])  # fmt: skip
def test_unsafe_settings_are_refused_where_customers_come(changes: dict, says: str) -> None:
    told = {"debug": False, "hosts": ["feedback.example.org"], "keys": (GOOD, GOOD)} | changes
    reason = unsafe.why_not("https://feedback.example.org", **told)
    assert reason.startswith(says) and bool(reason) is bool(says)
    assert unsafe.why_not("http://127.0.0.1:8000", **told) == ""


def test_blanks_between_hosts_are_no_part_of_them(tmp_path) -> None:
    """A host with a blank before it is answered by nobody, and a wildcard with one would not be seen."""
    lists = {"ALLOWED_HOSTS": "one.example, two.example ,", "OUTBOUND_ALLOW": "10.0.0.0/8, crm.example"}
    environment = os.environ | lists | {"OTKLIK_DATA_DIR": str(tmp_path)}
    told = "import config.settings as s; print(s.ALLOWED_HOSTS, s.OUTBOUND_ALLOW)"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=environment, capture_output=True, text=True,
                          timeout=60, check=True)  # fmt: skip
    assert done.stdout.strip() == "['one.example', 'two.example'] ['10.0.0.0/8', 'crm.example']"


def test_nothing_starts_with_them(tmp_path) -> None:
    done = manage(tmp_path, "migrate", DEBUG="true")
    assert done.returncode == 1 and done.stderr.startswith("DEBUG shows") and "Traceback" not in done.stderr


# --- the image ---------------------------------------------------------------------------------------------------


def image(text: str) -> list[str]:
    """The instructions, each on one line."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    return [" ".join(line.split()) for line in lines]


def test_the_image_is_as_the_linter_wants_it_and_not_for_root() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    steps = image((DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    assert "USER 10001" in steps and "VOLUME /data" in steps
    assert any("--require-hashes" in step for step in steps)


def is_left_out(name: str) -> bool:
    """Whether `.dockerignore` keeps this file out of the image."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    return any(name == line or name.startswith(f"{line}/") or fnmatch(f"/{name}", line) for line in ignored)


@pytest.mark.parametrize("name", ["deploy/.env", "deploy/secrets/secret_key", ".env", "data/otklik.sqlite3"])
def test_no_secret_that_the_guide_has_one_make_goes_into_the_image_or_the_repository(name: str) -> None:
    assert is_left_out(name)
    assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0


def test_what_the_image_holds_runs_on_a_read_only_root(tmp_path) -> None:
    """Its steps without a container: what is copied, where nothing can be written, with its own command."""
    root, data = tmp_path / "root", tmp_path / "data"
    data.mkdir()
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in tracked:
        if not is_left_out(name):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    assert not (root / "tests").exists()
    for path in [root, *root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    shutil.copyfile(migrated(), data / "otklik.sqlite3")
    steps, port = image((DEPLOY / "Dockerfile").read_text(encoding="utf-8")), free_port()
    command = yaml.safe_load(next(step for step in steps if step.startswith("CMD ")).removeprefix("CMD "))
    command = [str(port) if word == "8000" else word.replace("0.0.0.0", "127.0.0.1") for word in command]
    command[0] = str(Path(sys.executable).with_name(command[0]))
    environment = {"PATH": os.environ["PATH"], "OTKLIK_DATA_DIR": str(data), "PYTHONDONTWRITEBYTECODE": "1"} | shipped()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*bound_by_rights(), *command], cwd=root, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:

        def answers(path: str = "/readyz") -> bool:
            """By the machine's name and without TLS, as supervisors, balancers and Prometheus ask."""
            assert process.poll() is None, (tmp_path / "log").read_text()
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30).status == 200
            except urllib.error.HTTPError as error:
                raise AssertionError(error.read()) from error
            except OSError:
                return False

        wait_for(answers, seconds=120, what="the web server to answer")
        assert answers("/healthz") and answers("/metrics")
        with pytest.raises(AssertionError):
            answers("/admin/login/")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(120)
        for path in [root, *root.rglob("*")]:
            path.chmod(0o755)


# --- compose, systemd, nginx -------------------------------------------------------------------------------------


def queues_of(command: str) -> set[str]:
    return set(re.search(r"--queues[ =](\S+)", command)[1].split(","))


def test_the_composition_has_a_worker_for_each_queue_and_every_secret() -> None:
    told = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    services = told["services"]
    ours = {name: one for name, one in services.items() if one.get("image") == "otklik"}
    assert set(ours) == {"migrate", "web", "beat", *processes.WORKERS.values()}
    served = set().union(
        *(queues_of(" ".join(one["command"])) for one in ours.values() if "worker" in one.get("command", ""))
    )
    assert served == {queue.name for queue in settings.CELERY_TASK_QUEUES}
    for one in ours.values():
        assert one["read_only"] and one["cap_drop"] == ["ALL"] and one["env_file"] == ".env"
        assert set(one["depends_on"]) <= set(services)
    assert {secret for one in services.values() for secret in one.get("secrets", [])} == set(told["secrets"])
    files = re.findall(r"/run/secrets/(\w+)", (DEPLOY / "production.env").read_text(encoding="utf-8"))
    assert set(files) <= set(ours["web"]["secrets"])
    mounts = [mount for one in services.values() for mount in one.get("volumes", [])]
    assert {mount.split(":")[0] for mount in mounts} == set(told["volumes"])
    assert services["rabbitmq"]["profiles"] == ["rabbitmq"]


def test_the_commands_are_ones_that_exist(tmp_path) -> None:
    told = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    commands = [
        one["command"] for one in told["services"].values() if one.get("image") == "otklik" and "command" in one
    ]
    units = [re.search(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)[1] for unit in DEPLOY.rglob("*.service")]
    words = [*(" ".join(command) for command in commands), *units]
    assert any("config.up.ticking:SteadyScheduler" in line for line in words)
    programs = {Path(line.split()[0]).name for line in words}
    assert programs == {"python", "celery", "granian"}
    from config.up.ticking import SteadyScheduler

    assert SteadyScheduler


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_understands_the_units(tmp_path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace(
            "/srv/otklik/.venv/bin/", str(Path(sys.executable).parent) + "/"
        )
        (tmp_path / unit.name).write_text(text)
    units = sorted(tmp_path.glob("*.*"))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "otklik" in line and "Failed to" not in line]
    assert ours == []


def recipe() -> list[str]:
    """The commands that the guide gives for systemd, each on one line."""
    guide = (ROOT / "docs" / "install.md").read_text(encoding="utf-8").partition("**systemd.**")[2]
    block = re.search(r"(?:^    .+\n)+", guide, re.MULTILINE)
    assert block
    return [line.strip() for line in block[0].replace("\\\n", " ").splitlines()]


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl here")
def test_the_recipe_of_systemd_leads_from_nothing_to_services_that_start(tmp_path) -> None:
    """In the order in which they need each other; what it writes into the settings is what production takes."""
    lines, told = recipe(), "\n".join(recipe())
    steps = ("git clone", "setup_env.py", "useradd", "createdb", "production.env", "manage.py migrate",
             "manage.py createsuperuser", "/etc/systemd/system", "systemctl enable")  # fmt: skip
    places = [told.index(step) for step in steps]
    assert places == sorted(places)
    units = {file.name: file.read_text(encoding="utf-8") for file in (DEPLOY / "systemd").iterdir()}
    [account] = {re.search(r"^User=(\w+)$", text, re.MULTILINE)[1] for name, text in units.items() if "service" in name}
    assert re.search(rf"useradd .*\b{account}$", told, re.MULTILINE) and f"sudo -u {account} " in told
    enabled = set(re.findall(r"otklik-[\w@.-]+", lines[-1]))
    started = {"otklik-web", "otklik-beat", "otklik-backup.timer"}
    assert enabled == started | {f"otklik-worker@{queue.name}" for queue in settings.CELERY_TASK_QUEUES}

    first = next(number for number, line in enumerate(lines) if "production.env" in line)
    after = next(number for number, line in enumerate(lines) if "ln -s" in line)
    script = "\n".join(lines[first:after]).replace("/etc/otklik", str(tmp_path / "etc")).replace("--group otklik", "")
    subprocess.run(["sh", "-euc", script], cwd=ROOT, check=True)
    written = dict(
        line.split("=", 1) for line in (tmp_path / "etc" / "otklik.env").read_text().splitlines() if line[:1] != "#"
    )
    assert not [name for name in written if name.endswith("_FILE")] and "valkey" not in written["CELERY_BROKER_URL"]
    assert written.pop("OTKLIK_DATA_DIR") == "/var/lib/otklik"
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **written)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    # `.env` of the checkout is read by another program than systemd's file of the environment.
    told = "import environ, json; e = environ.Env; e.read_env('etc/otklik.env'); print(json.dumps(dict(e.ENVIRON)))"
    read = subprocess.run(
        [sys.executable, "-c", told], cwd=tmp_path, env={}, capture_output=True, text=True, check=True
    )
    assert {name: json.loads(read.stdout)[name] for name in written} == written


def test_the_proxy_sets_what_it_is_trusted_for() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    depth, statement = 0, ""
    for letter in re.sub(r'"[^"]*"|\'[^\']*\'', "quoted", text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
        if letter in "{};":
            assert letter == "}" or statement.strip(), "an empty statement"
            assert letter != "}" or not statement.strip(), f"no semicolon after {statement!r}"
            statement = ""
        else:
            statement += letter
    assert depth == 0 and not statement.strip()
    for line in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme", "Host $host", "X-Request-ID $request_id"):
        assert f"proxy_set_header {line};" in text
    (most,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(most) * 1024 * 1024 > uploads.MOST_BYTES + 1024 * 1024  # with the form around it
    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s;", text)
    assert int(seconds) > workbook_rows.PATIENCE
    assert "listen 443 ssl http2;" in text and "http2 on" not in text  # that of Ubuntu 24.04 knows no other way
    assert re.search(r"location = /metrics \{\s*return 404;", text)
    assert "masked_uri" in text and '$request_uri"' not in text
