"""Return addresses: made by us alone, one for each mail."""

import pytest

from surveys import verp
from surveys.models import Message
from tests.factories import make_invitation

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(settings, survey) -> Message:
    settings.BOUNCE_ADDRESS = "bounces@mail.example.org"
    return Message.objects.create(invitation=make_invitation(survey), address="olga@example.org")


def test_an_address_leads_back_to_its_message(message) -> None:
    address = verp.return_path(message)
    assert address.startswith("bounces+") and address.endswith("@mail.example.org")
    assert address == address.lower() and len(address.partition("@")[0]) <= 64
    assert verp.find(["someone@example.org", address]) == message


@pytest.mark.parametrize("change", [str.upper, "<{}>".format, " {}\n".format])
def test_what_servers_do_to_an_address_does_no_harm(message, change) -> None:
    assert verp.find([change(verp.return_path(message))]) == message


def test_nobody_else_can_make_one(message, survey, settings) -> None:
    other = Message.objects.create(invitation=make_invitation(survey), address="igor@example.org")
    address = verp.return_path(message)
    forged = [
        address.replace(f"+{message.pk}-", f"+{other.pk}-"),
        address.replace(f"+{message.pk}-", f"+0{message.pk}-x"),
        address.replace("mail.example.org", "evil.example.org"),
        f"bounces+{message.pk}@mail.example.org",
        f"bounces+{message.pk}-@mail.example.org",
        "bounces+-@mail.example.org",
        "bounces+٣-x@mail.example.org",
        "bounces@mail.example.org",
        address[:-18] + "@mail.example.org",
        "",
    ]
    assert verp.find(forged) is None
    settings.LINK_KEY = "another key"
    assert verp.find([address]) is None


def test_without_a_mailbox_for_bounces_there_is_no_address(message, settings) -> None:
    settings.BOUNCE_ADDRESS = ""
    assert verp.return_path(message) == ""
    assert verp.find(["+1-x@", "@", ""]) is None
