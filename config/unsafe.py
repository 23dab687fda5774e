"""What must not run where customers come: said in a sentence when the settings are read, before anything starts."""

from collections.abc import Sequence

SHORTEST_KEY = 32
PLACEHOLDERS = ("change", "insecure", "secret", "example", "default", "test")


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
