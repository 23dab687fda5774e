"""A customer asks for the link to their own data: the real worker mails it, and it opens what we know of them."""

from playwright.sync_api import Browser, expect

from tests.e2e.stack import Stack, wait_for

# Somebody whom the demo has asked, with the way to the page.
ASKED = """
from surveys import links
from surveys.models import Invitation
one = Invitation.objects.filter(state="sent", survey__is_anonymous=False, customer__email__gt="").latest("pk")
print(links.own_data_path(one), one.customer.email)
"""


def test_the_link_arrives_and_opens_the_page(running: Stack, browser: Browser) -> None:
    path, address = running.manage("shell", "-v0", "-c", ASKED).split()
    page = browser.new_page()
    page.goto(f"{running.base}{path}?lang=en")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    own = page.locator("ol li a", has_text=address).filter(has_text="Your data at")

    def has_arrived() -> bool:
        page.goto(f"{running.mailbox}/")
        return own.count() == 1

    wait_for(has_arrived, seconds=120, what="the mail with the link")
    own.click()
    page.get_by_role("link", name=f"{running.base}/m/").click()
    expect(page.get_by_role("heading", name="What you answered")).to_be_visible()
    page.close()
