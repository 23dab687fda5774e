"""Whatever is put into whatever input of whatever address: no 5xx, and text that is text comes back as it was."""

import itertools
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import URLPattern, get_resolver

from feedback.masking import masked
from feedback.models import Comment
from ground.models import Team
from tests.feedback.answering import Fields
from tests.hostile import api, corpus, endpoints, pages
from tests.hostile.corpus import FORM, OBJECT
from tests.hostile.world import CLIENT, Input, World, encoded, form, make_world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support"),
]
VALUES: dict[str, list[Any]] = {"text": corpus.TEXTS, "json": corpus.JSON, "body": corpus.BODIES}
# So many of the values are tried at each input.
SAMPLE = {"text": 1, "json": 1, "body": 3}


@pytest.fixture
def world(organisation: Any, team: Team, settings: Any) -> World:
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": "x:y"}
    return make_world(team)


def play(inputs: Iterable[Input], *, half: int | None = None) -> tuple[Counter[int], list[str]]:
    """Put a sample of values into the inputs, or this half of all; how often which status came, and what broke.

    Each beside untouched rows. Of the values of a kind the next input gets the next ones.
    """
    statuses, broken, place = Counter[int](), [], Counter[str]()
    for one in inputs:
        values, start = VALUES[one.kind], place[one.kind]
        number = SAMPLE[one.kind] if half is None else -(-len(values) // 2)
        place[one.kind] += number
        start += number * (half or 0)
        for value in itertools.islice(itertools.cycle(values), start, start + number):
            with transaction.atomic():
                try:
                    status = one.send(value).status_code
                except Exception as error:  # what no handler of Django's turned into a page
                    status = 599
                    broken.append(f"{type(error).__name__} {error!s:.80}")
                transaction.set_rollback(True)
            statuses[status] += 1
            if status >= 500:
                broken.append(f"{status} {one.route} {one.name}: {value!r:.120}")
    return statuses, broken


def routes() -> Iterator[str]:
    """Every address but those of the desk, as the resolver spells them."""
    for pattern in get_resolver().url_patterns:
        nested = [pattern] if isinstance(pattern, URLPattern) else pattern.url_patterns
        begin = "" if isinstance(pattern, URLPattern) else str(pattern.pattern)
        yield from (begin + str(one.pattern) for one in nested if not begin.startswith("admin"))


def test_every_address_is_tried_and_nothing_breaks_it(world: World) -> None:
    """A sample: all values, each in some places. `make campaign` puts all of them everywhere."""
    inputs = endpoints.inputs(world)
    assert corpus.count() >= 400
    assert set(routes()) == {one.route for one in inputs}, "tell what can be put into it, in tests/hostile"
    for kind, values in VALUES.items():
        assert SAMPLE[kind] * sum(one.kind == kind for one in inputs) >= len(values), kind
    statuses, broken = play(inputs)
    assert broken == []
    assert statuses[200] and statuses[400] and statuses[404]


def test_what_is_no_cursor_and_no_name_is_not_found(world: World) -> None:
    """Rare among all values, and PostgreSQL refuses to look for it."""
    for value in corpus.CURSORS:
        reply = CLIENT.get(f"/api/v1/customers/?cursor={encoded(value)}", headers=world.authorised)
        assert reply.status_code in (200, 404), value
    assert CLIENT.get("/api/v1/customers/?cursor=cD14", headers=world.authorised).status_code == 404  # p=x
    for path in ("/api/v1/customers/a%00b/", "/webhooks/gateway/a%00b/", "/p/%00", "/brand/%00", "/w/%00", "/q/%00"):
        assert CLIENT.get(path, headers=world.authorised).status_code == 404, path


@pytest.mark.e2e
@pytest.mark.campaign
def test_every_value_in_every_place(world: World, capsys: Any) -> None:
    """One half of the values in each place on SQLite, the other on PostgreSQL; in the next place the halves change."""
    inputs = endpoints.inputs(world)
    statuses, broken = play(inputs, half=int(connection.vendor == "postgresql"))
    with capsys.disabled():
        where = f"{len(inputs)} places of {len(set(routes()))} addresses"
        print(f"\nhostile values, {connection.vendor}: {statuses.total()} inputs sent, broken {len(broken)} "  # noqa: T201
              f"({corpus.count()} values in {where}): {dict(statuses)}")  # fmt: skip
    assert broken == []


def texts() -> list[str]:
    """Those that are text: no controls but line feed and tab, no halves of characters, nothing that is no character."""

    def is_text(value: str) -> bool:
        kinds = {unicodedata.category(letter) for letter in value if letter not in "\n\t"}
        is_plain = not kinds & {"Cc", "Cs", "Zl", "Zp"} and not any(ord(letter) & 0xFFFE == 0xFFFE for letter in value)
        return is_plain and value == value.strip() and 0 < len(unicodedata.normalize("NFC", value)) <= 5000

    return [value for value in corpus.TEXTS if is_text(value)]


def test_text_comes_back_as_it_was(world: World) -> None:
    """From the answer page, from its form when something is wrong elsewhere, and from the API."""
    assert len(texts()) >= 300
    changed = []
    for number, value in enumerate(texts()):
        expected = unicodedata.normalize("NFC", value)
        with transaction.atomic():
            if number % 3 == 0:
                came = _by_api(world, value)
            else:
                came = _by_page(world, value) if number % 3 == 1 else _from_the_form(world, value)
            transaction.set_rollback(True)
        if came not in (expected, value if number % 3 == 2 else expected):
            changed.append((value, came))
    assert changed == []


def _by_page(world: World, value: str) -> str:
    path, fields = pages.fresh_form(world, "r")
    assert CLIENT.post(path, form(fields | {"comment": value}), content_type=FORM).status_code == 200
    return Comment.objects.get().text


def _from_the_form(world: World, value: str) -> str:
    path, fields = pages.fresh_form(world, "q")
    reply = CLIENT.post(path, form(fields | {"comment": value, "nonce": ""}), content_type=FORM)
    assert reply.status_code == 400
    return Fields(reply).values["comment"]


def _by_api(world: World, value: str) -> str:
    body = json.dumps(api.COMMENT | {"text": value}).encode()
    reply = CLIENT.post("/api/v1/comments/", body, content_type=OBJECT, headers=world.authorised)
    assert reply.status_code == 201, reply.content
    # A program is shown no address either.
    assert reply.json()["text"] == masked(Comment.objects.get().text)
    return Comment.objects.get().text
