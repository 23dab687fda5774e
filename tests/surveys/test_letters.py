"""Mails to customers: the same by SMTP and as an object, in each language and kind; nothing adds a header."""

import email
import email.policy
import re
from itertools import product

import pytest
from django.test import Client

from ground.models import Organisation
from surveys import channels, letters, links, sending, verp
from surveys.channels import email as channel
from surveys.models import Invitation, Message, SurveyVersion
from tests.factories import make_invitation

pytestmark = pytest.mark.django_db
Kind = Message.Kind
EXTRA = {
    "ru": {"reminder1_subject": "Напоминаем", "reminder1_intro": "Мы писали\n\nвам.",
           "reminder2_subject": "Последний раз",
           "reminder2_intro": "Ещё раз.", "thanks_subject": "Спасибо!", "thanks_intro": "Прочитали."},
    "en": {"reminder1_subject": "A reminder", "reminder1_intro": "We wrote\n\nyou.",
           "reminder2_subject": "One last time",
           "reminder2_intro": "Again.", "thanks_subject": "Thank you!", "thanks_intro": "We read it."},
    "kk": {"subject": "Қалай бағалайсыз?", "intro": "Сәлеметсіз бе!", "reason": "Өтініштен кейін.", "thanks": "Рақмет"},
    "ar": {"subject": "ما رأيك؟", "intro": "مرحبا!", "reason": "نسأل.", "thanks": "شكرا"},
}  # fmt: skip


@pytest.fixture
def version(survey) -> SurveyVersion:
    version = survey.published
    for language, texts in EXTRA.items():
        version.texts.setdefault(language, {}).update(texts)
    version.save(update_fields=["texts"])
    question = version.score_question()
    question.texts |= {"kk": "Бағаңыз?", "ar": "ما مدى رضاك؟"}
    question.save(update_fields=["texts"])
    return version


def message(invitation: Invitation, kind: str = Kind.INVITATION, address: str = "olga@example.org") -> Message:
    name = channels.message_id(invitation, kind)
    return Message.objects.create(invitation=invitation, kind=kind, address=address, message_id=name)


def sent(invitation: Invitation, kind: str = Kind.INVITATION, smtp=None):
    channel.send(invitation, message(invitation, kind))
    return smtp.mails[-1]


def content(mail, kind: str) -> str:
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n").rstrip("\n")


@pytest.mark.parametrize(
    ("language", "kind"),
    [*product(["ru", "en"], [Kind.INVITATION, Kind.REMINDER1, Kind.REMINDER2, Kind.THANKS]),
     *product(["kk", "ar"], [Kind.INVITATION])],
)  # fmt: skip
def test_the_encoded_mail_is_the_mail_that_django_writes(smtp, version, language: str, kind: str) -> None:
    invitation = make_invitation(version.survey, language=language)
    mail = sent(invitation, kind, smtp)
    ours = channel.build(invitation, invitation.messages.get())
    django = email.message_from_bytes(ours.message().as_bytes(), policy=email.policy.default)
    assert content(mail, "plain") == content(django, "plain")
    assert content(mail, "html") == content(django, "html")
    for header in ("Subject", "From", "To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
                   "X-Auto-Response-Suppress", "Content-Language"):  # fmt: skip
        assert str(mail[header]).strip() == str(django[header]).strip(), header
    assert mail["Date"] and not mail.defects
    prefix = letters.PREFIXES[kind]
    assert mail["Subject"] == version.texts[language][f"{prefix}subject"]
    assert version.texts[language][f"{prefix}intro"].split("\n")[0] in content(mail, "plain")


def test_reminders_keep_the_link_and_have_ids_of_their_own(smtp, version) -> None:
    invitation = make_invitation(version.survey)
    mails = [sent(invitation, kind, smtp) for kind in letters.PREFIXES]
    assert len({mail["Message-ID"] for mail in mails}) == 4
    assert all(links.answer_path(invitation) in content(mail, "plain") for mail in mails)
    assert all(links.unsubscribe_path(invitation) in mail["List-Unsubscribe"] for mail in mails)
    assert len(re.findall(r"/r/\w{27}/[1-5]\b", content(mails[1], "html"))) == 5
    assert not re.findall(r"/r/\w{27}/\d", content(mails[3], "html"))  # a thank-you mail asks nothing
    assert "<p>Мы писали</p>" in content(mails[1], "html")


@pytest.mark.parametrize(("look", "hint"), [("steps", "Выберите число"), ("smileys", "Достаточно")])
def test_numbers_are_spoken_of_where_there_are_some(version, look: str, hint: str) -> None:
    version.asked[0].options["look"] = look
    letter = letters.write(version, kind=Kind.INVITATION, language="ru", organisation=Organisation.current())
    assert letter.preheader.startswith(hint)


