"""What a page says to eyes and ears: its text and the attributes that are shown or read out."""

import re
from html.parser import HTMLParser

SPOKEN = ("aria-label", "placeholder", "title", "alt")
SILENT = ("script", "style", "svg", "code", "template")
VOID = ("br", "hr", "img", "input", "link", "meta", "wbr", "source", "col")


class Visible(HTMLParser):
    """Collects visible strings. Icons are drawn from English words, time zones have no other names: left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            zones = tag == "select" and given.get("name") == "timezone"
            self._open.append((tag, tag in SILENT or zones or "material-symbols" in given.get("class", "")))
        self.found += [given[name] for name in SPOKEN if name in given]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.found.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and tag not in VOID:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(silent for _tag, silent in self._open):
            self.found.append(" ".join(data.split()))


def visible(html: str) -> list[str]:
    parser = Visible()
    parser.feed(html)
    return [text for text in parser.found if text.strip()]


def english(html: str, *, allowed: set[str]) -> list[str]:
    """The visible strings with a Latin word of two letters or more that is not allowed; addresses do not count."""
    found = []
    for text in visible(html):
        plain = re.sub(r"\S+@\S+|https?://\S+|/\S+/|\{\w+\}|#\w+", " ", text)
        words = set(re.findall(r"[A-Za-z][A-Za-z'’_-]*[A-Za-z]", plain))
        if words - allowed:
            found.append(text)
    return found
