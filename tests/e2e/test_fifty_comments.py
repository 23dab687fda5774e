"""A morning at the desk: fifty comments without a mouse, a few by the bulk bar, and one phrase wherever it stands."""

import json
import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.stack import Stack

FIVE_MINUTES = 300
QUEUE = 180_000  # ms: keys are pressed faster than anybody reads, and each act waits for the one before it
# Seconds: to press a key, to make up one's mind, and to read a word at a usual 240 a minute.
KEY, MIND, WORD = 0.28, 1.35, 0.25
# What a newcomer finds to correct, by the place of the comment in the list.
CORRECTIONS = {4: ["1"], 9: ["2"], 14: ["c"], 19: ["t", "доставка", "Enter"], 24: ["3"], 29: ["4", "c"], 34: ["2"]}
MISTAKE = 39  # corrected, then taken back
STATE = """
import json
from feedback.models import Comment, Label, ReadMark
from ground.models import User
person = User.objects.get(email=%r)
labels = Label.objects.filter(source="human", author=person)
print(json.dumps({
    "done": Comment.objects.filter(done_by=person).exclude(done_at=None).count(),
    "read": ReadMark.objects.filter(user=person).count(),
    "tones": labels.filter(scheme="tone", takes_back=None).count(),
    "suggestions": labels.filter(scheme="constructive", takes_back=None).count(),
    "topics": labels.filter(scheme="topic", takes_back=None).count(),
    "taken_back": labels.exclude(takes_back=None).count(),
}))
"""


class Person:
    """Presses keys and keeps count of the seconds that a person would have needed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0
        self.thought = 0.0

    def press(self, *keys: str) -> None:
        for key in keys:
            if len(key) == 1 or key in ("Enter", "Escape", "Tab"):
                self.page.keyboard.press(key)
                self.keys += 1
            else:
                self.page.keyboard.type(key)
                self.keys += len(key)

    def read(self, text: str) -> None:
        self.thought += MIND + WORD * len(text.split())

    @property
    def seconds(self) -> float:
        return self.thought + KEY * self.keys


def log_in(page: Page, running: Stack, address: str) -> None:
    """By keys too; the first field has the focus."""
    note = running.note()
    page.goto(f"{running.base}{address}")
    expect(page.locator("input[name=username]")).to_be_focused()
    page.keyboard.type(note["login"])
    page.keyboard.press("Tab")
    page.keyboard.type(note["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def in_focus(page: Page) -> dict[str, str]:
    """The text of the current row, which has the focus and is on the screen with room for the next one."""
    expect(page.locator(".row[aria-current] .tl")).to_be_focused()
    row = page.evaluate("""() => {
        const row = document.activeElement.closest(".row");
        const box = row.getBoundingClientRect();
        return {id: row.id, text: row.querySelector(".tx").textContent, top: box.top, room: innerHeight - box.bottom};
    }""")
    assert row["top"] >= 0, row
    assert row["room"] > 100 or row["id"] == page.locator(".row").last.get_attribute("id"), row
    return row


def state(running: Stack) -> dict[str, int]:
    found = json.loads(running.manage("shell", "-v0", "-c", STATE % running.note()["login"]))
    assert isinstance(found, dict)
    return found


def test_a_newcomer_needs_five_minutes_for_fifty(running: Stack, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="ru")
    log_in(page, running, "/admin/feedback/comment/")
    before, person = state(running), Person(page)
    expect(page.locator(".hints")).to_be_visible()
    person.press("?")
    person.read(page.locator("dialog.help").inner_text())
    person.press("Escape", "j")
    seen: list[str] = []
    for place in range(50):
        row = in_focus(page)
        seen.append(row["id"])
        person.read(row["text"])
        person.press(*CORRECTIONS.get(place, []))
        if place == MISTAKE:
            person.press("1", "u")
            expect(page.locator(".said-now")).to_contain_text("Отменено", timeout=QUEUE)
        person.press("e")
    expect(page.locator(".row.done")).to_have_count(50, timeout=QUEUE)
    assert len(set(seen)) == 50
    assert person.seconds < FIVE_MINUTES, person.seconds
    assert person.keys < 200
    after = state(running)
    assert {name: after[name] - before[name] for name in after} == {
        "done": 50, "read": 50, "tones": 5 + 1, "suggestions": 2, "topics": 1, "taken_back": 1,
    }  # fmt: skip
    page.close()


def test_many_at_once_and_the_same_phrase_elsewhere(running: Stack, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="ru")
    log_in(page, running, "/admin/feedback/comment/?state=open&q=спасибо")
    before, person, came = state(running)["done"], Person(page), page.locator(".job .came")
    person.press("j", "x", "j", "x", "e")
    expect(came).to_have_text("Изменено: 2.")
    page.wait_for_load_state()  # the page that came listens to keys
    assert state(running)["done"] == before + 2
    person.press("u")
    expect(came).to_have_text("Отменено: 2.")
    page.wait_for_load_state()
    assert state(running)["done"] == before

    person.press("j", "o")
    page.wait_for_url("**/change/**")
    elsewhere = page.locator(".phrases a", has_text=re.compile("спасибо", re.IGNORECASE))
    while not elsewhere.count():  # not everybody's thanks decide how a comment is read
        with page.expect_navigation():
            person.press("j")
    for _press in range(120):
        person.press("Tab")
        if elsewhere.evaluate("link => link === document.activeElement"):
            break
    person.press("Enter")
    page.wait_for_url(re.compile(r"/comment/\?.*q="))
    rows, finished = page.locator(".row").count(), page.locator(".row.done").count()
    assert rows > finished + 1
    person.press("a", "e")
    expect(page.locator(".row.done")).to_have_count(rows)
    page.wait_for_load_state()
    person.press("u")
    expect(page.locator(".row.done")).to_have_count(finished)
    assert state(running)["done"] == before
    page.close()