def test_whoever_opens_the_links_in_order_meets_the_hidden_one_first(smtp, version) -> None:
    html = content(sent(make_invitation(version.survey), smtp=smtp), "html")
    opened = re.findall(r'href="[^"]*/r/[0-9a-z]+([^"]*)"', html)
    assert opened[:2] == ["/t", "/1"] and opened.count("/t") == 1


def test_two_customers_get_their_own_links_from_one_encoded_letter(smtp, version, monkeypatch) -> None:
    one, two = make_invitation(version.survey), make_invitation(version.survey)
    first = sent(one, smtp=smtp)
    monkeypatch.setattr(letters, "write", lambda *_, **__: 1 / 0)
    second = sent(two, smtp=smtp)
    for mail, own, other in ((first, one, two), (second, two, one)):
        text = content(mail, "plain") + content(mail, "html") + mail["List-Unsubscribe"]
        assert links.token(own, links.ANSWER) in text and links.token(own, links.UNSUBSCRIBE) in text
        assert links.token(other, links.ANSWER) not in text and links.token(other, links.UNSUBSCRIBE) not in text


def test_the_organisation_stands_in_the_mail_as_it_is_now(smtp, version, settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    invitation = make_invitation(version.survey)
    sent(invitation, smtp=smtp)
    Organisation.objects.update(
        name="Beacon, Inc.", sender_email="care@beacon.example", reply_to="help@beacon.example", colour="#aa0000",
        logo_type="image/png", logo_digest="abc",
    )  # fmt: skip
    mail = sent(invitation, smtp=smtp)
    (address,) = mail["From"].addresses
    assert (address.display_name, address.addr_spec) == ("Beacon, Inc.", "care@beacon.example")
    assert mail["Reply-To"] == "help@beacon.example"
    html = content(mail, "html")
    assert f'src="{settings.BASE_URL}/brand/abc.png"' in html and 'alt="Beacon, Inc."' in html and "#aa0000" in html
    assert smtp.senders[-1] == verp.return_path(invitation.messages.last())


def test_a_mail_program_may_unsubscribe_by_mail_when_a_mailbox_is_read(smtp, version, settings) -> None:
    settings.BOUNCE_ADDRESS, settings.MAILBOX_URL = "bounces@example.org", "imaps://u:p@imap.example.org/INBOX"
    invitation = make_invitation(version.survey)
    mail = sent(invitation, smtp=smtp)
    stored = invitation.messages.get()
    web = f"<{settings.BASE_URL}{links.unsubscribe_path(invitation)}>"
    assert mail["List-Unsubscribe"] == f"{web}, <mailto:{verp.unsubscribe_address(stored)}>"
    assert channel.build(invitation, stored).extra_headers["List-Unsubscribe"] == mail["List-Unsubscribe"]
    settings.MAILBOX_URL = ""
    assert sent(invitation, smtp=smtp)["List-Unsubscribe"] == web


def test_the_host_of_a_request_stands_in_no_mail(smtp, version, settings, make_invitation) -> None:
    settings.ALLOWED_HOSTS, settings.BASE_URL = ["*"], "https://otklik.example.org"
    invitation = make_invitation(version=version)
    for header in ({"HTTP_HOST": "evil.example"}, {"HTTP_X_FORWARDED_HOST": "evil.example"}):
        Client().get(links.answer_path(invitation), **header)
    mail = sent(invitation, smtp=smtp)
    assert "evil.example" not in mail.as_string()
    addresses = re.findall(r'(?:href|src)="(.*?)"', content(mail, "html"))
    assert addresses and all(address.startswith("https://otklik.example.org/") for address in addresses)


def test_nothing_is_fetched_when_a_mail_without_a_logo_is_opened(version) -> None:
    html = letters.write(version, kind=Kind.INVITATION, language="ru", organisation=Organisation.current()).html
    assert not re.search(r"<(img|script|link|iframe|object)|@import|url\(", html)


BREAKS = ["\r\n", "\n\n", "\r\r", "\x1d", "\x1e", "\x0b\x0c", "\u2028\u2029", "\u0085\n", "\u000a\u000d",
          "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "%0d%0a", "\\r\\n", "\x00",
          "\r\n\r\n",
          "\n\t", "\r\n ", "=0D=0A"]  # fmt: skip
TAILS = ["Bcc: victim@evil.example", "Subject: other", "Content-Type: text/html", "To: victim@evil.example",
         ".\r\nMAIL FROM:<x@evil.example>\r\n", "Reply-To: x@evil.example", "X-Added: 1"]  # fmt: skip
PAYLOADS = [f"a{gap}{tail}" for gap, tail in product(BREAKS, TAILS)] + [f"=?utf-8?q?a=0D=0A{tail}?="
    for tail in TAILS] + [
    f"=?utf-8?b?DQpCY2M6IHZpY3RpbUBldmlsLmV4YW1wbGU=?= {number}" for number in range(8)] + [
    "\u202eabc", "a" * 5000, "ы" * 5000, "\ud800", '"', '"@evil.example', "<x@evil.example>", ", x@evil.example", "(c)",
    "a@b@c", ";", "\x01", "\x02\x03\x04", "%s", "{}", "{{ 7|add:7 }}", "{% now 'Y' %}",
    "\N{ZERO WIDTH JOINER}" * 50, " ",
]  # fmt: skip
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
           "X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type"}  # fmt: skip


