import itertools
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import links

TOKEN = links.make_token(uuid.UUID(int=7), epoch=1, purpose=links.ANSWER)

# What mail programs, people and gateways do to a link.
MANGLED = [
    TOKEN.upper(),
    f"{TOKEN}.",
    f"{TOKEN},",
    f"{TOKEN})",
    f"{TOKEN}>",
    f"{TOKEN}]",
    f'{TOKEN}"',
    f"{TOKEN}»",
    f"{TOKEN};",
    f"<{TOKEN}>",
    f" {TOKEN} ",
    f"{TOKEN}%20",
    f"{TOKEN}%2E",
    f"=3D{TOKEN}",
    f"3D{TOKEN}",
    f"{TOKEN[:10]}=\r\n{TOKEN[10:]}",
    f"{TOKEN[:10]}\n{TOKEN[10:]}",
    f"{TOKEN[:13]}%20{TOKEN[13:]}",
    f"{TOKEN[:5]}-{TOKEN[5:]}",
    f"{TOKEN}?utm_source=mail",
    f"{TOKEN}&utm_medium=x",
    f"{TOKEN}/9/",
    f"https://safe.example.org/?url=https%3A%2F%2Fotklik.example.org%2Fr%2F{TOKEN}&data=05",
    TOKEN.replace("0", "O").replace("1", "l"),
]


@pytest.mark.parametrize("raw", MANGLED)
def test_a_mangled_link_still_resolves(raw: str) -> None:
    assert links.normalise(raw) == TOKEN


def test_there_are_24_of_them() -> None:
    assert len(set(MANGLED) | {"lookalikes"}) >= 24


@given(st.text(max_size=60))
def test_any_text_is_a_token_or_none(raw: str) -> None:
    token = links.normalise(raw)
    assert token is None or len(token) == links.LENGTH


def test_one_wrong_letter_is_told_by_the_check() -> None:
    for place in range(links.LENGTH - 1):
        other = links.ALPHABET[(links.ALPHABET.index(TOKEN[place]) + 1) % 32]
        assert links.normalise(TOKEN[:place] + other + TOKEN[place + 1 :]) is None


def test_purposes_and_epochs_give_unrelated_tokens() -> None:
    made = {
        links.make_token(uuid.UUID(int=7), epoch=epoch, purpose=purpose)
        for epoch in (1, 2)
        for purpose in (links.ANSWER, links.UNSUBSCRIBE)
    }
    assert len(made) == 4


@pytest.mark.django_db
def test_a_token_opens_its_own_purpose_only(make_invitation) -> None:
    invitation = make_invitation()
    answer = links.answer_path(invitation).removeprefix("/r/")
    unsubscribe = links.unsubscribe_path(invitation).removeprefix("/u/")
    assert links.find(answer, purpose=links.ANSWER) == invitation
    assert links.find(unsubscribe, purpose=links.UNSUBSCRIBE) == invitation
    assert links.find(answer, purpose=links.UNSUBSCRIBE) is None
    assert links.find(unsubscribe, purpose=links.ANSWER) is None


@pytest.mark.django_db
def test_the_database_holds_no_usable_link(make_invitation) -> None:
    invitation = make_invitation()
    token = links.answer_path(invitation).removeprefix("/r/")
    assert token not in str([getattr(invitation, field.attname) for field in invitation._meta.concrete_fields])


def test_a_token_that_begins_like_an_encoded_sign_is_whole() -> None:
    numbers = (uuid.UUID(int=number) for number in itertools.count())
    tokens = (links.make_token(number, epoch=1, purpose=links.ANSWER) for number in numbers)
    token = next(token for token in tokens if token.startswith("3d"))
    for raw in (token, f"{token}.", f"<{token}>", f"=3D{token}", f"3D{token}."):
        assert links.normalise(raw) == token
