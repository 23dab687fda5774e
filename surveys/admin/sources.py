"""Where a statement or an entry of the list came from, in words."""

from collections.abc import Callable, Mapping
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys import bounces, consents, own_data, suppression
from surveys.models import Survey

WORDS = {
    consents.PAGE: gettext_lazy("the unsubscribe page"),
    own_data.SOURCE: gettext_lazy("the customer's own page"),
    consents.ONE_CLICK: gettext_lazy("one click in the mail program"),
    consents.LETTER: gettext_lazy("a mail to the unsubscribe address"),
    consents.SERVICE: gettext_lazy("the mail service"),
    consents.PROGRAM: gettext_lazy("a program, through the API"),
    consents.BY_HAND: gettext_lazy("entered by hand"),
    suppression.RESTORED: gettext_lazy("the file of opt-outs, after a restore"),
    suppression.IMPORTED: gettext_lazy("an import"),
    bounces.AT_THE_DOOR: gettext_lazy("refused by the mail server"),
    bounces.BOUNCE_MAIL: gettext_lazy("a bounce in the mailbox"),
    bounces.REPORT_MAIL: gettext_lazy("a spam report in the mailbox"),
    bounces.SERVICE: gettext_lazy("a report of the mail service"),
}
SURVEY = "survey "


def reader() -> Callable[[str], str]:
    """What tells many sources to people; the names of surveys are read once."""
    return partial(in_words, surveys=dict(Survey.objects.values_list("code", "name")))


def in_words(source: str, surveys: Mapping[str, str] | None = None) -> str:
    """A source as people read it, surveys by name; what has no words here stays as it was noted."""
    if source.startswith(SURVEY):
        code = source.removeprefix(SURVEY)
        return _("a link of the survey “%s”") % (surveys or {}).get(code, code)
    name, _comma, status = source.partition(", ")
    words = WORDS.get(name)
    if words and status:
        return _("%(words)s (code %(status)s)") % {"words": words, "status": status}
    return str(words or source or "—")
