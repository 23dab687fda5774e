"""The browser and system that a session was opened with, as its owner would name them."""

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser", "Yandex Browser"), ("Firefox", "Firefox"),
            ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


def named(program: str) -> str:
    """From a User-Agent, like “Firefox, Windows”; what is not known is shown by its own first word."""
    found = [
        next((name for sign, name in known if sign in program), "") for known in (BROWSERS, SYSTEMS)
    ]  # fmt: skip
    return ", ".join(filter(None, found)) or program.split(" ")[0][:40]
