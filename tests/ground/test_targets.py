"""Chats: what a person is told by mail comes to their Telegram and webhook too, really by HTTP, at most once each."""

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from ground import notice_mail, notices, outgoing, rowqueue, targets
from ground.models import NoticeTarget, Outgoing, User
from ground.notices import Kind, Line, Section

pytestmark = pytest.mark.django_db
TOKEN = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NIGHT = dt.datetime(2026, 11, 18, 23, 30, tzinfo=ZoneInfo("Europe/Moscow"))


class Chats:
    """Telegram and a webhook as they were recorded: each request is kept, the reply is what the test wants."""

    def __init__(self) -> None:
        self.status, self.reply, self.said = 200, {"ok": True, "result": {"message_id": 7}}, []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                recorder.said.append((self.path, body))
                data = json.dumps(recorder.reply).encode()
                self.send_response(recorder.status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def chats(settings):
    found = Chats()
    settings.OUTBOUND_ALLOW, settings.TELEGRAM_URL = ["127.0.0.1:*"], found.url
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def told(manager, monkeypatch) -> None:
    """The manager, who has a chat, is told of an event."""
    kind = Kind("event", "Event", "It happened.", lambda scope: "immediate", lambda *args: section())
    notices.kinds()
    monkeypatch.setattr(notices, "_kinds", {"event": kind})
    targets.keep(manager, "telegram", address="42")
    notices.tell([manager], kind="event", key="k")


@pytest.fixture
def bot(organisation) -> NoticeTarget:
    return targets.keep(None, "telegram", address="-1001", secret=TOKEN)


def section() -> Section:
    line = Line(about="CSAT: lower", text="<71%> & less", at=timezone.now(), path="/admin/deviations/")
    return Section(count="1 deviation", lines=(line,))


def deliver(later: dt.timedelta = dt.timedelta()) -> None:
    """What the bell does, at another moment."""
    with time_machine.travel(timezone.now() + later, tick=False):
        outgoing.sweep()
        outgoing.deliver(rowqueue.waiting_ids(outgoing.waiting(), limit=9))


def test_both_kinds_get_the_words_and_say_so(chats, bot) -> None:
    targets.keep(None, "webhook", secret=f"{chats.url}/services/T0/B0/secret")
    assert notice_mail.announce(section) == 2
    deliver()
    deliver()
    said = dict(chats.said)
    assert len(chats.said) == 2
    telegram, slack = said[f"/bot{TOKEN}/sendMessage"], said["/services/T0/B0/secret"]
    assert telegram["chat_id"] == "-1001" and "<71%> & less" in telegram["text"]
    assert "&lt;71%&gt; &amp; less" in slack["text"] and "/admin/deviations/" in slack["text"]
    assert "notifications/" not in telegram["text"]
    assert all(target.told_at and not target.error for target in NoticeTarget.objects.all())
    assert Outgoing.objects.filter(sent_at=None).count() == 0


def test_a_person_hears_in_the_own_chat_what_the_mail_says(chats, bot, manager, told, smtp, settings) -> None:
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2), tick=False):
        notice_mail.gather([manager.pk])
        deliver()
    assert len(smtp.mails) == 1
    ((path, body),) = chats.said
    assert path == f"/bot{TOKEN}/sendMessage" and body["chat_id"] == "42"


def test_nothing_waits_for_a_chat_while_the_organisation_has_no_bot(manager, told) -> None:
    """One that was taken away: each message would be tried for three days and then keep a light red."""
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2), tick=False):
        assert notice_mail.gather([manager.pk]) == 1
    assert Outgoing.objects.get().target is None


@pytest.mark.parametrize(("status", "is_tried_again"), [(429, True), (503, True), (400, False), (401, False)])
def test_a_refusal_is_told_and_tried_again_only_when_it_passes(chats, bot, status, is_tried_again) -> None:
    chats.status, chats.reply = status, {"ok": False, "description": "Bad Request: chat not found"}
    notice_mail.announce(section)
    deliver()
    bot.refresh_from_db()
    row = Outgoing.objects.get()
    assert str(status) in bot.error and "chat not found" in bot.error and TOKEN not in bot.error + row.error
    assert (row.quarantined_at is None) == is_tried_again
    chats.status, chats.reply = 200, {"ok": True}
    deliver(dt.timedelta(minutes=2))
    bot.refresh_from_db()
    assert bool(bot.told_at and not bot.error) == is_tried_again == bool(Outgoing.objects.get().sent_at)


