"""The look of public pages and mails: their colours from the brand's one; the pages' style sheet and script, inline."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings

FOLDER = settings.BASE_DIR / "static" / "public"
DEFAULT_COLOUR = "#1d6b5a"
SHEET, NIGHT_SHEET = (255, 253, 249), (29, 25, 22)
READABLE, READABLE_AT_NIGHT = 4.5, 7.0


class Inline(str):
    """A file of ours that stands in the page as it is; `source` names it in the Content-Security-Policy."""

    __slots__ = ()

    @property
    def source(self) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.encode()).digest()).decode()}'"

    def __html__(self) -> str:
        return str(self)


@lru_cache(maxsize=16)
def style(colour: str) -> Inline:
    """The style sheet with the brand's colour before it; anything but #rrggbb gives the default colour."""
    return Inline(_brand_rule(colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else DEFAULT_COLOUR) + _sheet())


@cache
def kinds() -> str:
    """The rules for pages that ask more than a row of steps and a comment; they follow the style sheet."""
    return _squeezed("kinds.css")


@cache
def script(*, answers: bool = True, is_framed: bool = False) -> Inline:
    """The script that confirms a chosen score at the first press or key, and that of a page in a site's window."""
    names = ["page.js"] * answers + ["frame.js"] * is_framed
    return Inline("".join(squeezed(name) for name in names))


@cache
def _sheet() -> str:
    return _squeezed("page.css")


def _squeezed(sheet: str) -> str:
    """A style sheet without comments and without the white space that means nothing."""
    text = _squeeze((FOLDER / sheet).read_text(encoding="utf-8"))
    return re.sub(r"\s*([{};,])\s*", r"\1", text).replace(";}", "}")


@cache
def squeezed(name: str) -> str:
    """A file of static/public without its comments and the line ends that mean nothing."""
    return _squeeze((FOLDER / name).read_text(encoding="utf-8"))


def _squeeze(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\n\s*", "", text).strip()


def _brand_rule(colour: str) -> str:
    """The brand's colours for browsers that cannot derive them: lines dark enough to read, black or white on fills."""
    accent = _accent(colour)
    tint = _mixed(accent, SHEET)
    values = {"brand": colour, "accent": _hex(accent), "fill": colour, "on-fill": text_on(colour), "tint": _hex(tint)}
    return ":root{" + ";".join(f"--{name}:{value}" for name, value in values.items()) + "}"


@dataclass(frozen=True)
class Look:
    """A mail's colours: of what is filled with the brand, and of the score buttons by day and by night."""

    fill: str
    on_fill: str
    edge: str
    tint: str
    night_edge: str
    night_tint: str


@lru_cache(maxsize=16)
def look(colour: str) -> Look:
    """The colours of a mail: programs that show it can derive none."""
    colour = colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else DEFAULT_COLOUR
    accent, night = _accent(colour), _parts(colour)
    while contrast(night, NIGHT_SHEET) < READABLE_AT_NIGHT:
        night = tuple(round(part + (255 - part) * 0.1) for part in night)
    return Look(
        fill=colour,
        on_fill=text_on(colour),
        edge=_hex(accent),
        tint=_hex(_mixed(accent, SHEET)),
        night_edge=_hex(night),
        night_tint=_hex(_mixed(_parts(colour), NIGHT_SHEET, share=0.28)),
    )


def _accent(colour: str) -> tuple[int, ...]:
    """The brand's colour, as dark as lines on paper have to be."""
    accent = _parts(colour)
    while contrast(accent, SHEET) < READABLE:
        accent = tuple(int(part * 0.9) for part in accent)
    return accent


def _mixed(colour: tuple[int, ...], paper: tuple[int, ...], share: float = 0.11) -> tuple[int, ...]:
    """A hint of the colour on this paper."""
    return tuple(round(part * share + white * (1 - share)) for part, white in zip(colour, paper, strict=True))


def text_on(colour: str) -> str:
    """Black or white, whichever reads better on #rrggbb: the tie is at a luminance of .179."""
    return "#000" if luminance(_parts(colour)) > 0.179 else "#fff"


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _hex(colour: tuple[int, ...]) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def luminance(colour: tuple[int, ...]) -> float:
    """Relative luminance of an 8-bit sRGB colour, 0 to 1 (WCAG 2.2)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
