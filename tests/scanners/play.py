"""Plays a scanner and a person on one invitation through the real pages, with the clock moved."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from feedback import settlement
from feedback.models import Response, Touch
from surveys import links
from surveys.models import Message, Survey
from tests import factories
from tests.feedback.answering import Fields
from tests.scanners.table import PREVIEWERS, Actor, Person, Step

SCORES = range(1, 6)
NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1", "Sec-Fetch-Site": "cross-site"}
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
# Half of the people read their mail within three hours; one in a thousand within a minute.
READ_AFTER, READ_SPREAD, READ_LATEST = 3 * 3600.0, 1.6, 12 * 86400.0


# One for all: the pages set no cookie, and making a client takes longer than a page.
CLIENT = Client()


@dataclass
class Device:
    """One client with the page that it has open."""

    headers: dict[str, str]
    address: str
    own: int
    page: HttpResponse | None = None

    def ask(self, method: str, path: str, data: dict[str, str] | None = None, **headers: str) -> HttpResponse:
        act = getattr(CLIENT, method)
        return act(path, data, headers=self.headers | headers, REMOTE_ADDR=self.address, secure=True)

    def score(self, link: int | str) -> int:
        return SCORES[0] if link == "1st" else (self.own - 1 + int(link)) % len(SCORES) + 1


@dataclass(frozen=True, order=True)
class Act:
    at: float
    place: int
    device: Device = field(compare=False)
    step: Step = field(compare=False)
    score: int = field(compare=False)


@dataclass(frozen=True)
class Outcome:
    """What came of one play. `meant` is the score that the person wants counted, None without an answer."""

    evidence: str
    score: int | None
    meant: int | None
    person_posted: bool
    was_late: bool
    in_flagged_domain: bool

    @property
    def counts(self) -> bool:
        return self.evidence in ("confirmed", "presumed")

    @property
    def is_phantom(self) -> bool:
        return self.counts and self.meant is None

    @property
    def is_wrong(self) -> bool:
        return self.counts and self.meant is not None and self.score != self.meant

    @property
    def is_confirmed_by_scanner(self) -> bool:
        return self.evidence == "confirmed" and not self.person_posted


class Play:
    """One invitation, sent to a mailbox behind the scanner, and everything that happens to its links."""

    def __init__(self, survey: Survey, *, scanner: Sequence[Actor], person: Person, seed: int, domain: str) -> None:
        self.random = random.Random(f"{scanner[0].name} {person.name} {seed}")
        self.person = person
        self.handed = START + dt.timedelta(minutes=self.random.uniform(0, 30))  # one campaign
        with time_machine.travel(self.handed, tick=False):
            expires = self.handed + dt.timedelta(days=30)
            self.invitation = factories.make_invitation(
                survey, sent_at=timezone.now(), due_at=timezone.now(), expires_at=expires
            )
            Message.objects.create(invitation=self.invitation, address=f"c{seed}@{domain}", state="accepted")
        self.acts: list[Act] = []
        self.was_late = False
        own = self.random.choice(SCORES)
        self.meant = None if person.means is None else (own - 1 + person.means) % len(SCORES) + 1
        self.persons = self._person(own)
        self.scanners = [device for actor in scanner for device in self._scanner(actor)]

    # --- who does what when ---

    def _device(self, agent: str, *, own: int, address: str, is_browser: bool) -> Device:
        headers = {"User-Agent": agent, "Accept-Language": "ru"} | (NAVIGATES if is_browser else {})
        return Device(headers, address, own)

    def _address(self, first: int) -> str:
        return f"{first}.{self.random.randrange(250)}.{self.random.randrange(250)}.{self.random.randrange(1, 250)}"

    def _person(self, own: int) -> list[Device]:
        devices = [
            self._device(agent, own=own, address=self._address(95), is_browser=True) for agent in self.person.devices
        ]
        at = min(READ_AFTER * self.random.lognormvariate(0, READ_SPREAD), READ_LATEST)
        number, self.first_click, self.last_act = 0, at, at
        for step in self.person.steps:
            at += self.random.uniform(*step.wait)
            if step.do == "device":
                number += 1
                continue
            device = devices[number]
            self._plan(at, device, step, device.score(step.link))
            self.last_act = at
        return devices

    def _scanner(self, actor: Actor) -> list[Device]:
        agent = self.random.choice(PREVIEWERS) if actor.agent == "previewer" else actor.agent
        is_with_person = actor.at_click or actor.after
        if is_with_person and not self.person.steps and not actor.each:
            return []  # nobody clicks, so there is nothing to look at before the click
        begin = self.first_click if actor.at_click else self.last_act if actor.after else 0.0
        at = max(1.0, begin + self.random.uniform(*actor.begins))

        def device() -> Device:
            own = self.random.choice(SCORES)
            if actor.at_click and not actor.each:
                own = self.persons[0].own
            near = self.persons[0].address if actor.from_persons_address else ""
            return self._device(agent, own=own, address=near or self._address(40), is_browser=actor.is_browser)

        devices = [device()]
        for step in actor.steps:
            at += self.random.uniform(*step.wait)
            self._plan(at, devices[0], step, devices[0].score(step.link))
        if actor.each:
            devices += self._each(actor, at, device)
        return devices

    def _each(self, actor: Actor, at: float, device: Any) -> list[Device]:
        devices = [device()]
        found: list[int | None] = [*([None] if actor.hits_trap else []), *SCORES]
        if actor.order != "mail":
            self.random.shuffle(found)
        for score in found:
            if actor.order == "parallel":
                devices.append(device())
            for step in actor.each:
                at += self.random.uniform(*step.wait)
                if score is not None:
                    self._plan(at, devices[-1], step, score)
                elif step.do in ("open", "head"):
                    self._plan(at, devices[-1], Step("trap" if step.do == "open" else "head"), SCORES[0])
        return devices

    def _plan(self, at: float, device: Device, step: Step, score: int) -> None:
        self.acts.append(Act(at, len(self.acts), device, step, score))

    # --- playing ---

    def step(self, act: Act) -> bool:
        """Do one act at its time; says whether a touch was left."""
        with time_machine.travel(self.handed + dt.timedelta(seconds=act.at), tick=False):
            self._do(act)
            self._look(act)
        return act.step.do in ("open", "trap")

    def _do(self, act: Act) -> None:
        device, step = act.device, act.step
        path = links.answer_path(self.invitation, act.score)
        if step.do == "head":
            device.ask("head", path)
        elif step.do == "prefetch":
            device.ask("get", path, **{"Sec-Purpose": "prefetch;prerender"})
        elif step.do == "trap":
            device.ask("get", links.trap_path(self.invitation))
        elif step.do == "open":
            device.page = device.ask("get", path)
        elif device.page is not None:
            self._post(device, step)

    def _post(self, device: Device, step: Step) -> None:
        assert device.page is not None
        fields = Fields(device.page).values
        path = links.answer_path(self.invitation)
        if step.do == "beacon":
            sent = {"score": fields.get("score", ""), "nonce": fields["nonce"], "website": "", "only": "score"}
            device.ask("post", path, sent)
            return
        if step.do == "replace":
            fields["replace"] = "yes"
        if step.says:
            fields["comment"] = step.says
        if step.fills_decoy:
            fields["website"] = "https://example.com/"
        device.page = device.ask("post", path, fields)

    def _look(self, act: Act) -> None:
        """Whether a scanner's post counts until the scanner shows itself."""
        if act.device not in self.persons and act.step.do in ("submit", "beacon"):
            state = Response.objects.filter(invitation=self.invitation).values_list("evidence", flat=True).first()
            self.was_late |= state == "confirmed" and not self._person_posted(before=act.at)

    def _person_posted(self, before: float = float("inf")) -> bool:
        posts = ("submit", "beacon", "replace")
        return any(act.device in self.persons and act.step.do in posts and act.at <= before for act in self.acts)

    def outcome(self) -> Outcome:
        response = Response.objects.filter(invitation=self.invitation).first()
        return Outcome(
            evidence=response.evidence if response else "",
            score=response.score if response else None,
            meant=self.meant,
            person_posted=self._person_posted(),
            was_late=self.was_late,
            in_flagged_domain=bool(
                response
                and response.held_for == Response.HeldFor.DOMAIN
                and Touch.objects.filter(invitation=self.invitation).exists()
            ),
        )


def run(plays: Sequence[Play]) -> None:
    """All acts of all plays in order of time; the bell of settlement rings ten minutes after an invitation's last
    touch, when what others did meanwhile may say something of their mail domain."""
    acts = [(play.handed + dt.timedelta(seconds=act.at), number, act)
            for number, play in enumerate(plays) for act in play.acts]  # fmt: skip
    waiting: dict[int, dt.datetime] = {}
    for now, number, act in sorted(acts):
        _settle(plays, waiting, now)
        if plays[number].step(act):
            waiting[number] = now + dt.timedelta(seconds=settings.SETTLEMENT_SECONDS + 1)
    _settle(plays, waiting, dt.datetime.max.replace(tzinfo=dt.UTC))


def _settle(plays: Sequence[Play], waiting: dict[int, dt.datetime], now: dt.datetime) -> None:
    for number, due in sorted(waiting.items(), key=lambda item: item[1]):
        if due > now:
            return
        with time_machine.travel(due, tick=False):
            settlement.settle([plays[number].invitation.pk])
        del waiting[number]
