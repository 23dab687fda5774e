"""The one door for answers and comments: pages, API, imports and settlement all come in here.

Each verb is one short transaction that leaves the rows, the invitation and the change marks in step.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from feedback import contents, erased, later, notices, repeated
from feedback.contents import Contents
from feedback.evidence import Posted
from feedback.models import Answer, Comment, Response, Revision
from feedback.nonces import hash_key
from ground import quick
from ground.models import Change, Organisation, Team, reporting_day
from ground.text import COMMENT_LIMIT, clean_line, clean_text
from surveys.models import Agent, Customer, Full, Interaction, Invitation, Survey, SurveyVersion
from surveys.questions import text as free_text

RANK = {
    Response.Evidence.UNVERIFIED: 0,
    Response.Evidence.HELD: 1,
    Response.Evidence.PRESUMED: 2,
    Response.Evidence.CONFIRMED: 3,
}
SETTLED = (Response.Evidence.PRESUMED, Response.Evidence.UNVERIFIED)
# Reasons that speak of a program: whoever else opened the link is not answered for by what it posted.
BY_PROGRAM = (Response.HeldFor.TRAP, Response.HeldFor.SWEEP, Response.HeldFor.YOUNG, Response.HeldFor.DECOY)
CHANGED = ["evidence", "held_for", "review", "reviewed_at", "reviewed_by", "score", "wants_contact", "answered_at",
           "changed_at", "edit_key_hash"]  # fmt: skip
# What an answer changes of its day: the counts of answers and those of comments.
CHANGES = ("response", "comment")
BUNCH = 500
LATE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Given:
    """What came in. None in `text` or `wants_contact` leaves what is known as it is; "" takes the text away.

    `answers` and `texts` are those of the further questions, by their codes; None leaves them, what is missing in
    them goes away.

    `proofs` are nonces or edit keys: one that an accepted answer came with allows to edit it. `is_deliberate` says
    that the score was changed on the page itself. `replace` is the person's word when we had to ask. `posted` is None
    for what was not posted by a page. `held_for` is why it does not count.
    """

    score: int | None
    text: str | None = None
    wants_contact: bool | None = None
    evidence: str = Response.Evidence.CONFIRMED
    at: dt.datetime = field(default_factory=timezone.now)
    language: str = ""
    proofs: tuple[str, ...] = ()
    is_deliberate: bool = False
    replace: bool | None = None
    posted: Posted | None = None
    held_for: str = ""
    answers: Mapping[str, Mapping[str, int]] | None = None
    texts: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Recorded:
    """What became of it. `outcome`: created, changed, unchanged, kept (the person chose the earlier one), noted (a
    revision that does not count), locked (the edit window is over) or ask (both scores are to be shown).
    `is_own` says that the giver proved to be the author of the stored answer, `contents` what a new one holds."""

    response: Response
    outcome: str
    is_own: bool
    contents: Contents | None = None


def record(invitation: Invitation, given: Given) -> Recorded:
    """Store an answer to this invitation or fold it into the one that is there: one response, every revision kept.

    Raises ground.text.TextTooLong, and Full for a post that others who came at the same moment left no room.
    """
    given = _cleaned(given)
    with transaction.atomic(savepoint=False):
        is_known = invitation.answer_state != Invitation.AnswerState.NONE
        response = _locked(invitation) if is_known else None
        if response is None:
            created = _create(invitation, given)
            if created:
                return created
            response = _locked(invitation)  # a parallel twin was faster
            assert response is not None
        return _fold(invitation, response, given)


def _cleaned(given: Given) -> Given:
    text = None if given.text is None else free_text.clean(given.text)
    texts = None if given.texts is None else {code: free_text.clean(raw) for code, raw in given.texts.items()}
    return replace(given, text=text, texts=texts)


def _locked(invitation: Invitation) -> Response | None:
    return Response.objects.select_for_update(of=("self",)).filter(invitation=invitation).first()


def _create(invitation: Invitation, given: Given) -> Recorded | None:
    """The first answer, in as few statements as it takes; None when there is one already."""
    question = invitation.version.score_question()
    response = Response(
        invitation=invitation,
        version_id=invitation.version_id,
        language=given.language or invitation.language,
        scale=question.scale.name if question and question.scale else "",
        score=given.score,
        evidence=given.evidence,
        held_for=given.held_for,
        wants_contact=bool(given.wants_contact),
        answered_at=given.at,
        changed_at=given.at,
        edit_key_hash=hash_key(given.proofs[0]) if given.proofs else "",
        link_id=invitation.link_id,
        **contents.snapshot(invitation),
    )
    key = quick.together([quick.insert(response, unless_there=True)])
    if key is None:
        return None
    quick.stored(response, key)
    stands = _after(Contents(), given, version=invitation.version, score=given.score, is_own=True)
    rows = contents.rows(response, invitation, stands)
    if question is not None and response.score is not None:
        rows.append(Answer(response=response, question=question, value=response.score))
    rows.append(_revision(response, given, stands, number=1, evidence=given.evidence))
    day = reporting_day(response.answered_at)
    rows += [Change(scope=scope, day=day) for scope in CHANGES]
    if invitation.sent_at:
        rows.append(Change(scope="invitation", day=reporting_day(invitation.sent_at)))
    if timezone.now() - given.at > LATE:  # only what comes late can come before something else
        later.mark_of([response])
    note = invitation.answered(evidence=response.evidence, at=response.answered_at)
    quick.together([*(quick.insert(row) for row in rows), note])
    if response.evidence in Response.COUNTED and not invitation.survey.note_answer() and given.posted:
        raise Full
    return Recorded(response=response, outcome="created", is_own=True, contents=stands)


def _fold(invitation: Invitation, response: Response, given: Given) -> Recorded:
    version, is_own = invitation.version, is_proof(response, given.proofs)
    before = contents.of(response, version)
    score = response.score if given.score is None else given.score
    after = _after(before, given, version=version, score=score, is_own=is_own)
    outcome = verdict(response, given, adds=after != before, is_own=is_own, edit_days=invitation.survey.edit_days)
    if outcome == "noted":
        _note_revision(response, given, after, evidence=given.evidence)
    if outcome == "changed" and not is_own and _is_replaced(response, given):
        # Nothing of what a program sent may count beside a person's answer; its revision keeps it.
        response.edit_key_hash = hash_key(given.proofs[0]) if given.proofs else ""
        _move(response, given.at)
        response.score = given.score
        whole = replace(given, text=given.text or "", wants_contact=bool(given.wants_contact))
        after = _after(Contents(), whole, version=version, score=given.score, is_own=True)
        contents.bring(response, invitation, before=before, after=after)
        _change(invitation, response, whole, after, is_own=True, becomes_own=True)
        is_own = bool(given.proofs)
    elif outcome == "changed":
        # What stays is still the first author's: who only changed the score may neither read nor edit it.
        said = _after(Contents(), given, version=version, score=score, is_own=True)
        becomes_own = is_own or before.codes <= said.codes
        contents.bring(response, invitation, before=before, after=after)
        _change(invitation, response, given, after, is_own=is_own, becomes_own=becomes_own)
        is_own = becomes_own
    return Recorded(response=response, outcome=outcome, is_own=is_own)


def _after(before: Contents, given: Given, *, version: SurveyVersion, score: int | None, is_own: bool) -> Contents:
    """What stands after this was given: the author takes away what is not given any more, others only add."""
    kept = Contents() if is_own else before
    answers = before.answers if given.answers is None else kept.answers | dict(given.answers)
    texts = given.texts if given.texts is None else {code: text for code, text in given.texts.items() if text}
    return Contents(
        text=before.text if given.text is None else given.text or kept.text,
        answers=contents.applying(answers, version, score=score),
        texts=before.texts if texts is None else kept.texts | texts,
    )


def _is_replaced(response: Response, given: Given) -> bool:
    """Whether what counts comes where a program's word stands."""
    is_programs = response.evidence not in Response.COUNTED and response.held_for in BY_PROGRAM
    return is_programs and given.evidence in Response.COUNTED


