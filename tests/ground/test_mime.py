"""Mails encoded once and filled in parse back to what was meant, whatever the texts are."""

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ground import brand, mime

TOKEN = "0123456789abcdefghjkmnpqrst"


def parsed(text: str, html: str, headers: dict[str, str] | None = None):
    form = mime.prepare({"Subject": "x"} | (headers or {}), text=text, html=html)
    raw = form.fill(dict.fromkeys(mime.SLOTS, TOKEN))
    assert b"\r\n." not in raw and all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    return email.message_from_bytes(raw, policy=email.policy.default)


def body(mail, kind: str) -> str:
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n").rstrip("\n")


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\n\n \t.=-\x01\x02"), max_size=300)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_both_parts_come_back_equal(text: str, html: str) -> None:
    mail = parsed(text, html)
    expected = str.maketrans(dict.fromkeys(mime.SLOTS, TOKEN))
    assert body(mail, "plain") == text.translate(expected).rstrip("\n")
    assert body(mail, "html") == html.translate(expected).rstrip("\n")
    assert not mail.defects


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_in_a_header_is_one_header(text: str) -> None:
    mail = parsed("", "", {"Subject": mime.words(text), "From": mime.mailbox(text, "a@example.org")})
    assert [name for name, _value in mail.items()] == ["Subject", "From", "MIME-Version", "Content-Type"]
    assert mail["From"].addresses[0].addr_spec == "a@example.org"


@pytest.mark.parametrize(
    "subject", ["Как дела?", "ما رأيك؟", "Қалай бағалайсыз?", "=?utf-8?q?x?=", "a, “b”", "O'Brien & Co."]
)
def test_a_subject_comes_back_as_it_was(subject: str) -> None:
    mail = parsed("", "", {"Subject": mime.words(subject), "From": mime.mailbox(subject, "a@example.org")})
    assert mail["Subject"] == subject
    assert mail["From"].addresses[0].display_name == subject


def test_a_long_subject_is_folded_and_comes_back() -> None:
    for subject in ("a" * 300, "ы" * 300, "слово " * 60):
        assert parsed("", "", {"Subject": mime.words(subject)})["Subject"] == subject.strip()


@pytest.mark.parametrize("value", ["", " a", "a\r\nBcc: x@y.z", "a\nb", "é", "a\x00b", "\x7f"])
def test_nothing_that_breaks_a_line_is_filled_in(value: str) -> None:
    form = mime.prepare({"To": "\x03"}, text="", html="")
    with pytest.raises(ValueError):
        form.fill({"\x03": value})


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a b@c.d", "a@b.c\r\nRCPT TO:<x@y.z>", "<a@b.c>", '"a b"@c.d', "a@b.c,d@e.f", "ы@b.c",
     "a@ы c", "a" * 65 + "@b.c", "a@" + "b" * 300],
)  # fmt: skip
def test_odd_addresses_are_not_plain(address: str) -> None:
    assert not mime.is_plain(address)
    with pytest.raises(ValueError):
        mime.ascii_address(address)
    with pytest.raises(ValueError):
        mime.mailbox("x", address)


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#ffd400", "#1d6b5a", "#0000ff", "#ff0000", "#808080", "bad"])
def test_buttons_are_readable_in_every_brand(colour: str) -> None:
    look = brand.look(colour)
    ink, paper = brand._parts("#231e19"), brand._parts("#f2ebe1")
    assert brand.contrast(ink, brand._parts(look.tint)) >= 7
    assert brand.contrast(paper, brand._parts(look.night_tint)) >= 4.5
    assert brand.contrast(brand._parts(look.edge), brand.SHEET) >= 4.5
    assert brand.contrast(brand._parts(look.night_edge), brand.NIGHT_SHEET) >= 4.5
