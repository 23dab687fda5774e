"""The small parts of a row: a page has hundreds of them, and a template for each takes ten times as long.

They are drawn from what `feedback.admin.rows` and `feedback.admin.marks` make.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
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
CHIP, TITLE = '<span class="chip {}{}"{}>{}{}{}</span>', ' title="{}"'
BADGE = '<p class="sc {}">{}<small>{}</small></p>'
BOXED, MARKED = '<span class="pii">{}</span>', '<mark class="{}">{}</mark>'
WORDS, NO_WORDS = '<span class="tx" dir="auto">{}</span>', '<span class="tx none" dir="auto">{}</span>'
ROW, CONSTRUCTIVE = '<article class="row{}{}" id="c{}"{}{}>', " data-constructive"
ACTS, CHANGES = ' data-acts="{}{}/"', ' data-seen="{}" data-topics="{}"{}'
ABOUT = '<p class="mt">{}<b>{}</b>{}{}<time datetime="{}">{}</time></p>'
HIDDEN = '<span class="vh">{}</span>'


@register.simple_tag
def opened(row: Any, at: str) -> SafeString:
    """The tag that a row begins with: how far the desk is with it, for the eye and for the script."""
    work = row.work
    if not work:
        return format_html(ROW, "", "", row.pk, "", "")
    constructive = CONSTRUCTIVE if work.is_constructive else ""
    changes = format_html(CHANGES, work.seen, work.topics, constructive) if work.may_change else ""
    looks = " done" if work.is_done else "", "" if work.is_read else " unread"
    return format_html(ROW, *looks, row.pk, changes, format_html(ACTS, at, row.pk))


@register.simple_tag
def words(runs: Sequence[Any]) -> SafeString:
    """The text of a row, or that there is none."""
    return format_html(WORDS, marked(runs)) if runs else format_html(NO_WORDS, _("without a comment"))


@register.simple_tag
def about(row: Any) -> SafeString:
    """Whom and what a row is about, what should be noticed, and its age."""
    unread = format_html(HIDDEN, _("unread") + " ") if row.work and not row.work.is_read else ""
    parts = _parts(*row.about)
    flags = format_html_join("", '<span class="flag {1}">{0}</span>', row.flags)
    return format_html(ABOUT, unread, row.customer, parts, flags, row.stamp, row.age)


@lru_cache(maxsize=1024, typed=True)  # a team, its agents and channels stand in every row
def _parts(*about: str) -> SafeString:
    return format_html_join("", "<span>{}</span>", ([part] for part in about))


@register.simple_tag
def chips(shown: Iterable[Any]) -> SafeString:
    """Chips side by side."""
    drawn = [chip(one) for one in shown]
    # In one call: a page has hundreds of chips. Without a chip there would be nothing to format.
    return format_html(" ".join(["{}"] * len(drawn)) + "{}", *drawn, "")


@register.simple_tag
def chip(shown: Any) -> SafeString:
    """A word about a comment, with a shape beside its colour."""
    return _chip(shown.look, shown.hollow, str(shown.text), _("set by %s") % shown.author if shown.author else "")


@lru_cache(maxsize=4096)  # a page says the same few words again and again
def _chip(look: str, hollow: bool, text: str, said: str) -> SafeString:
    has_shape = look in SHAPES and not (look == "neu" and hollow)
    picture = format_html(PICTURE, "", SHAPES[look]) if has_shape else ""
    tick = format_html(PICTURE + HIDDEN, format_html(' class="{}"', "tick"), TICK, said) if said else ""
    title = format_html(TITLE, said) if said else ""
    return format_html(CHIP, look, " hollow" if hollow else "", title, picture, text, tick)


@register.simple_tag
def badge(shown: Any) -> SafeString:
    """A score with its scale."""
    return _badge(shown.look, shown.value, str(shown.scale))


@lru_cache(maxsize=256)
def _badge(look: str, value: str, scale: str) -> SafeString:
    return format_html(BADGE, look, format_html("<b>{}</b> ", value) if value else "", scale)


@register.simple_tag
def marked(runs: Sequence[Any]) -> SafeString:
    """A text with its marks; what a box stands for is not in it."""
    drawn = [BOXED if run.is_box else MARKED if run.marks else "{}" for run in runs]
    parts = [part for run in runs for part in ((run.marks, run.text) if run.marks and not run.is_box else (run.text,))]
    return format_html("".join(drawn) + "{}", *parts, "")
