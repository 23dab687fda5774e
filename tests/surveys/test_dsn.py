"""Mails that come back, in the shapes that mail servers give them: each is understood as what it is."""

from pathlib import Path

import pytest

from surveys import dsn

FOLDER = Path(__file__).parent / "mails"
RETURN, TO, ID = "bounces+17-0123456789abcdef@example.org", "olga@client.example", "<1.1@otklik.example.org>"
HARD, SOFT = True, False
BOUNCES = {
    "postfix-user-unknown": ("5.1.1", HARD),
    "postfix-no-host": ("5.4.4", HARD),
    "postfix-mailbox-full": ("5.2.2", SOFT),
    "postfix-generic-status-unknown-user": ("5.0.0", HARD),
    "postfix-expired": ("4.4.1", SOFT),
    "postfix-smtputf8": ("5.1.1", HARD),
    "exim-modern": ("5.1.1", HARD),
    "exim-old-plain": ("5.0.0", HARD),
    "exim-old-unrouteable": ("5.0.0", SOFT),
    "exchange-online-not-found": ("5.1.10", HARD),
    "exchange-quota": ("5.2.2", SOFT),
    "exchange-blocked": ("5.7.1", SOFT),
    "exchange-bad-sender": ("5.1.8", SOFT),
    "gmail-not-found": ("5.1.1", HARD),
    "gmail-over-quota": ("4.2.2", SOFT),
    "yandex-no-such-user": ("5.7.1", HARD),
    "yandex-spam-refused": ("5.7.1", SOFT),
    "mailru-user-not-found": ("5.0.0", HARD),
    "mailru-own-report": ("5.1.1", HARD),
    "mailru-account-disabled": ("5.2.1", SOFT),
    "sendmail-user-unknown": ("5.1.1", HARD),
    "sendmail-cannot-send-for-five-days": ("4.4.7", SOFT),
    "qmail-no-mailbox": ("5.1.1", HARD),
    "qmail-remote-refused": ("5.7.1", SOFT),
    "ses-permanent": ("5.1.1", HARD),
    "postmaster-ironport": ("5.1.0", HARD),
    "domino": ("5.1.1", HARD),
    "office365-access-denied": ("5.4.1", SOFT),
    "yahoo-disabled": ("5.7.9", SOFT),
    "two-recipients-one-failed": ("5.1.1", HARD),
}
OTHERS = {
    "postfix-delayed": "delay",
    "exim-delay-warning": "delay",
    "gmail-delay": "delay",
    "sendmail-warning": "delay",
    "delivered-notice": "other",
    "out-of-office-exchange": "auto",
    "out-of-office-vacation": "auto",
    "a-person-writes": "other",
    "read-receipt": "auto",
    "arf-not-spam": "other",
    "arf-abuse": "complaint",
    "arf-mailru": "complaint",
}


def mail(name: str, *, sent_to: str = RETURN, to: str = TO, message_id: str = ID) -> bytes:
    text = (FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    return text.replace("%RETURN%", sent_to).replace("%TO%", to).replace("%ID%", message_id).encode()


def test_every_mail_of_the_folder_is_spoken_for() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == {*BOUNCES, *OTHERS}
    assert len(BOUNCES) >= 30


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("name", BOUNCES)
def test_a_bounce_is_told_by_status_and_words(name: str, newline: bytes) -> None:
    report = dsn.understand(mail(name).replace(b"\n", newline))
    assert (report.kind, report.status, report.is_hard) == ("bounce", *BOUNCES[name])
    assert RETURN in report.sent_to
    assert report.original_id in ("", ID) or name == "ses-permanent"


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_bounce_is_not_taken_for_one(name: str) -> None:
    report = dsn.understand(mail(name))
    assert report.kind == OTHERS[name]
    assert RETURN in report.sent_to


def test_a_bounce_quoted_in_a_letter_is_no_bounce() -> None:
    inside = mail("postfix-user-unknown").decode()
    head = f"From: Olga <{TO}>\nTo: {RETURN}\nMIME-Version: 1.0\n"
    letter = (
        f'{head}Content-Type: multipart/mixed; boundary="L"\n\n--L\nContent-Type: message/rfc822\n\n{inside}\n--L--\n'
    )
    assert dsn.understand(letter.encode()).kind == "other"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"To: " + b"a" * 100_000,
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno boundary",
        b'Content-Type: multipart/report; boundary="x"\n\n--x\nContent-Type: message/delivery-status\n\n',
        b'Content-Type: multipart/report; boundary="x"\n\n--x\nContent-Type: message/feedback-report\n\n--x--',
        b"From: mailer-daemon@x\nContent-Type: text/plain; charset=nonsense\n\n550 5.1.1 \xff",
        b'Content-Type: multipart/mixed; boundary="x"\n'
        + b'\n--x\nContent-Type: multipart/mixed; boundary="x"\n' * 300,
    ],
)
def test_whatever_comes_is_read_to_the_end(raw: bytes) -> None:
    assert dsn.understand(raw).kind in ("other", "bounce", "auto")