def _move(response: Response, at: dt.datetime) -> None:
    """Another answer comes at its own time; the day that loses one is counted anew as well."""
    Change.mark("response", response.answered_at)
    Change.mark("comment", response.answered_at)
    later.mark_of([response])
    response.answered_at = at
    Comment.objects.filter(response=response).update(said_at=at)


def follow(invitation: Invitation) -> None:
    """Carry the invitation's team, agent and customer to its answer, and count what waited for them."""
    response = _locked(invitation)
    if response is None:
        return
    later.mark((response.customer_id, response.answered_at), (invitation.customer_id, response.answered_at))
    Response.objects.filter(pk=response.pk).update(**contents.snapshot(invitation))
    Comment.objects.filter(response=response).update(**contents.snapshot(invitation))
    is_waiting = response.evidence == Response.Evidence.HELD and not response.review
    if is_waiting and response.held_for in ("", Response.HeldFor.UNMATCHED):
        known = Given(score=response.score, language=response.language)
        stands = contents.of(response, invitation.version)
        _change(invitation, response, known, stands, is_own=False, becomes_own=False)
    _announce(response, invitation)


def is_proof(response: Response, proofs: Sequence[str]) -> bool:
    """Whether one of these came with the stored answer: its giver holds it, and nobody else."""
    return bool(response.edit_key_hash) and response.edit_key_hash in {hash_key(proof) for proof in proofs if proof}


