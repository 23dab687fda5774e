"""Nobody guesses a link: not by a million random tokens, not by changing a genuine one, not from many addresses."""

import base64
import datetime as dt
import hashlib
import hmac
import random
import string
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from feedback import nonces
from ground import limits
from ground.models import ApiKey, LimitCounter
from ground.public import UNKNOWN_LINKS
from surveys import links, own_data, public_links, trials
from surveys.models import Customer, Gateway, Invitation, Link, OwnDataLink, Survey, SurveyVersion
from tests import conftest

pytestmark = pytest.mark.django_db
TRIES, STORED = 1_000_000, 50
Make = Callable[..., Invitation]


@pytest.fixture
def invitation(make_invitation: Make) -> Invitation:
    """One among many, each with its links."""
    for _number in range(STORED):
        last = make_invitation()
    return last


def guesses(count: int) -> list[str]:
    """Tokens as good as any: 128 random bits, and the check that belongs to them."""
    values = np.random.default_rng(7).integers(0, 32, (count, links.LENGTH), dtype=np.int64)
    values[:, 0] &= 7  # 26 letters of five bits are two more than there are
    values[:, -1] = values[:, :-1] @ np.arange(1, 2 * links.LENGTH - 2, 2) % 32
    letters = np.frombuffer(links.ALPHABET.encode(), np.uint8)[values].tobytes().decode()
    return [letters[start : start + links.LENGTH] for start in range(0, len(letters), links.LENGTH)]


def test_a_million_random_tokens_open_nothing(invitation: Invitation) -> None:
    """None has a hash that is stored; some are asked for by the very functions that every page asks with."""
    tried = guesses(TRIES)
    assert len(set(tried)) == TRIES and all(links.normalise(token) == token for token in tried[::500])
    stored = {mark for row in Invitation.objects.values_list(*links.HASH_FIELDS.values()) for mark in row}
    assert len(stored) == 2 * STORED and links.hash_token(links.token(invitation, links.ANSWER)) in stored
    assert stored.isdisjoint(map(links.hash_token, tried))
    for token in tried[::1000]:
        assert [links.find(token, purpose=purpose) for purpose in links.HASH_FIELDS] == [None, None]
        assert own_data.find(token) is None


def changed(token: str) -> Iterator[str]:
    """What comes of a genuine token when letters are changed, moved or left out."""
    body, dice = token[:-1], random.Random(7)
    for place in range(len(body)):
        yield from (body[:place] + letter + body[place + 1 :] for letter in links.ALPHABET if letter != body[place])
        yield body[:place] + body[place + 1 :] + "0"
        yield "0" + body[:place] + body[place + 1 :]
    yield from (body[turn:] + body[:turn] for turn in range(1, len(body)))
    yield body[::-1]
    for _time in range(500):
        letters = list(body)
        for place in dice.sample(range(len(body)), dice.randint(2, 8)):
            letters[place] = dice.choice(links.ALPHABET)
        yield "".join(letters)


def test_no_change_of_a_genuine_token_opens_anything(invitation: Invitation) -> None:
    for purpose in links.HASH_FIELDS:
        token = links.token(invitation, purpose)
        assert links.find(token, purpose=purpose) == invitation
        bodies = {body for body in changed(token) if body != token[:-1]}
        assert len(bodies) > 1300
        for body in bodies:
            assert links.find(body + links._check(body), purpose=purpose) is None, body
            assert links.normalise(body + token[-1]) in (None, body + token[-1])


def test_whoever_knows_everything_but_the_key_makes_no_token(invitation: Invitation) -> None:
    """The way tokens are made is published, and a copy of the database has what goes into them."""
    known = {"", "0", settings.SECRET_KEY, settings.LINK_KEY[:-1], settings.LINK_KEY + "0", str(invitation.pk)}
    for key in known - {settings.LINK_KEY}:  # tests have one for both
        for epoch in (invitation.epoch - 1, invitation.epoch, invitation.epoch + 1):
            told = b"%s|%s|%d" % (links.ANSWER.encode(), invitation.public_id.bytes, epoch)
            digest = hmac.new(key.encode(), told, hashlib.sha256).digest()
            body = base64.b32encode(bytes(4) + digest[:16])[-26:].translate(links._OURS).decode()
            assert links.find(body + links._check(body), purpose=links.ANSWER) is None, key
    for mark in (invitation.token_hash, invitation.public_id.hex, str(invitation.public_id)):
        assert links.find(mark, purpose=links.ANSWER) is None


