"""The one HTTP client: calls only addresses that are public or that OUTBOUND_ALLOW opens, so that nobody can make us
call our own network.

A host is resolved once; when any of its addresses is not public, nothing is called. The connection goes to the
resolved address itself while the name stays in the certificate check, so an answer of the name server that changes
meanwhile changes nothing. Redirects are not followed.
"""

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from ground.smtp import NotSent, Unknown

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
# A host's name may stand for any number of addresses, and all of a call has to fit into the lease of who makes it.
CONNECT_SECONDS, WHOLE_SECONDS, MOST_ADDRESSES = 5.0, 20.0, 2
MOST_REPLY = 64 * 1024
LONGEST_URL = 2000
# Blanks, control characters and backslashes, which two parsers of one address read in two ways.
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*\Z")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(ValueError):
    """An address that we do not call; the message is for people."""


@dataclass(frozen=True)
class Target:
    """A checked address: whom to call, by which of the resolved addresses, and what stands behind the host."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """The other side's word: its status, and the first 64 KB of its body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def check(url: str) -> Target:
    """The target behind an address, resolved; raises Refused when it may not be called."""
    parts = _parse(url)
    host = _host(parts)
    port = _port(parts)
    opened = [_entry(text.strip().lower()) for text in settings.OUTBOUND_ALLOW]
    addresses = _resolve(host, port)
    for address in addresses:
        if any(entry.covers(host, address) and entry.opens(port) for entry in opened):
            continue
        if not is_public(address):
            raise Refused(_("This address leads into a private network."))
        if port not in PORTS.values():
            raise Refused(_("Only the ports 80 and 443 are called."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        scheme=parts.scheme, host=host, port=port, path=path, addresses=tuple(str(address) for address in addresses)
    )


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet, those that wrap an IPv4 address by what they wrap."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(wrapped)
        if address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def _parse(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or _AMBIGUOUS.search(url):
        raise Refused(_("This is not a web address."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(_("This is not a web address.")) from None
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise Refused(_("The address has to begin with http:// or https://."))
    if "@" in parts.netloc:
        raise Refused(_("The address may carry no user name or password: put them into the headers."))
    if not parts.path.isascii() or not parts.query.isascii():
        raise Refused(_("This is not a web address."))
    return parts


def _host(parts: SplitResult) -> str:
    """The host's name in its ASCII form; numbers in unusual clothes (decimal, octal, hexadecimal) are refused."""
    name = (parts.hostname or "").rstrip(".")
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(name))
    try:
        name = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise Refused(_("This is not a web address.")) from None
    if not _NAME.match(name) or re.fullmatch(r"(0x[0-9a-f]*|\d+)", name.rpartition(".")[2]):
        raise Refused(_("This is not a web address."))
    return name


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(_("Nobody knows this host.")) from None
    return [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_rest, address in found]


@dataclass(frozen=True)
class Opened:
    """One entry of OUTBOUND_ALLOW: a network or a host's name, and a port ("" for 80 and 443, "*" for any)."""

    name: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    port: str

    def covers(self, host: str, address: Address) -> bool:
        if self.network is None:
            return host == self.name
        return address.version == self.network.version and address in self.network

    def opens(self, port: int) -> bool:
        return self.port in ("*", str(port)) or (not self.port and port in PORTS.values())


def _entry(text: str) -> Opened:
    """`10.0.0.0/8`, `crm.example`, either with `:8080` or `:*` behind; IPv6 in brackets when a port follows."""
    with contextlib.suppress(ValueError):
        return Opened(name="", network=ipaddress.ip_network(text, strict=False), port="")
    name, separator, port = text.rpartition(":")
    name = (name if separator else text).strip("[]")
    try:
        return Opened(name="", network=ipaddress.ip_network(name, strict=False), port=port if separator else "")
    except ValueError:
        return Opened(name=name, network=None, port=port if separator else "")


def call(url: str, *, method: str = "POST", body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
    """Send one request and return the reply, whatever its status.

    Raises NotSent when the request certainly did not reach anybody, Unknown when it left and no reply came.
    """
    try:
        target = check(url)
    except Refused as error:
        raise NotSent("may not be called", passing=False) from error
    connection = http.client.HTTPConnection(target.host, target.port, timeout=CONNECT_SECONDS)
    alarm = threading.Timer(WHOLE_SECONDS, _hang_up, [connection])
    alarm.daemon = True
    alarm.start()
    try:
        _connect(connection, target, until=time.monotonic() + WHOLE_SECONDS)
        _say(connection, method, target.path, body=body, headers={"User-Agent": "Otklik"} | dict(headers or {}))
        reply = connection.getresponse()
        return Reply(status=reply.status, body=reply.read(MOST_REPLY), headers=dict(reply.getheaders()))
    except (OSError, http.client.HTTPException) as error:
        raise Unknown(f"no reply: {type(error).__name__}") from error
    finally:
        alarm.cancel()
        connection.close()


def _connect(connection: http.client.HTTPConnection, target: Target, *, until: float) -> None:
    """Open it to one of the first resolved addresses, the certificate checked against the host's name."""
    fault: OSError | None = None
    for address in target.addresses[:MOST_ADDRESSES]:
        try:
            _open(connection, target, address, until=until)
            return
        except OSError as error:
            fault = error
            connection.close()
    raise NotSent(f"not reached: {type(fault).__name__}", passing=True) from fault


def _say(
    connection: http.client.HTTPConnection, method: str, path: str, *, body: bytes, headers: dict[str, str]
) -> None:
    """Send the request; raises NotSent for a header that HTTP cannot carry, of which nothing leaves."""
    try:
        connection.request(method, path, body=body, headers=headers)
    except ValueError as error:
        raise NotSent(f"could not be written: {type(error).__name__}", passing=False) from error


def _open(connection: http.client.HTTPConnection, target: Target, address: str, *, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.sock = socket.create_connection((address, target.port), timeout=min(CONNECT_SECONDS, left))
    if target.scheme == "https":
        # The alarm knows the socket before the handshake: one that comes byte by byte is cut off like a reply.
        sealed = connection.sock = ssl.create_default_context().wrap_socket(
            connection.sock, server_hostname=target.host, do_handshake_on_connect=False
        )
        sealed.do_handshake()
    connection.sock.settimeout(WHOLE_SECONDS)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """A server that sends a byte now and then would hold us for ever."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
