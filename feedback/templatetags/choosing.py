"""Long lists to choose from, without a template's work for each of their entries."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django import template
from django.utils.html import format_html

register = template.Library()

PLAIN, SELECTED = '<option value="{}">{}</option>', '<option value="{}" selected>{}</option>'


@register.simple_tag
def options(offered: Sequence[tuple[str, Any]], chosen: str = "") -> str:
    """The options of a select: (value, name), in their order; that of the chosen value is selected."""
    # One format for all of them: a call for each entry takes twice as long.
    drawn = [SELECTED if value == chosen else PLAIN for value, _name in offered]
    return format_html("".join(drawn), *chain.from_iterable(offered)) if drawn else ""
