"""What a machine makes up, put into whatever customers, programs, mail services and files bring: no 5xx, no fault that
nobody foresaw, and none that takes long. `make campaign` makes up ten thousand on each database, beside the values
that `test_hostile` puts into every place (295,675 on SQLite on 29 November, with the
769 places of then) and the cases of the schema.
"""

import io
import itertools
import json
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from feedback.models import Response
from ground import access, uploads
from ground.csvfile import BadFile
from ground.models import Team
from surveys import dsn, importing, imports
from surveys.imports import LeftOut, Wrong
from surveys.models import Invitation
from tests.hostile import api, endpoints, making, pages
from tests.hostile.corpus import FORM, OBJECT
from tests.hostile.world import CLIENT, World, encoded, make_world
from tests.surveys.test_dsn import BOUNCES, OTHERS, mail
from tests.surveys.test_products import EXPORTS

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),  # bodies of megabytes are among them
]
# CPU seconds of one call; a customer's usual one takes some milliseconds.
LONGEST = 1.5
GATE, CAMPAIGN = 1000, 10_000


@pytest.fixture
def world(organisation: Any, team: Team, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)  # it prints a line for each refusal
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": "x:y"}
    return make_world(team)


class Tried:
    """Calls that were made up, each beside untouched rows: how often which status came, what broke, what took long."""

    def __init__(self, cases: int) -> None:
        self.cases = cases
        self.statuses: Counter[Any] = Counter()
        self.broken: list[str] = []
        self.longest = 0.0

    def each(self, strategy: st.SearchStrategy[Any], act: Callable[[Any], Any], *, share: float) -> None:
        """Do it with so large a share of all the cases. `act` returns a reply or a word for what came of it."""
        count = max(1, round(self.cases * share))

        @seed(self.cases)
        @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(strategy)
        def tried(case: Any) -> None:
            self.one(case, act)

        tried()

    def one(self, case: Any, act: Callable[[Any], Any]) -> None:
        began = time.process_time()
        with transaction.atomic():
            try:
                came = act(case)
                status = came.status_code if isinstance(came, HttpResponse) else came
            except Exception as error:  # what no handler turned into a page or a sentence
                status = f"{type(error).__name__}: {error!s:.120}"
            transaction.set_rollback(True)
        took = time.process_time() - began
        self.statuses[status if isinstance(status, int) or ":" not in status else "fault"] += 1
        self.longest = max(self.longest, took)
        is_broken = status >= 500 if isinstance(status, int) else ":" in status
        if is_broken or took > LONGEST:
            self.broken.append(f"{status} after {took:.2f} s: {case!r:.300}")


