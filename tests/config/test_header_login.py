"""The log-in by a proxy that knows who is there: off unless it is safe, and believed from named proxies alone."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config import unsafe
from ground.models import Session, User

ROOT = Path(__file__).resolve().parent.parent.parent
HOME, HEADER = "/admin/feedback/comment/", "X-Authenticated-Email"
SAFE = {"BASE_URL": "https://feedback.example.org", "LOGIN_HEADER": HEADER, "LOGIN_HEADER_PROXIES": ["192.0.2.0/28"],
        "TRUSTED_PROXIES": 1}  # fmt: skip


def put(settings: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"header": ""}, ""),
        ({"networks": []}, "anybody could say"),
        ({"networks": ["0.0.0.0/0"]}, "wider"),
        ({"networks": ["192.0.2.1/32", "::/0"]}, "wider"),
        ({"networks": ["proxy.local"]}, "not a network"),
        ({"base_url": "http://feedback.example.org"}, "https"),
        ({"proxies": 0}, "TRUSTED_PROXIES"),
        *[({"header": name}, "LOGIN_HEADER is not") for name in
          ("User-Agent", "X-Forwarded-For", "Cookie", "REMOTE_USER", "Accept-Language", "a b", "X-Ä")],
    ],
)  # fmt: skip
def test_an_unsafe_header_starts_nothing(changes: dict[str, Any], says: str) -> None:
    told = {"base_url": "https://feedback.example.org", "header": HEADER, "networks": ["192.0.2.0/28"], "proxies": 1}
    reason = unsafe.why_no_header(**(told | changes))
    assert says in reason and bool(reason) is bool(says)


def test_the_settings_do_not_load_with_it(tmp_path: Path) -> None:
    environment = os.environ | {"LOGIN_HEADER": HEADER, "OTKLIK_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "anybody could say who they are" in done.stderr


def get(client: Client, email: str, *, proxy: str = "192.0.2.3", header: str = HEADER) -> int:
    sent = {"headers": {header: email}} if email else {}
    return client.get(HOME, REMOTE_ADDR=proxy, secure=True, **sent).status_code


@pytest.mark.django_db
def test_it_is_off_by_default(client: Client, manager: User) -> None:
    for header in (HEADER, "Remote-User", "X-Forwarded-User"):
        assert get(client, manager.email, header=header) == 302


@pytest.mark.django_db
def test_the_proxy_says_who_is_there(client: Client, manager: User, viewer: User, settings: Any) -> None:
    put(settings, **SAFE)
    assert get(client, "") == 302
    assert get(client, manager.email.upper()) == 200
    assert client.session["_auth_user_id"] == str(manager.pk)
    key = client.session.session_key
    assert get(client, manager.email) == 200 and client.session.session_key == key
    assert get(client, viewer.email) == 200 and client.session["_auth_user_id"] == str(viewer.pk)
    assert get(client, "") == 302  # nobody is named any more
    assert not Session.objects.filter(user__in=[manager, viewer]).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said", ["unknown@example.org", "", "a,b", "manager@example.org,x@example.org", "x" * 5000, "ж"]
)
def test_whoever_is_not_known_gets_nowhere(client: Client, manager: User, settings: Any, said: str) -> None:
    put(settings, **SAFE)
    assert get(client, said) == 302


@pytest.mark.django_db
def test_only_the_named_proxies_are_believed(client: Client, manager: User, settings: Any) -> None:
    put(settings, **SAFE)
    for address in ("198.51.100.7", "192.0.2.16", "", "unix:", "::1"):
        assert get(client, manager.email, proxy=address) == 302
    stolen = Client()
    assert get(stolen, manager.email) == 200
    assert get(stolen, manager.email, proxy="198.51.100.7") == 302  # a session goes with its header


@pytest.mark.django_db
def test_people_without_a_role_or_log_in_stay_out(client: Client, manager: User, settings: Any) -> None:
    put(settings, **SAFE)
    User.objects.create_user("norole@example.org", None)
    assert get(client, "norole@example.org") == 302
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert get(client, manager.email) == 302
