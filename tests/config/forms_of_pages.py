"""What a browser would send back from a form page without touching it, read from the page itself."""

from html.parser import HTMLParser
from typing import Any


class Fields(HTMLParser):
    """The values of the page's controls by name, lists since a name may come often; templates are not part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.templates, self.select, self.area, self.text = 0, "", "", ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        has = dict(attrs)
        name, kind = has.get("name") or "", has.get("type", "text")
        self.templates += tag == "template"
        if self.templates:
            return
        if tag == "input" and name and kind not in ("submit", "button"):
            if kind not in ("checkbox", "radio") or "checked" in has:
                self.found.setdefault(name, []).append(has.get("value") or ("on" if kind == "checkbox" else ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in has or self.select not in self.found):
            self.found[self.select] = [has.get("value") or ""]
        elif tag == "textarea":
            self.area, self.text = name, ""

    def handle_data(self, data: str) -> None:
        self.text += data if self.area else ""

    def handle_endtag(self, tag: str) -> None:
        self.templates -= tag == "template"
        if tag == "select":
            self.select = ""
        if tag == "textarea" and self.area:
            self.found.setdefault(self.area, []).append(self.text.removeprefix("\n"))
            self.area = ""


def as_typed(response: Any, **typed: Any) -> dict[str, Any]:
    """The fields of a page to post, with these typed into it."""
    fields = Fields()
    fields.feed(response.content.decode())
    return fields.found | typed
