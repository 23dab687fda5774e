"""A notification on its way through the real workers and the real mail catcher."""

import re

from playwright.sync_api import Browser, Page

from tests.e2e.stack import Stack, wait_for
from tests.e2e.test_whole_loop import log_in

# Of its own: what the demo tells of may be done by now, and nobody is told of that any more.
COMPLAIN = """
from feedback.intake import Said, add_comment
from ground.models import Team
add_comment(Said(
    source="complaint", origin="e2e", external_key="n1", team=Team.objects.first(),
    text="Ужасно: ждал два часа, никто не помог, нагрубили. Отвратительный сервис.",
))
"""
WAITING = """
from ground.models import Notice
print(Notice.objects.filter(kind="negative_comment", told_at=None).count())
"""
DUE_NOW = """
from django.utils import timezone
from ground.models import Notice
assert Notice.objects.filter(kind="negative_comment", told_at=None).update(due_at=timezone.now())
"""


def waiting(running: Stack) -> int:
    return int(running.manage("shell", "-v0", "-c", WAITING))


def mails(page: Page, running: Stack, subject: str) -> int:
    """How many mails to the demo's manager have such a subject."""
    page.goto(f"{running.mailbox}/")
    own = page.locator("ol li a", has_text=running.note()["login"])
    return own.filter(has_text=re.compile(subject, re.IGNORECASE)).count()


def test_a_test_mail_and_a_daily_one(running: Stack, browser: Browser) -> None:
    desk, box = browser.new_page(), browser.new_page()
    log_in(desk, running)
    desk.goto(f"{running.base}/admin/notifications/")
    desk.locator("form[action$='/test/'] button").click()
    desk.wait_for_load_state()
    test_mail, negatives = "a test mail|проверочное письмо", r"\d+ (negative|негативн)"
    wait_for(lambda: mails(box, running, test_mail) == 1, seconds=120, what="the test mail")
    # Those of the demo come at nine, which may be now; whatever waits still comes with ours.
    told, before = mails(box, running, negatives), waiting(running)
    running.manage("shell", "-c", COMPLAIN)
    wait_for(lambda: waiting(running) > before, seconds=120, what="the complaint to be read")
    running.manage("shell", "-c", DUE_NOW)
    wait_for(lambda: mails(box, running, negatives) == told + 1, seconds=120, what="the daily mail")
    desk.close()
    box.close()
