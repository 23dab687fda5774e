"""What must not run where customers come: said in a sentence when the settings are read, before anything starts."""

import ipaddress
import re
from collections.abc import Sequence

SHORTEST_KEY = 32
PLACEHOLDERS = ("change", "insecure", "secret", "example", "default", "test")

HEADER = re.compile(r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)+")
# Browsers and programs send these, or they say where a request comes from.
TAKEN = ("accept-", "access-control-", "content-", "if-", "sec-", "proxy-", "user-agent", "x-csrftoken", "x-request-id",
         "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "x-requested-with",
         "idempotency-key")  # fmt: skip
# No network of one's own proxies has more addresses.
WIDEST = {4: 16, 6: 48}


def why_not(base_url: str, *, debug: bool, hosts: Sequence[str], keys: Sequence[str]) -> str:
    """The first reason not to start at this address; empty for none. Without https:// it is nobody's production."""
    if not base_url.startswith("https://"):
        return ""
    if debug:
        return "DEBUG shows settings and source to everybody: unset it, or use an http:// BASE_URL for development."
    if any(host in ("*", ".") for host in hosts):
        return "ALLOWED_HOSTS is a wildcard: name the hosts, as in ALLOWED_HOSTS=feedback.example.org."
    for name, key in zip(("SECRET_KEY", "LINK_KEY"), keys, strict=True):
        if len(key) < SHORTEST_KEY or key.lower().startswith(PLACEHOLDERS) or len(set(key)) < 10:
            return f"{name} can be guessed: leave it out, so that one is made, or set {SHORTEST_KEY} random characters."
    return ""


def why_no_header(base_url: str, header: str, networks: Sequence[str], proxies: int) -> str:
    """The first reason against the log-in by a proxy's header; empty for none, and where it is off."""
    if not header:
        return ""
    if not HEADER.fullmatch(header) or header.lower().startswith(TAKEN):
        return "LOGIN_HEADER is not a header that a proxy alone sets, like X-Authenticated-Email."
    if not networks:
        return "LOGIN_HEADER is set and LOGIN_HEADER_PROXIES is not: anybody could say who they are."
    for network in networks:
        try:
            found = ipaddress.ip_network(network)
        except ValueError:
            return f"LOGIN_HEADER_PROXIES: {network} is not a network like 10.1.2.3/32."
        if found.prefixlen < WIDEST[found.version]:
            return f"LOGIN_HEADER_PROXIES: {network} is wider than any network of proxies."
    if not base_url.startswith("https://"):
        return "LOGIN_HEADER needs a BASE_URL with https://: its sessions must not travel in the clear."
    return "" if proxies else "LOGIN_HEADER needs TRUSTED_PROXIES: the number of proxies in front."
