"""Calls to others: hostile targets see no connection, allowed ones one request, and we know whether it left."""

import contextlib
import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ground import outbound
from ground.outbound import NotSent, Refused, Unknown
from tests.campaign import accounts

# What names of the tests resolve to; numbers resolve to themselves, as the C library reads them.
NAMES = {
    "localhost.example": ["127.0.0.1"],
    "intranet.example": ["10.1.2.3"],
    "mixed.example": ["93.184.216.34", "192.168.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "zone.example": ["fe80::1%eth0"],
    "public.example": ["93.184.216.34"],
    "xn--e1afmkfd.example": ["10.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
}
HOSTILE = [
    "http://127.0.0.1/", "http://127.1.2.3/", "http://localhost/", "https://localhost:443/", "http://LOCALHOST./",
    "http://0.0.0.0/", "http://0/", "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/",
    "http://172.31.255.254/", "http://192.168.1.1/", "http://169.254.0.1/",
    "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://100.127.255.254/",
    "http://192.0.0.1/", "http://192.0.2.1/", "http://198.18.0.1/", "http://198.51.100.7/", "http://203.0.113.9/",
    "http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/", "http://255.255.255.255/", "http://[::]/",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/", "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[fe80::1]/",
    "http://[fec0::1]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2001:0:0:0:0:0:80ff:fffe]/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/",
    "http://0x7f000001/", "http://127.1/", "http://017700000001/", "http://１２７。０。０。１/", "http://①②⑦.⓪.⓪.①/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://localhost.example/", "http://intranet.example/", "http://mixed.example/",
    "http://six.example/", "http://mapped.example/", "http://zone.example/", "http://пример.example/",
    "http://metadata.google.internal/", "http://nobody.example/", "http://user:pass@public.example/",
    "http://public.example@127.0.0.1/", "http://127.0.0.1#@public.example/", "http://127.0.0.1\\@public.example/",
    "http://public.example:22/", "http://public.example:0/", "http://public.example:99999/",
    "https://public.example:8443/", "ftp://public.example/", "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL", "javascript:alert(1)", "//public.example/", "public.example", "http://",
    "http:///path", "http://public.example/\r\nHost: other", "http://public.example/ a", "http://a_b.example/",
    "http://-public.example/", "http://[::1", "http://" + "a" * 300 + ".example/",
    "http://public.example/" + "a" * 2000,
]  # fmt: skip


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of NAMES only; returns what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        if host in NAMES:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in NAMES[host]]
        if host == "localhost" or not any(letter.isalpha() and letter not in "abcdefx" for letter in host):
            return real(host, port, *args, **kwargs)
        raise socket.gaierror(host)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that somebody tried to connect to; none is reached."""
    tried: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


def test_there_are_sixty() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_targets_see_no_connection(url: str, connected: list[Any]) -> None:
    with pytest.raises(Refused):
        outbound.check(url)
    with pytest.raises(NotSent) as caught:
        outbound.call(url)
    assert not caught.value.passing
    assert connected == []


@pytest.mark.campaign
def test_no_way_to_a_hostile_target_connects(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each as it stands, and each that is a number as what a name resolves to, alone and beside a public one."""
    attempted = refused = 0

    def tried(url: str) -> None:
        nonlocal attempted, refused
        for way in (outbound.check, outbound.call):
            attempted += 1
            try:
                way(url)
            except Refused:
                refused += 1
            except NotSent as error:
                refused += not error.passing

    for url in HOSTILE:
        tried(url)
    for number in numbers():
        for resolved in ([number], ["93.184.216.34", number], [number, "93.184.216.34"]):
            monkeypatch.setitem(NAMES, "turning.example", resolved)
            for scheme in ("http", "https"):
                tried(f"{scheme}://turning.example/")
    said = f"{attempted} inputs sent, refused {refused}, connections {len(connected)}"
    accounts.tell(capsys, f"outgoing calls: {said}")
    assert refused == attempted > 500 and connected == []


def numbers() -> list[str]:
    """The addresses among them that are written as such."""
    found = []
    for url in HOSTILE:
        with contextlib.suppress(ValueError):
            found.append(str(ipaddress.ip_address(urllib.parse.urlsplit(url).hostname or "")))
    return found


def test_a_resolver_that_changes_its_mind_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, connected: list[Any], resolver: list[str]
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    known = socket.getaddrinfo

    def rebinding(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if host == "rebind.example":
            resolver.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in next(answers)]
        return known(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with pytest.raises(NotSent) as caught:
        outbound.call("http://rebind.example/")
    assert caught.value.passing
    assert connected == [("93.184.216.34", 80)]
    assert resolver.count("rebind.example") == 1


def test_two_addresses_of_a_host_are_tried(monkeypatch: pytest.MonkeyPatch, connected: list[Any]) -> None:
    monkeypatch.setitem(NAMES, "many.example", [f"93.184.216.{number}" for number in range(1, 51)])
    with pytest.raises(NotSent) as caught:
        outbound.call("http://many.example/")
    assert caught.value.passing
    assert connected == [("93.184.216.1", 80), ("93.184.216.2", 80)]


def test_the_time_for_all_of_it_begins_before_the_first_address(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Listening without a word: the handshake of each address would wait for its own five seconds."""
    monkeypatch.setattr(outbound, "WHOLE_SECONDS", 0.4)
    monkeypatch.setitem(NAMES, "mute.example", ["127.0.0.1", "127.0.0.1"])
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.OUTBOUND_ALLOW = [f"mute.example:{mute.getsockname()[1]}"]
        began = time.monotonic()
        with pytest.raises(NotSent) as caught:
            outbound.call(f"https://mute.example:{mute.getsockname()[1]}/", body=b"x")
    assert caught.value.passing
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("allow", "url", "opens"),
    [
        ([], "http://public.example/", True),
        (["10.0.0.0/8"], "http://intranet.example/", True),
        (["10.0.0.0/8"], "http://intranet.example:8080/", False),
        (["10.0.0.0/8:8080"], "http://intranet.example:8080/", True),
        (["10.0.0.0/8:8080"], "http://intranet.example/", False),
        (["intranet.example:*"], "http://intranet.example:9/", True),
        (["intranet.example"], "http://localhost.example/", False),
        (["public.example:8080"], "http://public.example:8080/", True),
        (["[::1]:8080"], "http://[::1]:8080/", True),
        (["::1"], "http://[::1]/", True),
        (["93.184.216.34"], "http://mixed.example/", False),
    ],
)
def test_what_the_environment_opens(settings: Any, allow: list[str], url: str, opens: bool) -> None:
    settings.OUTBOUND_ALLOW = allow
    if opens:
        assert outbound.check(url).addresses
    else:
        with pytest.raises(Refused):
            outbound.check(url)


class Handler(BaseHTTPRequestHandler):
    """Answers by path, and notes what came."""

    def do_POST(self) -> None:
        seen: list[Any] = self.server.seen  # type: ignore[attr-defined]
        seen.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        if self.path == "/silent":
            self.close_connection = True
            return
        if self.path == "/drip":
            with contextlib.suppress(OSError):
                while not self.server.over.wait(0.05):  # type: ignore[attr-defined]
                    self.wfile.write(b"H")
            return
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/ok")
        body = b"x" * 200_000 if self.path == "/long" else b'{"id": 7}'
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server(settings: Any) -> Iterator[HTTPServer]:
    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    httpd.seen, httpd.over = [], threading.Event()  # type: ignore[attr-defined]
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{httpd.server_port}"]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield httpd
    httpd.over.set()  # type: ignore[attr-defined]
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def address(server: HTTPServer) -> Callable[[str], str]:
    return lambda path: f"http://127.0.0.1:{server.server_port}{path}"


def test_a_request_arrives_whole(server: Any, address: Callable[[str], str]) -> None:
    reply = outbound.call(address("/ok?a=1"), body=b"hello", headers={"X-Own": "yes"})
    assert (reply.status, reply.body, reply.is_success) == (200, b'{"id": 7}', True)
    [(path, headers, body)] = server.seen
    assert (path, headers["X-Own"], headers["Host"], body) == (
        "/ok?a=1", "yes", f"127.0.0.1:{server.server_port}", b"hello",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["Authorization: Token token", "Ключ", "X-Own\r\nX-Other"])
def test_a_header_that_is_none_keeps_the_request_back(server: Any, address: Callable[[str], str], name: str) -> None:
    with pytest.raises(NotSent) as caught:
        outbound.call(address("/ok"), headers={name: "yes"})
    assert not caught.value.passing
    assert server.seen == []


def test_a_redirect_is_not_followed(server: Any, address: Callable[[str], str]) -> None:
    reply = outbound.call(address("/moved"), body=b"x")
    assert (reply.status, reply.is_success, len(server.seen)) == (302, False, 1)


def test_a_long_reply_is_cut(address: Callable[[str], str]) -> None:
    assert len(outbound.call(address("/long"), body=b"x").body) == outbound.MOST_REPLY


@pytest.mark.parametrize("path", ["/silent", "/drip"])
def test_no_reply_to_what_left_is_unknown(
    monkeypatch: pytest.MonkeyPatch, address: Callable[[str], str], path: str
) -> None:
    if path == "/drip":  # enough to send it, or it would be known not to have left
        monkeypatch.setattr(outbound, "WHOLE_SECONDS", 3)
    with pytest.raises(Unknown):
        outbound.call(address(path), body=b"x")


def test_nobody_listening_is_not_sent_and_passes(settings: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # kept, so that nobody else begins to listen there
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{port}"]
        with pytest.raises(NotSent) as caught:
            outbound.call(f"http://127.0.0.1:{port}/", body=b"x")
    assert caught.value.passing


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for public.example that nobody vouches for, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl: apt install openssl")
    path = tmp_path / "both.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=public.example",
         "-addext", "subjectAltName=DNS:public.example", "-keyout", path.with_name("key.pem"), "-out", path],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + path.with_name("key.pem").read_bytes())
    return path


def test_the_certificate_is_checked_against_the_name_not_the_address(
    settings: Any, monkeypatch: pytest.MonkeyPatch, server: Any, certificate: Path
) -> None:
    monkeypatch.setitem(NAMES, "public.example", ["127.0.0.1"])
    monkeypatch.setitem(NAMES, "other.example", ["127.0.0.1"])
    settings.OUTBOUND_ALLOW = ["127.0.0.1:*"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    named, other = (f"https://{name}.example:{server.server_port}/ok" for name in ("public", "other"))
    with pytest.raises(NotSent):
        outbound.call(named, body=b"x")
    known = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: known(cafile=str(certificate)))
    with pytest.raises(NotSent):
        outbound.call(other, body=b"x")
    assert server.seen == []
    assert outbound.call(named, body=b"x").status == 200
