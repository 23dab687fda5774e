"""Where the thanks may lead to: an https address on a host that the survey lists; pure."""

import re
from urllib.parse import urlsplit

# Nothing that two programs could read as two different hosts: no userinfo, port, backslash, escape or space.
PLAIN = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?([/?#][^\s\\\x00-\x20\x7f]*)?", re.IGNORECASE)


def allowed(url: str, sites: str) -> bool:
    """Whether the address is plain https on one of these hosts, one a line; a host allows itself alone."""
    if not PLAIN.fullmatch(url):
        return False
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return host in {line.strip().lower() for line in sites.splitlines() if line.strip()}