def verdict(response: Response, given: Given, *, adds: bool, is_own: bool, edit_days: int) -> str:
    """What to do with a second answer; `adds` says that it would change the answers or texts. Pure."""
    rank, known = RANK[Response.Evidence(given.evidence)], RANK[Response.Evidence(response.evidence)]
    if response.review == Response.Review.REJECTED and given.evidence != Response.Evidence.CONFIRMED:
        return "noted" if rank == RANK[Response.Evidence.HELD] else "unchanged"
    may_presume = response.held_for in BY_PROGRAM and given.evidence == Response.Evidence.PRESUMED
    if response.evidence == Response.Evidence.HELD and given.evidence in SETTLED and not may_presume:
        return "unchanged"  # somebody posted: what was merely opened says nothing beside it, unless a program posted
    if rank < known and not is_own:
        return "noted" if rank == RANK[Response.Evidence.HELD] else "unchanged"
    if not (adds or _differs(response, given)) and rank <= known:
        return "unchanged"
    if rank > known:
        return "changed"
    if given.at > editable_until(response, edit_days):
        return "locked"
    return "changed" if is_own or given.replace else _without_key(response, given)


def _without_key(response: Response, given: Given) -> str:
    """Somebody with the link but not with the edit key: what says more replaces, else the person is asked."""
    if given.evidence != Response.Evidence.CONFIRMED:
        return "changed"
    if given.replace is False:
        return "kept"
    if response.review == Response.Review.RELEASED and not response.edit_key_hash:
        return "changed"  # it was merely opened, and somebody let it count: nobody's word is overwritten
    adds_contact = given.wants_contact and not response.wants_contact
    if given.text or given.answers or given.texts or given.is_deliberate or adds_contact or response.score is None:
        return "changed"
    return "ask" if given.score is not None and given.score != response.score else "unchanged"


def editable_until(response: Response, edit_days: int) -> dt.datetime:
    return response.answered_at + dt.timedelta(days=edit_days)


def _differs(response: Response, given: Given) -> bool:
    return given.score != response.score or (
        given.wants_contact is not None and given.wants_contact != response.wants_contact
    )


def _change(
    invitation: Invitation, response: Response, given: Given, stands: Contents, *, is_own: bool, becomes_own: bool
) -> None:
    """Bring a stored response to what was given; the first answer's time stays, and evidence never gets weaker."""
    rank = max(RANK[Response.Evidence(given.evidence)], RANK[Response.Evidence(response.evidence)])
    if given.evidence == Response.Evidence.CONFIRMED and response.review == Response.Review.REJECTED:
        response.review, response.reviewed_at, response.reviewed_by = "", None, None  # this is another answer
    response.held_for = "" if rank >= RANK[Response.Evidence.PRESUMED] else given.held_for or response.held_for
    response.evidence = next(evidence for evidence, value in RANK.items() if value == rank)
    if given.score is not None or given.evidence == Response.Evidence.UNVERIFIED:
        response.score = given.score
    if given.wants_contact is not None:
        response.wants_contact = given.wants_contact or (response.wants_contact and not is_own)
    response.changed_at = given.at
    if given.proofs and becomes_own and not is_own:
        response.edit_key_hash = hash_key(given.proofs[0])
    response.save(update_fields=CHANGED)
    question = invitation.version.score_question()
    if question is not None:
        contents.bring_answer(response, question, {} if response.score is None else {"": response.score})
    said = Comment.objects.filter(response=response)
    if said.update(**repeated.of_response(response)):
        notices.tell_of_negative(said)
    accepted = replace(given, score=response.score, wants_contact=response.wants_contact)
    _note_revision(response, accepted, stands, evidence=response.evidence)
    _announce(response, invitation)