@pytest.mark.parametrize("cases", [GATE, pytest.param(CAMPAIGN, marks=[pytest.mark.campaign, pytest.mark.e2e])])
def test_whatever_is_made_up_breaks_nothing(world: World, capsys: Any, cases: int) -> None:
    tried = Tried(cases)
    for share, (strategy, act) in (
        (0.35, into_one_input(world)), (0.15, into_pages(world)), (0.15, into_the_api(world)),
        (0.12, at_addresses(world)), (0.08, reports(world)), (0.09, mails()), (0.06, files(world)),
    ):  # fmt: skip
        tried.each(strategy, act, share=share)
    for case in range(max(4, cases // 2000)):  # a process of its own reads each
        tried.one(case, workbook)
    with capsys.disabled():
        print(f"\nmade up, {connection.vendor}: {tried.statuses.total()} inputs sent, broken {len(tried.broken)}, "  # noqa: T201
              f"the longest took {tried.longest:.2f} s of CPU: {dict(tried.statuses.most_common(12))}")  # fmt: skip
    assert tried.broken == []
    assert {200, 400, 404, "read", "refused"} <= set(tried.statuses)


Way = tuple[st.SearchStrategy[Any], Callable[[Any], Any]]


def into_one_input(world: World) -> Way:
    """One value into one place: those that the hostile values are put into."""
    every = endpoints.inputs(world)
    cases = st.integers(0, len(every) - 1).flatmap(
        lambda number: st.tuples(st.just(number), making.OF_KIND[every[number].kind])
    )
    return cases, lambda case: every[case[0]].send(case[1])


def into_pages(world: World) -> Way:
    """Whole forms, some posts one after the other by one customer: names repeated, left out, filled with anything."""
    fields = st.sampled_from(world.fields)
    usual = st.sampled_from(["", "0", "4", "5", "11", "on", "yes", "1", "Долго ждали."])
    form = st.lists(st.tuples(fields, st.one_of(usual, making.TEXTS)), max_size=12)
    return st.tuples(st.sampled_from("rqtw"), st.lists(form, min_size=1, max_size=3)), lambda case: answer(world, *case)


def answer(world: World, place: str, forms: list[list[tuple[str, str]]]) -> HttpResponse:
    """The worst of the replies. A link leaves one answer at most, whatever was posted to it."""
    path, genuine = pages.fresh_form(world, place)
    before = Response.objects.count()
    replies = []
    for fields in forms:
        pairs = [pair for pair in genuine.items() if pair[0] not in dict(fields)] + fields
        body = "&".join(f"{name}={encoded(value)}" for name, value in pairs).encode()
        replies.append(CLIENT.post(path, body, content_type=FORM))
    assert Response.objects.count() - before <= (1 if place == "r" else len(forms))
    return max(replies, key=lambda reply: reply.status_code)


def into_the_api(world: World) -> Way:
    """Genuine bodies with some parts of them changed, alone and many at once."""
    bodies = {"comments": api.COMMENT, "interactions": api.INTERACTION, "customers": api.CUSTOMER,
              "interactions/skip": api.SKIP, "suppressions": api.ENTRY}  # fmt: skip
    bodies |= {f"{name}/bulk": {"items": [bodies[name]] * 2} for name in ("interactions", "customers")}
    cases = st.sampled_from(sorted(bodies)).flatmap(lambda name: st.tuples(st.just(name), making.changed(bodies[name])))

    def send(case: tuple[str, Any]) -> HttpResponse:
        body = json.dumps(case[1]).encode("utf-8", "surrogatepass")
        return CLIENT.post(f"/api/v1/{case[0]}/", body, content_type=OBJECT, headers=world.authorised)

    return cases, send


def at_addresses(world: World) -> Way:
    """Links, twisted, by every method."""
    token = world.token()
    known = [
        f"/r/{token}", f"/r/{token}/4", f"/r/{token}/t", f"/u/{world.stop}", f"/u/{world.stop}/data", f"/m/{world.own}",
        f"/q/{world.qr}", f"/t/{world.template}/4711/4", f"/w/{world.widget}", f"/w/{world.widget}.js", world.trial,
        "/brand/x.png", "/api/v1/customers/c-1/", f"/api/v1/suppressions/{world.suppression}/", "/api/v1/metrics/csat/",
        "/healthz", "/static/public/answer.js",
    ]  # fmt: skip
    paths = st.sampled_from(known).flatmap(making.twisted)
    methods = st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND"])

    def open_it(case: tuple[str, str]) -> HttpResponse:
        path = quote(case[0], safe="/%?&=;#:@+,!$'()*[]~")
        return CLIENT.generic(case[1], path if path.startswith("/") else f"/{path}", headers=world.authorised)

    return st.tuples(paths, methods), open_it


REPORTS: dict[str, Any] = {
    "postmark": {"RecordType": "Bounce", "ID": 4, "Type": "HardBounce", "TypeCode": 1, "MessageID": "4711", "Tag": "t",
                 "Metadata": {"message": "1"}, "Email": "+79001234567", "BouncedAt": "2026-02-01T10:00:00Z",
                 "Details": "x", "Description": "x"},
    "sendgrid": [{"event": "bounce", "email": "c@example.org", "timestamp": 1769940000, "sg_event_id": "x",
                  "type": "bounce", "smtp-id": "<4711>", "sg_message_id": "4711.x", "reason": "550",
                  "status": "5.1.1", "message": "1"}],
    "sparkpost": [{"msys": {"message_event": {"type": "bounce", "bounce_class": "10", "rcpt_to": "c@example.org",
                                              "event_id": "9", "timestamp": "1769940000", "transmission_id": "4711",
                                              "rcpt_meta": {"message": "1"}, "raw_reason": "550"}}}],
    "mailjet": {"event": "bounce", "time": 1769940000, "email": "c@example.org", "MessageID": 4711, "hard_bounce": True,
                "error": "user unknown", "error_related_to": "recipient", "Payload": '{"message": "1"}'},
    "brevo": {"event": "hard_bounce", "email": "c@example.org", "message-id": "<4711>", "ts_event": 1769940000,
              "date": "2026-02-01 10:00:00", "reason": "550", "X-Mailin-custom": '{"message": "1"}', "tags": ["t"]},
    "mailtrap": {"events": [{"event": "bounce", "email": "c@example.org", "message_id": "4711", "event_id": "9",
                             "timestamp": 1769940000, "response": "550", "custom_variables": {"message": "1"}}]},
}  # fmt: skip


def reports(world: World) -> Way:
    """What mail services and gateways report, in their own shapes with parts of it changed."""
    gateway = f"/webhooks/gateway/{world.gateway.callback_key}/?s=s"
    addresses = {f"/webhooks/mail/{name}/": body for name, body in REPORTS.items()}
    addresses |= {gateway: {"id": "4711", "status": "delivered", "data": {"id": ["4711"]}}}
    cases = st.sampled_from(sorted(addresses)).flatmap(
        lambda address: st.tuples(st.just(address), making.changed(addresses[address]))
    )

    def send(case: tuple[str, Any]) -> HttpResponse:
        body = json.dumps(case[1]).encode("utf-8", "surrogatepass")
        return CLIENT.post(case[0], body, content_type=OBJECT, headers={"Authorization": "Basic eDp5"})

    return cases, send


def mails() -> Way:
    """Mails that come back, torn."""
    cases = st.sampled_from([*BOUNCES, *OTHERS]).flatmap(lambda name: making.torn(mail(name)))
    return cases, lambda raw: dsn.understand(raw).kind


def files(world: World) -> Way:
    """Tables that a manager imports, torn: read, looked through and taken in, or refused in a sentence."""
    known = [
        path.read_bytes()[:20_000] for path in sorted(EXPORTS.iterdir()) if path.suffix in (".csv", ".json", ".txt")
    ]
    known += [
        "\ufeffid;email;имя;закрыто\n1;o@example.org;Ольга;01.02.2026 10:00\n2;;;\n".encode(),
        'id,email\n1,"o@example.org\n'.encode("utf-16"),
        b'[{"id": 1, "customer": {"email": "o@x"}}]',
    ]
    cases = st.tuples(st.sampled_from(sorted(imports.KINDS)), st.sampled_from(known).flatmap(making.torn))
    return cases, lambda case: take_in(case[0], "x.csv", case[1])


def take_in(kind: str, name: str, content: bytes) -> str:
    try:
        table = uploads.keep(SimpleUploadedFile(name, content))
    except BadFile:
        return "refused"
    chosen = importing.proposed(kind, table, source="crm")
    how = importing.given_for(access.EVERYTHING, source="crm", product=chosen.product, zone=chosen.zone)
    importing.look(kind, table, chosen.columns, given=how)
    how = importing.given_for(access.EVERYTHING, source="crm", product=chosen.product, zone=chosen.zone)
    for line in itertools.islice(uploads.lines(table.name, at=table.begins, number=table.first, most=5), 5):
        try:
            imports.get(kind).take(importing.values_of(line, table.header, chosen.columns, how), how)
        except (Wrong, LeftOut):
            continue
    return "read"


def workbook(number: int) -> str:
    """A workbook with some of its bytes written over; its directory stays, or it would not be unpacked at all."""
    dice = random.Random(number)
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (["id", "email", "закрыто"], [1, "o@example.org", "01.02.2026 10:00"]):
        book.active.append(row)
    book.save(file)
    content = bytearray(file.getvalue())
    for _time in range(dice.randint(1, 6)):
        content[dice.randrange(30, len(content) * 3 // 4)] = dice.randrange(256)
    return take_in("interactions", "x.xlsx", bytes(content))


def test_what_was_made_up_would_be_told(world: World) -> None:
    """A fault, a page of 5xx and a call that takes long are all noticed."""
    tried = Tried(3)

    def fails(case: Any) -> HttpResponse:
        if case == 0:
            raise KeyError("x")
        if case == 1:
            until = time.process_time() + LONGEST + 0.1
            while time.process_time() < until:
                pass
        return HttpResponse(status=500 if case == 2 else 200)

    for case in range(4):
        tried.one(case, fails)
    assert len(tried.broken) == 3 and tried.statuses == {"fault": 1, 200: 2, 500: 1}
    assert not Invitation.objects.filter(answer_state="confirmed").exists()
