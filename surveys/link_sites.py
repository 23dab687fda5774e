"""Whether a link of ours may lead to another site: pure, and checked where it is saved and where it is shown."""

import re

LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
HOST = re.compile(rf"(?=.{{4,253}}\Z)(?:{LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
# What browsers read otherwise than it looks, or drop without a word, is not guessed at.
PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{1,2000}")


def hosts(sites: str) -> set[str]:
    """The host names of a list with one on each line."""
    return {line.strip().lower() for line in sites.splitlines() if line.strip()}


def allowed(url: str, sites: str) -> bool:
    """An https address of printable ASCII whose host is written exactly so in the list.

    No user name, no port; an international name only as it goes over the wire (xn--...), listed in that spelling:
    nothing that looks like another host.
    """
    if not PLAIN.fullmatch(url) or not url.lower().startswith("https://"):
        return False
    host = re.split(r"[/?#]", url[len("https://") :], maxsplit=1)[0].lower()
    return HOST.fullmatch(host) is not None and host in hosts(sites)
