"""A play without HTTP and templates: each act says to evidence, intake and settlement what the page's view would.

A page costs ten times what it is judged by, so most seeds are played like this. A test compares the two ways.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from feedback import contents, evidence, intake, nonces, settlement
from feedback.evidence import Posted
from feedback.intake import Given, Recorded
from feedback.models import Touch
from surveys.models import Invitation
from tests.scanners.play import Act, Device, Play, Step

FACTORY = RequestFactory()


class ShortPlay(Play):
    """`fields` are those of the form that each device has before it."""

    def __init__(self, *args: Any, **given: Any) -> None:
        self.fields: dict[int, dict[str, Any]] = {}
        super().__init__(*args, **given)

    def _do(self, act: Act) -> None:
        device, step = act.device, act.step
        invitation = Invitation.objects.select_related("survey", "version").get(pk=self.invitation.pk)
        if step.do in ("submit", "beacon", "replace"):
            if self.fields.get(id(device)):
                self._send(invitation, device, step)
            return
        headers = {"Sec-Purpose": "prefetch;prerender"} if step.do == "prefetch" else {}
        request = _request("head" if step.do == "head" else "get", device, **headers)
        score = None if step.do == "trap" else act.score
        evidence.note_touch(request, invitation, score=score, is_trap=step.do == "trap")
        if invitation.answer_state == "confirmed":
            settlement.doubt(invitation)
        if step.do == "open":
            self.fields[id(device)] = _form(invitation, score)

    def _send(self, invitation: Invitation, device: Device, step: Step) -> None:
        fields, is_beacon = dict(self.fields[id(device)]), step.do == "beacon"
        if step.says and not is_beacon:
            fields["comment"] = step.says
        recorded = self._record(invitation, device, fields, step)
        if not is_beacon:
            self.fields[id(device)] = _after(invitation, fields, recorded)

    def _record(self, invitation: Invitation, device: Device, fields: dict[str, Any], step: Step) -> Recorded:
        nonce, now = nonces.read(fields["nonce"], nonces.of_invitation(invitation)), timezone.now()
        assert nonce is not None
        visitor, is_beacon = evidence.visitor_of(_request("post", device)), step.do == "beacon"
        posted = Posted(visitor.prefix_hash, visitor.agent_hash, nonce.issued_at, step.fills_decoy)
        judged = evidence.judge_post(list(Touch.objects.filter(invitation=invitation)), posted, at=now)
        given = Given(
            score=fields["score"],
            text=None if is_beacon else fields["comment"],
            wants_contact=None if is_beacon else False,
            evidence=judged.evidence,
            held_for=judged.held_for,
            at=now,
            language=invitation.language,
            proofs=(nonce.raw, *([fields["key"]] if fields["key"] and not is_beacon else [])),
            is_deliberate=nonce.score is not None and fields["score"] != nonce.score,
            replace=True if step.do == "replace" else None,
            posted=posted,
            answers=None if is_beacon else {},
            texts=None if is_beacon else {},
        )
        with transaction.atomic():
            if invitation.answer_state == "confirmed":
                settlement.reconsider(invitation)
            return intake.record(invitation, given)


def _request(method: str, device: Device, **headers: str) -> HttpRequest:
    make = getattr(FACTORY, method)
    return make("/", headers=device.headers | headers, REMOTE_ADDR=device.address, secure=True)


def _form(invitation: Invitation, score: int | None, *, comment: str = "", key: str = "") -> dict[str, Any]:
    nonce = nonces.make(nonces.of_invitation(invitation), score=score, now=timezone.now())
    return {"score": score, "comment": comment, "nonce": nonce, "key": key}


def _after(invitation: Invitation, fields: dict[str, Any], recorded: Recorded) -> dict[str, Any]:
    """The form of the page that answers: the question which answer stands, one's own to change, or none."""
    if recorded.outcome == "ask":
        return fields
    if not recorded.is_own:
        return {}
    response = recorded.response
    key = fields["key"] if intake.is_proof(response, (fields["key"],)) else fields["nonce"]
    text = contents.of(response, invitation.version).text
    return _form(invitation, response.score, comment=text, key=key)
