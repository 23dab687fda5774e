"""What stands in the audit log, in words."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

# By the verbs that `ground.audit.note` is given, in every room.
VERBS = {
    "contact.shown": _("looked at the contact"),
    "contact.changed": _("changed the contact"),
    "customers.read": _("read customers with an API key"),
    "suppressions.read": _("read suppressed addresses with an API key"),
    "text.shown": _("looked at hidden words of the text"),
    "comments.exported": _("exported comments"),
    "responses.exported": _("exported responses"),
    "indicators.exported": _("exported indicators"),
    "ideas.exported": _("exported ideas"),
    "suppressions.exported": _("exported the suppressed addresses"),
    "suppressions.imported": _("imported suppressed addresses"),
    "file.downloaded": _("downloaded an exported file"),
    "response.excluded": _("excluded a response from the scores"),
    "response.included": _("let a response count again"),
    "response.released": _("let a held answer count"),
    "response.rejected": _("rejected a held answer"),
    "response.review_undone": _("took a decision about a held answer back"),
    "comment.contacted": _("noted that a customer was contacted about a complaint"),
    "comment.excluded": _("excluded a comment from the scores"),
    "comment.included": _("let a comment count again"),
    "idea.changed": _("changed an idea"),
    "idea.merged": _("made two ideas one"),
    "idea.split": _("made comments an idea of their own"),
    "idea.moved": _("moved comments to another idea"),
    "idea.taken_out": _("took comments out of an idea"),
    "idea.undone": _("took an act on ideas back"),
    "learned.promoted": _("promoted what was learned from corrections"),
    "learned.discarded": _("discarded what was learned from corrections"),
    "learned.rolled_back": _("went back to an earlier reading"),
    "deviations.set_up": _("changed how deviations are told"),
    "notice_target.changed": _("changed a chat that notifications go to"),
    "learned.automatic": _("changed who promotes what was learned"),
    "theme.to_topic": _("added a new theme to a topic"),
    "theme.muted": _("muted a theme"),
    "theme.unmuted": _("let a muted theme be shown again"),
    "sending.resumed": _("let mails leave again after a restore"),
    "backup.restored": _("restored a backup"),
    "mail.sent_again": _("sent a mail again"),
    "mail.tested": _("sent a test mail"),
    "mail.left": _("left a mail as it is"),
    "mail.dropped": _("dropped mails to colleagues that could not be delivered"),
    "ask.skipped": _("said not to ask about a contact"),
    "ask.paused": _("paused asking a customer"),
    "ask.resumed": _("ended the pause of a customer"),
    "role.given": _("gave a role"),
    "role.changed": _("changed a role"),
    "role.taken": _("took a role away"),
    "survey.published": _("published a survey"),
    "comments.bulk": _("did one thing to many comments"),
    "comments.read_again": _("had all comments read anew"),
    "job.undone": _("took a job back"),
    "audit.exported": _("exported the audit log"),
    "person.found": _("looked for a person’s data"),
    "person.exported": _("exported a person’s data"),
    "person.erased": _("erased a person"),
    "erasure.closed": _("closed a request for erasure"),
    "person.logged_in": _("logged in"),
    "person.locked_out": _("was locked out after too many tries"),
    "password.changed": _("changed the own password"),
    "second_factor.set_up": _("set up a second factor"),
    "second_factor.codes_made": _("made other codes for a lost phone"),
    "second_factor.removed": _("took a second factor away"),
    "sessions.ended": _("ended the sessions of a person"),
    "link.secret_made": _("made a link's secret anew"),
    "gateway.secret_changed": _("changed the secret of a gateway"),
    "gateway.tried": _("tried a gateway out"),
    "annotation.added": _("put a note on the charts"),
    "annotation.changed": _("changed a note on the charts"),
    "annotation.deleted": _("deleted a note on the charts"),
    "topic.added": _("added a topic"),
    "topic.changed": _("changed a topic"),
    "topic.merged": _("merged a topic into another"),
    "topic.parted": _("took the merging of a topic back"),
    "topic.split": _("split a topic"),
    "topic.archived": _("archived a topic"),
    "topic.restored": _("restored a topic"),
    "topic.imported": _("took topics from a file"),
    "topic.applied": _("applied topics to the past"),
}
# What is done on the page of a row, whatever its kind: "survey.changed".
ACTS = {"added": _("added: %s"), "changed": _("changed: %s"), "deleted": _("deleted: %s")}
DETAILS = {
    "count": _("rows"),
    "fields": _("fields"),
    "filters": _("filters"),
    "form": _("file type"),
    "into": _("into"),
    "kind": _("kind"),
    "page": _("page"),
    "reason": _("reason"),
    "role": _("role"),
    "team": _("team"),
    "start": _("first day"),
    "with_personal": _("with personal data"),
}
# Codes that stand in details: columns, reasons and the names of filters.
CODES = {
    "email": _("e-mail"),
    "phone": _("phone"),
    "test": _("a test"),
    "staff": _("written by our own staff"),
    "wrong_customer": _("not this customer's contact"),
    "duplicate": _("says the same twice"),
    "trap": _("the hidden link was opened"),
    "sweep": _("several scores were opened at once"),
    "young": _("posted quicker than anybody reads"),
    "decoy": _("filled in a field that nobody sees"),
    "early": _("opened right after the mail"),
    "program": _("opened by a program that is no browser"),
    "domain": _("the mail domain opens links by itself"),
    "unmatched": _("its contact is not reported yet"),
    "velocity": _("many answers at once"),
    "spam": _("advertising or nonsense"),
    "other": _("another reason"),
    "password": _("password"),
    "code": _("code from the authenticator app"),
    "neighbourhood": _("many names from one neighbourhood of addresses"),
    "q": _("search"),
    "from": _("from"),
    "to": _("until"),
    "state": _("state"),
    "period": _("period"),
    "class": _("class"),
    "topic": _("topic"),
    "tag": _("tag"),
    "score": _("score"),
    "band": _("score band"),
    "scale": _("scale"),
    "contact": _("asks to be contacted"),
    "tone": _("tone"),
    "constructive": _("suggestion"),
    "team": _("team"),
    "agent": _("agent"),
    "channel": _("channel"),
    "source": _("source"),
    "language": _("language"),
    "survey": _("survey"),
    "evidence": _("evidence"),
    "customer": _("customer"),
    "step": _("at the step"),
}
NOTHING = pgettext_lazy("list of details", "none")


def did(verb: str) -> Any:
    """A verb in words, an unknown one as it is."""
    name, _dot, act = verb.partition(".")
    if verb in VERBS or act not in ACTS:
        return VERBS.get(verb, verb)
    kinds = {model._meta.model_name: model._meta.verbose_name for model in apps.get_models()}
    return ACTS[act] % kinds.get(name, name)


def details(detail: dict[str, Any]) -> list[str]:
    """Each detail as a line: what it is, and its value."""
    return [f"{DETAILS.get(name, name)}: {_value(value)}" for name, value in detail.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or str(NOTHING)
    return str(CODES.get(value) or _in_words(str(value)))


def _in_words(text: str) -> str:
    """What a form calls a field begins with a capital; the words that we have for it may not."""
    small = text[:1].lower() + text[1:]
    words = gettext(text) if text else ""
    return words if words != text else gettext(small) if text else ""
