"""A customer's text with personal data hidden, as lists, pages, mails and exports show it by themselves."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from feedback import erased
from ground import personal
from ground.personal import Span

HIDDEN = {
    personal.PHONE: gettext_lazy("phone hidden"),
    personal.EMAIL: gettext_lazy("e-mail hidden"),
    personal.CARD: gettext_lazy("card number hidden"),
    personal.DOCUMENT: gettext_lazy("document number hidden"),
    personal.NAME: gettext_lazy("name hidden"),
    personal.HANDLE: gettext_lazy("account hidden"),
}

GONE = gettext_lazy("text erased")


def masked(text: str, *, start: int = 0, end: int | None = None, hidden: Sequence[Span] | None = None) -> str:
    """The text, or what stands between two places of it, with "[phone hidden]" for a phone, in the reader's language.

    Personal data that only begins or ends between them is hidden as well. `hidden` is what `personal.find` found in
    this text, for a caller that needs several pieces of it.
    """
    if text in erased.TEXTS:
        return str(GONE)
    end = len(text) if end is None else end
    parts, at = [], start
    for span in personal.find(text) if hidden is None else hidden:
        if span.end > start and span.start < end:
            parts += [text[at : max(at, span.start)], f"[{HIDDEN[span.kind]}]"]
            at = span.end
    return "".join([*parts, text[at:end]])
