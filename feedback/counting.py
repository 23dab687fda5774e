"""A stored answer begins to count or ceases to: by a person's word, or because it was judged again.

What was said stays as it is; everything that repeats whether it counts follows in the caller's transaction.
"""

from feedback import later, notices, repeated
from feedback.models import Answer, Comment, Response, Revision
from ground.models import Change
from surveys import reminders
from surveys.models import Invitation

# What public links are held for has nothing to do with what was opened.
NOT_OF_TOUCHES = (Response.HeldFor.UNMATCHED, Response.HeldFor.DUPLICATE, Response.HeldFor.VELOCITY)
COPIED = ("score", "text", "wants_contact", "answers", "texts")


def bring(response: Response, *, evidence: str, held_for: str = "", score: int | None = None) -> None:
    """Give a locked response this evidence, and a score where it had none or another was opened last."""
    response.evidence, response.held_for = evidence, held_for
    response.score = response.score if score is None else score
    response.save(update_fields=["evidence", "held_for", "score", "review", "reviewed_at", "reviewed_by"])
    _note(response)
    said = Comment.objects.filter(response=response)
    if said.update(**repeated.of_response(response)):
        notices.tell_of_negative(said)
    Change.mark("response", response.answered_at)
    later.mark_of([response])
    Change.mark("comment", response.answered_at)
    if response.invitation_id is not None:
        _tell_invitation(response, response.invitation_id)


def _note(response: Response) -> None:
    """A revision that says what stands, and nothing of who posted it."""
    last = response.revisions.exclude(score=None, text="").order_by("number").last()
    copied = {name: getattr(last, name) for name in COPIED} if last else {}
    copied["score"] = response.score
    Revision.objects.create(
        response=response, number=response.revisions.count() + 1, evidence=response.evidence, **copied
    )


def _tell_invitation(response: Response, key: int) -> None:
    invitation = Invitation.objects.select_related("survey", "version").get(pk=key)
    Change.mark("invitation", invitation.sent_at)
    question = invitation.version.score_question()
    if question is not None and response.score is not None:
        Answer.objects.update_or_create(
            response=response, question=question, item="", defaults={"value": response.score}
        )
    if response.evidence in Response.COUNTED:
        invitation.mark_answered(evidence=response.evidence, at=response.answered_at)
    else:
        invitation.mark_unanswered(evidence=response.evidence, next_reminder_at=reminders.due_again(invitation))
