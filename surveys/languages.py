"""Languages by name: the texts of a survey may be in any that Django knows."""

from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

# Django names these in English alone; Norwegian without a kind of it is an older name of the same.
OWN = dict(settings.LANGUAGES) | {"nb": _("Norwegian Bokmål")}
LEFT_OUT = ("no",)


def name(code: str) -> Any:
    """A language in the reader's words, its code when nobody knows it."""
    try:
        return OWN.get(code) or get_language_info(code)["name_translated"]
    except KeyError:
        return code


def with_kept(code: str) -> list[tuple[str, str]]:
    """Every language to choose from, and this code as well when it is none of them: another system may know it."""
    offered = choices(without=[])
    if not code or code in dict(offered):
        return offered
    said = str(name(code))
    return [(code, code if said == code else f"{said} ({code})"), *offered]


def choices(*, without: list[str]) -> list[tuple[str, str]]:
    """Every language but these, in the order of their names."""
    codes = [code for code, info in LANG_INFO.items() if "fallback" not in info and code not in (*without, *LEFT_OUT)]
    return sorted(((code, str(name(code))) for code in codes), key=lambda pair: pair[1].casefold())
