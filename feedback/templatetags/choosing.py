"""Long lists to choose from, without a template's work for each of their entries."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def options(offered: Sequence[tuple[str, Any]], chosen: str = "") -> SafeString:
    """The options of a select: (value, name), in their order; that of the chosen value is selected."""
    before = [value for value, _name in offered].index(chosen) if chosen in dict(offered) else len(offered)
    plain, selected = '<option value="{}">{}</option>', '<option value="{}" selected>{}</option>'
    return format_html(
        "{}{}{}",
        format_html_join("", plain, offered[:before]),
        format_html_join("", selected, offered[before : before + 1]),
        format_html_join("", plain, offered[before + 1 :]),
    )
