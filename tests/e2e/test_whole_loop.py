"""From a finished interaction to a labelled comment on the dashboard, through every real process, in both languages."""

import datetime as dt
import json
import re
import time
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.stack import Stack, wait_for

HEALED_SECONDS = 120  # a lease of 15 s and a new worker, which a busy machine starts slowly
TALES = {
    "ru": {
        "email": "vera@example.org",
        "subject": "Как мы справились с вашим обращением?",
        "comment": "Ждала ответа сорок минут, это очень долго. Сделайте, пожалуйста, обратный звонок.",
        "send": "Отправить",
        "thanks": "Спасибо",
        "class": "конструктивный",
        "open": "Как видит клиент",
    },
    "en": {
        "email": "walter@example.org",
        "subject": "How did we handle your request?",
        "comment": "I waited forty minutes on the phone, far too long. Please add a callback option.",
        "send": "Send",
        "thanks": "Thank you",
        "class": "constructive",
        "open": "As the customer sees it",
    },
}


@pytest.fixture(scope="module")
def key(running: Stack) -> str:
    return running.manage("make_api_key", "curl").strip()


def post_interaction(running: Stack, key: str, *, language: str, email: str) -> None:
    """What the README does with curl."""
    closed = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=61)).isoformat()
    body = {
        "source": "e2e",
        "external_id": f"T-{language}-{time.time_ns()}",
        "updated_at": closed,
        "closed_at": closed,
        "channel": "phone",
        "customer": {"external_id": email, "email": email, "language": language, "name": "Vera W."},
        "team": {"code": "first-line"},
        "agent": {"external_id": "e2e-agent", "name": "E. Agent"},
    }
    request = urllib.request.Request(
        f"{running.base}/api/v1/interactions/",
        json.dumps(body).encode(),
        {"Authorization": f"Api-Key {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        assert reply.status == 202
        assert json.load(reply)["decision"]["outcome"] == "send"


def log_in(page: Page, running: Stack) -> None:
    note = running.note()
    page.goto(f"{running.base}/admin/login/")
    page.fill("input[name=username]", note["login"])
    page.fill("input[name=password]", note["password"])
    page.click("form button[type=submit]")
    page.wait_for_url(re.compile("/admin/dashboard/"))


def answers_counted(page: Page, running: Stack, card: str = "CSAT") -> int:
    """The n of a card."""
    page.goto(f"{running.base}/admin/dashboard/")
    return int(re.sub(r"\D", "", page.locator(f"article[aria-label={card}] .val a.num").inner_text()))


def open_mail(page: Page, running: Stack, tale: dict[str, str]) -> None:
    """Wait for the mail in the mailbox page and open it."""
    row = page.locator("ol li a", has_text=tale["email"])

    def arrived() -> bool:
        page.goto(f"{running.mailbox}/")
        return row.count() > 0

    wait_for(arrived, seconds=120, what="the mail")
    expect(row.first).to_contain_text(tale["subject"])
    row.first.click()
    expect(page.get_by_text(tale["open"])).to_be_visible()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_loop(running: Stack, browser: Browser, key: str, language: str) -> None:
    tale = TALES[language]
    context = browser.new_context(locale=language, viewport={"width": 390, "height": 844})
    desk = browser.new_context(locale=language, viewport={"width": 1280, "height": 900}).new_page()
    phone = context.new_page()
    log_in(desk, running)
    before = answers_counted(desk, running)

    post_interaction(running, key, language=language, email=tale["email"])
    open_mail(phone, running, tale)
    score = phone.frame_locator("iframe").locator("a.score").nth(1)
    with context.expect_page() as opened:
        score.click()
    survey = opened.value
    expect(survey.locator("input[name=score][value='2']")).to_be_checked()
    survey.fill("textarea[name=comment]", tale["comment"])
    survey.wait_for_timeout(1600)

    dead = running.kill("understand")
    running.kill("ring")
    survey.get_by_role("button", name=tale["send"], exact=True).click()
    expect(survey.get_by_text(re.compile(tale["thanks"])).first).to_be_visible()

    found = desk.locator("article.row", has_text=tale["comment"][:20])

    def labelled() -> bool:
        desk.goto(f"{running.base}/admin/feedback/comment/")
        return found.count() > 0 and found.first.get_by_text(tale["class"]).count() > 0

    wait_for(labelled, seconds=HEALED_SECONDS, what="the label")
    assert running.child("understand") not in {0, dead}
    expect(found).to_have_count(1)

    wait_for(lambda: answers_counted(desk, running) == before + 1, seconds=120, what="the dashboard to count it")
    context.close()
    desk.context.close()


def test_each_scale_has_answers_from_the_first_minute(running: Stack, browser: Browser) -> None:
    desk = browser.new_context(locale="ru", viewport={"width": 1280, "height": 900}).new_page()
    log_in(desk, running)
    assert all(answers_counted(desk, running, card) >= 5 for card in ("CSAT", "NPS", "CES"))
    desk.context.close()


def test_a_message_from_elsewhere_is_labelled_by_itself(running: Stack, key: str) -> None:
    """The API's other door; idle, it takes a tick and the reading, well under three seconds."""
    body = {"source": "message", "origin": "e2e", "external_key": str(time.time_ns()), "text": TALES["en"]["comment"]}
    request = urllib.request.Request(
        f"{running.base}/api/v1/comments/",
        json.dumps(body).encode(),
        {"Authorization": f"Api-Key {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        number = json.load(reply)["id"]
    query = (
        f"from feedback.models import Comment; c = Comment.objects.get(pk={number}); "
        "print((c.classified_at - c.received_at).total_seconds() if c.classified_at else 99)"
    )
    wait_for(lambda: float(running.manage("shell", "-v0", "-c", query)) < 30, seconds=120, what="the label")
    joined = f"from feedback.models import Idea; print(int(Idea.objects.filter(links__comment={number}).exists()))"
    wait_for(lambda: running.manage("shell", "-v0", "-c", joined).strip() == "1", seconds=120, what="its idea")


def test_the_logs_name_nobody(running: Stack) -> None:
    """After the loops above, mails, kills and all: no address, name, word or link of anybody is in any log."""
    logs = {
        path.name: path.read_text(encoding="utf-8", errors="replace") for path in (running.data_dir / "logs").iterdir()
    }
    assert any(logs.values())
    mails = [path.read_text(errors="replace") for path in (running.data_dir / "mailbox").glob("*.eml")]
    links = {found[:20] for mail in mails for found in re.findall(r"/[rum]/([0-9a-z]{27})", mail)}
    words = {"Vera W.", *(tale[part] for tale in TALES.values() for part in ("email", "comment")), *links}
    assert [(name, word) for name, text in logs.items() for word in words if word in text] == []
    address = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}")
    assert [(name, address.findall(text)[:3]) for name, text in logs.items() if address.search(text)] == []
