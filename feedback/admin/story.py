"""The story behind an answer: contact, decision, mail, opened links, answer and its changes, in order of time."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from feedback import choices, exclusions
from feedback.admin.rows import origin_name
from feedback.labels import effective, of_last_reading
from feedback.masking import masked
from feedback.models import Comment, Label, Response, Revision, Touch
from ground import personal
from surveys.admin.telling import CHECK_NAMES, EVENT_NAMES, refusal, trouble
from surveys.models import Decision, Interaction, Invitation, Message

SCHEMES = dict(zip(Label.Scheme, Label.Scheme.labels, strict=True)) | {
    Label.Scheme.CONSTRUCTIVE: gettext_lazy("suggestion")
}


@dataclass(frozen=True)
class Step:
    """Something that happened; `look` is key for what the customer said, sys for what machines did."""

    at: dt.datetime
    title: str
    notes: list[str] = field(default_factory=list)
    look: str = ""
    link: str = ""
    checks: list[tuple[bool, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Statement:
    """One label in words; `holds` is false for one that another outweighs, `polarity` is what is read of a tone, and
    `subjectivity` how much of the text TextBlob takes for opinion."""

    about: Any
    value: Any
    confidence: str
    polarity: str
    subjectivity: str
    by: str
    words: list[str]
    at: dt.datetime
    holds: bool


def steps(*, comment: Comment | None, response: Response | None) -> list[Step]:
    """Everything that is known to have led to this text or score, the oldest first."""
    invitation = response.invitation if response else None
    interaction = invitation.interaction if invitation else comment.interaction if comment else None
    found: list[Step] = []
    if interaction:
        found += [*_contact(interaction), *_decisions(interaction, invitation)]
    if invitation:
        found += [*_mails(invitation), *_touches(invitation)]
    if response:
        found += [*_answers(response), *_review(response)]
    if comment:
        found += _reading(comment, said_in_answer=response is not None)
    if row := comment or response:
        found += _exclusions(row)
    return sorted(found, key=lambda step: step.at)


def _contact(interaction: Interaction) -> Iterator[Step]:
    link = reverse("admin:surveys_interaction_change", args=[interaction.pk])
    about = " · ".join(part for part in (str(interaction), interaction.reason) if part)
    events = list(interaction.events.all())
    if not events:
        yield Step(at=interaction.created_at, title=_contact_began(interaction), notes=[about], link=link)
    for event in events:
        if event.kind == "created":
            yield Step(at=event.at, title=_contact_began(interaction), notes=[about], link=link)
        else:
            what = EVENT_NAMES.get(event.kind, event.kind)
            yield Step(at=event.at, title=_("Contact: %s") % what, notes=[str(event.agent)] if event.agent else [])


def _contact_began(interaction: Interaction) -> str:
    return _("Contact began: %s") % interaction.get_channel_display()


def _decisions(interaction: Interaction, invitation: Invitation | None) -> Iterator[Step]:
    closing = invitation.closing if invitation else interaction.closings
    for decision in interaction.decisions.all():
        if decision.closing != closing:
            continue
        may = decision.outcome != Decision.Outcome.REFUSE
        yield Step(
            at=decision.decided_at,
            title=_("May ask") if may else _("Not asked: %s") % refusal(decision),
            notes=[_("rule “%s”") % decision.rule.name] if decision.rule else [],
            checks=[
                (check.get("passed") is not False, CHECK_NAMES.get(check.get("check"), check.get("check")))
                for check in decision.trace
            ],
        )


def _mails(invitation: Invitation) -> Iterator[Step]:
    for mail in invitation.messages.all():
        sent = mail.state in (Message.State.ACCEPTED, Message.State.DELIVERED)
        title = _("Mail sent") if sent else _("Mail: %s") % mail.get_state_display()
        notes = [mail.get_state_display()] if sent else [trouble(mail)] if mail.error else []
        yield Step(at=mail.handed_over_at or mail.created_at, title=title, notes=notes, look="sys")


def _touches(invitation: Invitation) -> Iterator[Step]:
    for touch in Touch.objects.filter(invitation=invitation):
        if touch.is_trap:
            title = _("Hidden link opened: a program reads this mail")
        elif touch.score is None:
            title = _("Link opened")
        else:
            title = _("Link with score %d opened") % touch.score
        notes = [_("not an answer by itself"), touch.get_verdict_display() if touch.verdict else ""]
        if touch.seconds_since_handover is not None:
            notes.insert(0, _("%s after the mail") % span(touch.seconds_since_handover))
        yield Step(at=touch.at, title=title, notes=[", ".join(note for note in notes if note)], look="sys")


def _answers(response: Response) -> Iterator[Step]:
    before: Revision | None = None
    for revision in response.revisions.all():
        evidence = revision.get_evidence_display()
        if before and _is_judged_anew(before, revision):
            yield Step(at=revision.at, title=_("Judged anew: %s") % evidence, look="sys")
            before = revision
            continue
        title = _answered(revision, evidence) if before is None else _changed(before, revision)
        notes = [_("asks to be contacted")] if revision.wants_contact else []
        if before and before.text and revision.text and before.text != revision.text:
            notes.append(_("open and unread again for everybody"))
        yield Step(at=revision.at, title=title, notes=notes if before is None else [*notes, evidence], look="key")
        before = revision


def _is_judged_anew(before: Revision, after: Revision) -> bool:
    """Nobody posted anything: only whether it counts has changed."""
    return not after.agent_hash and _said(before) == _said(after)


def _said(revision: Revision) -> tuple[Any, ...]:
    return revision.score, revision.text, revision.answers, revision.texts, revision.wants_contact


def _review(response: Response) -> Iterator[Step]:
    """What was doubtful about it, and what somebody decided."""
    if response.reviewed_at:
        notes = [str(response.reviewed_by), str(response.get_held_for_display())]
        title = _("Decided: %s") % response.get_review_display()
        yield Step(at=response.reviewed_at, title=title, notes=[note for note in notes if note])
    elif response.held_for:
        title = _("Not counted: %s") % response.get_held_for_display()
        yield Step(at=response.changed_at, title=title, look="sys")


def _answered(revision: Revision, evidence: str) -> str:
    if revision.score is None:
        return _("Answer (%s)") % evidence
    return _("Answer: %(score)d (%(evidence)s)") % {"score": revision.score, "evidence": evidence}


def _changed(before: Revision, after: Revision) -> str:
    parts = []
    if before.score != after.score:
        parts.append(f"{_score(before)} → {_score(after)}")
    if before.text != after.text:
        parts.append(_("text added") if not before.text else _("text changed") if after.text else _("text removed"))
    if (before.answers, before.texts) != (after.answers, after.texts):
        parts.append(_("other answers changed"))
    return _("Customer's change: %s") % ", ".join(parts) if parts else _("Answered again, the same")


def _score(revision: Revision) -> str:
    return "—" if revision.score is None else str(revision.score)


def _reading(comment: Comment, *, said_in_answer: bool) -> Iterator[Step]:
    if not said_in_answer:
        origin = [str(origin_name(comment))] if comment.origin else []
        yield Step(at=comment.said_at, title=comment.get_source_display().capitalize(), notes=origin, look="key")
    if comment.classified_at:
        yield Step(at=comment.classified_at, title=_("Text read and labelled"), look="sys")


def _exclusions(row: Comment | Response) -> Iterator[Step]:
    for exclusion in exclusions.history(row):
        notes = [exclusion.note, str(exclusion.author)]
        title = _("Excluded from the scores: %s") % exclusion.get_reason_display()
        yield Step(at=exclusion.at, title=title, notes=[note for note in notes if note])
        if exclusion.lifted_at:
            yield Step(at=exclusion.lifted_at, title=_("Counts again"), notes=[str(exclusion.lifted_by)])


def span(seconds: float) -> str:
    """A length of time in its largest sensible unit."""
    for unit, one in ((86400, lambda n: ngettext("%d day", "%d days", n)), (3600, lambda n: _("%d h")),
                      (60, lambda n: _("%d min"))):  # fmt: skip
        count = int(seconds // unit)
        if count:
            return one(count) % count
    return _("%d s") % int(seconds)


def statements(comment: Comment, labels: Iterable[Label], *, is_bare: bool) -> list[Statement]:
    """The labels of a comment in words, scheme by scheme, those that hold before those that do not."""
    every, hidden = list(labels), [] if is_bare else personal.find(comment.text)
    holding = {label.pk for label in effective(of_last_reading(every)).values()}
    by_key = {label.pk: label for label in every}
    order = list(Label.Scheme)
    every.sort(key=lambda label: (order.index(Label.Scheme(label.scheme)), label.topic_id or 0, -label.pk))
    return [
        Statement(
            about=str(label.topic) if label.topic else SCHEMES[label.scheme],
            value=_("taken back: %s") % value_name(by_key[label.takes_back_id])
            if label.takes_back_id
            else value_name(label),
            confidence=floatformat(label.confidence, 2),
            polarity="" if label.polarity is None or not label.value else signed(label.polarity),
            subjectivity="" if label.subjectivity is None else floatformat(label.subjectivity, 2),
            by=str(label.author) if label.author else label.version or Label.Source(label.source).label,
            words=[masked(comment.text, start=start, end=end, hidden=hidden) for start, end, _kind in label.spans],
            at=label.created_at,
            holds=label.pk in holding,
        )
        for label in every
    ]


def signed(polarity: float) -> str:
    """A polarity with its sign, from -1 to 1."""
    shown = floatformat(polarity, 2)
    return f"+{shown}" if polarity > 0 else shown


def value_name(label: Label) -> Any:
    """A label's value in the reader's language."""
    if not label.value:
        return _("not sure")
    if label.scheme == Label.Scheme.LANGUAGE:
        return choices.language_name(label.value)
    known = dict(Comment.Tone.choices) | {"yes": _("yes"), "no": _("no")}
    return known.get(label.value, label.value)