def test_a_break_after_it_left_is_never_sent_twice_and_a_dead_line_is_tried_again(chats, bot, settings) -> None:
    chats.status = 502
    notice_mail.announce(section)
    deliver()
    deliver(dt.timedelta(hours=1))
    assert len(chats.said) == 1 and Outgoing.objects.get().quarantined_at
    Outgoing.objects.all().delete()
    settings.TELEGRAM_URL = "http://127.0.0.1:1"
    notice_mail.announce(section)
    deliver()
    assert Outgoing.objects.get().quarantined_at is None and "not reached" in Outgoing.objects.get().error


def test_the_organisations_quiet_hours_hold_and_a_removed_chat_gets_nothing(chats, bot, manager: User) -> None:
    NoticeTarget.objects.update(quiet_from=dt.time(22), quiet_until=dt.time(8))
    with time_machine.travel(NIGHT, tick=False):
        notice_mail.announce(section)
        deliver()
        assert chats.said == []
        deliver(dt.timedelta(hours=8, minutes=31))
        assert len(chats.said) == 1
    notice_mail.announce(section)
    NoticeTarget.objects.all().delete()
    deliver(dt.timedelta(days=1))
    assert len(chats.said) == 1 and not Outgoing.objects.filter(sent_at=None).exists()


def test_a_private_address_is_never_called(chats, bot, settings) -> None:
    settings.OUTBOUND_ALLOW = []
    notice_mail.announce(section)
    deliver()
    assert chats.said == [] and Outgoing.objects.get().error == "may not be called"


# --- the page ----------------------------------------------------------------------------------------------------

PAGE = "/admin/notifications/"


def test_people_keep_test_and_remove_their_chats(chats, bot, login, manager, settings) -> None:
    client = login(manager)
    client.post(f"{PAGE}own/telegram/", {"address": "42", "secret": TOKEN})
    own = NoticeTarget.objects.get(user=manager)
    assert (own.address, own.secret) == ("42", "")  # the bot is the organisation's
    client.post(f"{PAGE}own/telegram/", {"test": "1"})
    deliver()
    assert chats.said[0][1]["chat_id"] == "42"
    client.post(f"{PAGE}own/webhook/", {"secret": f"{chats.url}/hook-secret"})
    page = client.get(PAGE).content.decode()
    assert "hook-secret" not in page and TOKEN not in page and "127.0.0.1" in page
    for bad in ("http://10.0.0.1/x", "ftp://x.example/", "not an address", ""):
        NoticeTarget.objects.filter(user=manager, kind="webhook").delete()
        client.post(f"{PAGE}own/webhook/", {"secret": bad})
        assert not NoticeTarget.objects.filter(user=manager, kind="webhook").exists(), bad
    for bad in ("@a b", "1;2", "x" * 60):
        client.post(f"{PAGE}own/telegram/", {"address": bad})
    own.refresh_from_db()
    assert own.address == "42"
    client.post(f"{PAGE}own/telegram/", {"remove": "1"})
    assert not NoticeTarget.objects.filter(user=manager).exists()
    for _ in range(6):
        client.post(f"{PAGE}own/telegram/", {"test": "1"})


def test_the_organisations_chats_are_for_administrators_alone(chats, login, manager, administrator) -> None:
    assert login(manager).post(f"{PAGE}shared/telegram/", {"address": "1", "secret": TOKEN}).status_code == 403
    assert "shared/telegram" not in login(manager).get(PAGE).content.decode()
    client = login(administrator)
    client.post(f"{PAGE}shared/telegram/", {"address": "-5", "secret": "no token"})
    client.post(f"{PAGE}shared/telegram/", {"address": "-5", "secret": ""})
    assert not NoticeTarget.objects.exists()
    client.post(
        f"{PAGE}shared/telegram/", {"address": "-5", "secret": TOKEN, "quiet_from": "22:00", "quiet_until": "07:00"}
    )
    client.post(f"{PAGE}shared/telegram/", {"address": "-6", "secret": ""})  # the stored token stays
    kept = NoticeTarget.objects.get()
    assert (kept.user, kept.address, kept.secret) == (None, "-6", TOKEN)
    assert client.post(f"{PAGE}shared/pigeon/", {}).status_code == 404