@pytest.fixture
def others(invitation: Invitation, customer: Customer, survey: Survey) -> dict[str, tuple[str, str]]:
    """What is secret in every other kind of address: the address around it, and the secret."""
    now = timezone.now()
    own = OwnDataLink(customer=customer, created_at=now, expires_at=now + dt.timedelta(days=1))
    own.token_hash = links.hash_token(own_data.token_of(own))
    own.save()
    qr, template, widget = (
        Link.objects.create(kind=kind, label=kind, survey=survey, public_key=public_links.new_key())
        for kind in ("qr", "template", "widget")
    )
    return {
        "m": ("/m/%s", own_data.token_of(own)),
        "q": ("/q/%s", qr.public_key),
        "t": ("/t/%s/4711", template.public_key),
        "w": ("/w/%s", widget.public_key),
        "script": ("/w/%s.js", widget.public_key),
        "p": ("%s", trials.run_path(SurveyVersion.objects.get())),
    }


def test_no_change_of_any_other_address_opens_it(client: Client, others: dict[str, tuple[str, str]]) -> None:
    for address, secret in others.values():
        assert client.get(address % secret).status_code == 200
        for place in range(len(secret) - (8 if secret.startswith("/p/") else 0), 3, -1):
            letter = "1" if secret[place - 1] != "1" else "2"
            if secret[place - 1] in "/:":
                continue
            LimitCounter.objects.all().delete()
            wrong = secret[: place - 1] + letter + secret[place:]
            assert client.get(address % wrong).status_code == 404, wrong
    assert client.get("/t/" + others["t"][1] + "/4711?t=1&s=" + "0" * 32).status_code == 404


def test_no_changed_key_of_a_program_or_gateway_opens_anything(client: Client, organisation: Any) -> None:
    _row, secret = ApiKey.objects.create_key(name="crm")
    gateway = Gateway.objects.create(
        kind="sms", name="x", url="https://sms.example/", callback_key="k" * 16, callback_secret="s" * 16
    )
    assert conftest.client_with_key(secret).get("/api/v1/metrics/").status_code == 200
    dice = random.Random(7)
    for place in [dice.randrange(len(secret)) for _time in range(40)]:
        letter = dice.choice([one for one in string.ascii_letters if one != secret[place]])
        wrong = secret[:place] + letter + secret[place + 1 :]
        assert conftest.client_with_key(wrong).get("/api/v1/metrics/").status_code == 401, place
    for key, word in (("j" * 16, "s" * 16), (gateway.callback_key, "t" * 16), (gateway.callback_key, "")):
        reply = client.post(f"/webhooks/gateway/{key}/?s={word}", {}, content_type="application/json")
        assert reply.status_code in (403, 404), (key, word)


def test_a_changed_page_is_not_ours(invitation: Invitation) -> None:
    """Neither the moment nor the score of a page can be made up."""
    subject = nonces.of_invitation(invitation)
    nonce = nonces.make(subject, score=4, now=timezone.now())
    assert nonces.read(nonce, subject)
    for place in range(len(nonce)):
        for letter in "0123456789abcdef-":
            wrong = nonce[:place] + letter + nonce[place + 1 :]
            assert wrong == nonce or nonces.read(wrong, subject) is None, wrong


@pytest.mark.usefixtures("early")
def test_sixty_guesses_are_all_there_are_in_five_minutes(
    client: Client, invitation: Invitation, others: dict[str, tuple[str, str]]
) -> None:
    """Of any kind of link and by whatever name the caller goes; who has a link comes in beside them all the while."""
    good = links.answer_path(invitation)
    bodies = [*guesses(100), *(body + links._check(body) for body in list(changed(good[3:]))[:100])]
    statuses = []
    for number, token in enumerate(bodies):
        path = (f"/r/{token}", f"/u/{token}", f"/m/{token}", f"/q/{token[:12]}", f"/w/{token[:12]}")[number % 5]
        # A name that the caller gives itself is not believed.
        headers = {"X-Forwarded-For": f"203.0.{number}.1", "Forwarded": f"for=203.0.{number}.1"}
        method = (client.get, client.head, client.post)[number % 3]
        statuses.append(method(path, headers=headers).status_code)
        if number % 20 == 0:
            assert client.get(good).status_code == 200
    counts = {status: statuses.count(status) for status in set(statuses)}
    assert counts == {404: UNKNOWN_LINKS.count, 429: len(bodies) - UNKNOWN_LINKS.count}
    assert {*statuses[: UNKNOWN_LINKS.count]} == {404}
    for path in (good, others["m"][0] % others["m"][1], others["q"][0] % others["q"][1]):
        assert client.get(path).status_code == 200


@pytest.mark.usefixtures("early")
def test_behind_a_proxy_the_proxys_word_counts(client: Client, invitation: Invitation, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(UNKNOWN_LINKS.count):
        made_up = {"X-Forwarded-For": f"203.0.{number}.1, 198.51.100.{number}"}  # one neighbourhood, says the proxy
        assert client.get("/r/guess", headers=made_up).status_code == 404
    assert client.get("/r/guess", headers={"X-Forwarded-For": "203.0.200.1, 198.51.100.200"}).status_code == 429
    assert client.get("/r/guess", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.1"}).status_code == 404
    assert limits.counted(UNKNOWN_LINKS, LimitCounter.objects.latest("pk").key.partition(":")[2]) == 1
