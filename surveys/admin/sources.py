"""Where a statement or an entry of the list came from, in words."""

from django.utils.translation import gettext_lazy as _

from surveys import bounces, consents, own_data, suppression

WORDS = {
    consents.PAGE: _("the unsubscribe page"),
    own_data.SOURCE: _("the customer's own page"),
    consents.ONE_CLICK: _("one click in the mail program"),
    consents.LETTER: _("a mail to the unsubscribe address"),
    consents.SERVICE: _("the mail service"),
    consents.PROGRAM: _("a program, through the API"),
    consents.BY_HAND: _("entered by hand"),
    suppression.RESTORED: _("the file of opt-outs, after a restore"),
    suppression.IMPORTED: _("an import"),
    bounces.AT_THE_DOOR: _("refused by the mail server"),
    bounces.BOUNCE_MAIL: _("a bounce in the mailbox"),
    bounces.REPORT_MAIL: _("a spam report in the mailbox"),
    bounces.SERVICE: _("a report of the mail service"),
}
SURVEY = "survey "


def in_words(source: str) -> str:
    """A source as people read it; what has no words here stays as it was noted."""
    if source.startswith(SURVEY):
        return str(_("a link of the survey %s") % source.removeprefix(SURVEY))
    name, comma, status = source.partition(", ")
    words = WORDS.get(name)
    return f"{words}{comma}{status}" if words else source or "—"