def _note_revision(response: Response, given: Given, stands: Contents, *, evidence: str) -> None:
    _revision(response, given, stands, evidence=evidence, number=response.revisions.count() + 1).save()


def _revision(response: Response, given: Given, stands: Contents, *, evidence: str, number: int) -> Revision:
    return Revision(
        response=response,
        number=number,
        at=given.at,
        score=given.score,
        text=stands.text,
        answers=stands.answers,
        texts=stands.texts,
        wants_contact=bool(given.wants_contact),
        evidence=evidence,
        **(asdict(given.posted) if given.posted else {}),
    )


def _announce(response: Response, invitation: Invitation) -> None:
    """Tell the room below that it was answered, and whoever counts that this day changed."""
    invitation.mark_answered(evidence=response.evidence, at=response.answered_at)
    day = reporting_day(response.answered_at)
    for scope in CHANGES:
        Change.mark(scope, day)
    later.mark_of([response])
    Change.mark("invitation", invitation.sent_at)


@dataclass(frozen=True)
class Said:
    """Free text that came without an invitation: a review, a complaint, a message.

    With `external_key`, the text is known by (`source`, `origin`, `external_key`) for ever. `stars` are 1 to 5.
    """

    source: str
    text: str
    origin: str = ""
    external_key: str | None = None
    stars: int | None = None
    said_at: dt.datetime = field(default_factory=timezone.now)
    team: Team | None = None
    agent: Agent | None = None
    customer: Customer | None = None
    interaction: Interaction | None = None
    survey: Survey | None = None
    channel: str = ""
    reason: str = ""
    is_counted: bool = True

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.source, self.origin, self.external_key


def add_comment(said: Said) -> tuple[Comment, bool]:
    """Store one free text; the flag says that it was not known before. Raises ground.text.TextTooLong."""
    return add_comments([said])[0]


def add_comments(saids: Sequence[Said]) -> list[tuple[Comment, bool]]:
    """Store free texts in one transaction, in order; those known by their keys come back as they were stored."""
    saids = [_tidy(said) for said in saids]
    try:
        with transaction.atomic():
            return _add(saids)
    except IntegrityError:
        with transaction.atomic():  # a parallel twin stored some of them; they are known by the second look
            return _add(saids)


def _tidy(said: Said) -> Said:
    return replace(said, text=clean_text(said.text, limit=COMMENT_LIMIT), origin=clean_line(said.origin, limit=64))


def _add(saids: Sequence[Said]) -> list[tuple[Comment, bool]]:
    known = _known(saids)
    result: list[tuple[Comment, bool]] = []
    for said in saids:
        if said.external_key and said.key in known:
            result.append((known[said.key], False))
            continue
        comment = known[said.key] = Comment(**said.__dict__)
        result.append((comment, True))
    fresh = [comment for comment, is_fresh in result if is_fresh]
    Comment.objects.bulk_create(fresh, batch_size=BUNCH)
    zone = Organisation.current().timezone
    Change.mark("comment", *sorted({comment.said_at.astimezone(zone).date() for comment in fresh}))
    return result


def _known(saids: Sequence[Said]) -> dict[tuple[str, str, str | None], Comment]:
    """By what was given; one that was erased since is known by what stands for its key."""
    given = {said.key: said.key for said in saids if said.external_key}
    given |= {(key[0], key[1], erased.mark(*key)): key for key in given}
    keys = [key for _source, _origin, key in given]
    found: dict[tuple[str, str, str | None], Comment] = {}
    for start in range(0, len(keys), 2 * BUNCH):
        rows = Comment.objects.filter(
            source__in={said.source for said in saids},
            origin__in={said.origin for said in saids},
            external_key__in=keys[start : start + 2 * BUNCH],
        )
        found |= {given[key]: row for row in rows if (key := (row.source, row.origin, row.external_key)) in given}
    return found