@pytest.mark.parametrize("field", ["name", "sender_email", "reply_to", "subject", "legal_name", "language", "address"])
def test_no_payload_adds_a_header_or_a_recipient(smtp, version, field: str) -> None:
    """Each goes by SMTP and as an object; the text of a refused one never leaves, the rest has exactly our headers."""
    assert len(PAYLOADS) >= 200
    invitation = make_invitation(version.survey, version=version)
    version.published_at = None  # so that nothing is remembered between two payloads
    invitation.version = version
    organisation = Organisation.objects.get()
    for payload in PAYLOADS:
        note = Message(invitation=invitation, address="olga@example.org", message_id="<1@x>", kind="invitation", pk=7)
        if field == "address":
            note.address = f"olga@example.org{payload}"
        elif field == "language":
            invitation.language = payload[:16]
        elif field == "subject":
            version.texts["ru"]["subject"] = payload
        else:
            setattr(organisation, field, payload if field in ("name", "legal_name") else f"a@example.org{payload}")
        for raw, recipient in written(invitation, note, organisation):
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            assert {name for name, _value in mail.items()} - {"Reply-To"} <= HEADERS, payload
            assert len(mail.items()) == len({name.lower() for name, _value in mail.items()}), payload
            assert "\n" not in recipient and " " not in recipient and recipient.count("@") == 1, payload
            assert recipient == "olga@example.org" or field == "address", payload
            assert not mail.defects, payload


def written(invitation: Invitation, note: Message, organisation: Organisation):
    try:
        envelope = channel.encode(invitation, note, organisation=organisation)
        assert "\r" not in envelope.sender + envelope.recipient
        yield envelope.raw, envelope.recipient
    except ValueError:
        pass
    try:
        mail = channel.build(invitation, note, organisation=organisation)
        yield mail.message().as_bytes(), mail.recipients()[0]
    except ValueError:
        pass


def test_an_address_that_smtp_cannot_take_fails_for_good(smtp, version) -> None:
    for address in ("ы@example.org", "a b@example.org", "a", "a@example.org\r\nBcc: x@evil.example"):
        with pytest.raises(channels.NotSent) as refused:
            channel.send(make_invitation(version.survey), message(make_invitation(version.survey), address=address))
        assert not refused.value.passing
    assert not smtp.mails


def test_a_domain_in_other_letters_is_encoded(smtp, version) -> None:
    invitation = make_invitation(version.survey)
    channel.send(invitation, message(invitation, address="olga@почта.рф"))
    assert smtp.recipients[-1] == "olga@xn--80a1acny.xn--p1ai"


def test_the_loop_sends_what_was_written(smtp, version, customer) -> None:
    invitation = make_invitation(version.survey, state="planned", sent_at=None)
    assert sending.send([invitation.pk]) == 1
    assert "olga" not in smtp.mails[0]["To"] and smtp.mails[0]["To"] == invitation.customer.email


def test_a_reminder_tells_no_more_days_than_its_link_has_left(survey, version) -> None:
    survey.first_reminder_days, survey.second_reminder_days = 3, 4
    version.survey = survey
    told = {
        kind: letters.write(version, kind=kind, language="en", organisation=Organisation.current()).text
        for kind in (Kind.INVITATION, Kind.REMINDER1, Kind.REMINDER2)
    }
    days = {kind: re.findall(r"The link works for (\d+) days", text) for kind, text in told.items()}
    assert days == {Kind.INVITATION: ["30"], Kind.REMINDER1: ["24"], Kind.REMINDER2: ["20"]}
    survey.link_days = 8
    assert (
        "for 1 day."
        in letters.write(version, kind=Kind.REMINDER2, language="en", organisation=Organisation.current()).text
    )
