"""The small parts of a row: a page has hundreds of them, and a template for each takes ten times as long.

They are drawn from what `feedback.admin.rows` and `feedback.admin.marks` make.
"""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

PICTURE = '<svg{} viewBox="0 0 10 10" aria-hidden="true"><path d="{}"/></svg>'
SHAPES = {
    "pos": "M.5 5a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0", "neg": "M0 1h10L5 9.5z", "con": "M5 0l5 5-5 5-5-5z",
    "neu": "M0 3.5h10v3H0z",
}  # fmt: skip
TICK = "M1 5l1.4-1.4L4 5.2 7.6 1.6 9 3 4 8z"
CHIP = '<span class="chip {}{}">{}{}{}</span>'
BADGE = '<p class="sc {}">{}<small>{}</small></p>'
BOXED, MARKED = '<span class="pii">{}</span>', '<mark class="{}">{}</mark>'


@register.simple_tag
def chip(shown: Any) -> SafeString:
    """A word about a comment, with a shape beside its colour."""
    has_shape = shown.look in SHAPES and not (shown.look == "neu" and shown.hollow)
    picture = format_html(PICTURE, "", SHAPES[shown.look]) if has_shape else ""
    by_person = (
        format_html(PICTURE + '<span class="vh">{}</span>', format_html(' class="{}"', "tick"), TICK,
                    _("set by a person"))
        if shown.by_person else ""
    )  # fmt: skip
    return format_html(CHIP, shown.look, " hollow" if shown.hollow else "", picture, shown.text, by_person)


@register.simple_tag
def chips(shown: Iterable[Any]) -> SafeString:
    """Chips side by side."""
    return format_html_join(" ", "{}", ([chip(one)] for one in shown))


@register.simple_tag
def about(parts: Iterable[str]) -> SafeString:
    """Whom and what a row is about, part by part."""
    return format_html_join("", "<span>{}</span>", ([part] for part in parts))


@register.simple_tag
def badge(shown: Any) -> SafeString:
    """A score with its scale."""
    value = format_html("<b>{}</b> ", shown.value) if shown.value else ""
    return format_html(BADGE, shown.look, value, shown.scale)


@register.simple_tag
def marked(runs: Iterable[Any]) -> SafeString:
    """A text with its marks; what a box stands for is not in it."""
    return format_html_join("", "{}", ([_run(run)] for run in runs))


def _run(run: Any) -> Any:
    if run.is_box:
        return format_html(BOXED, run.text)
    return format_html(MARKED, run.marks, run.text) if run.marks else run.text
