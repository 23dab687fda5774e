"""What mail programs make of a link still opens the question, or explains itself; and brands stay readable."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from ground import brand
from surveys import addresses, links
from surveys.models import Invitation
from tests.feedback.answering import Fields

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]


def mangled(token: str) -> dict[str, tuple[str, str | None]]:
    """Names of manglings with the path that arrives and the score that should still be chosen."""
    whole = f"https://otklik.example/r/{token}/4"
    return {
        "as sent": (f"/r/{token}/4", "4"),
        "full stop": (f"/r/{token}/4.", "4"),
        "bracket": (f"/r/{token}/4)", "4"),
        "angle": (f"/r/{token}/4%3E", "4"),
        "comma": (f"/r/{token}/4,", "4"),
        "quote": (f"/r/{token}/4%22", "4"),
        "full stop after the token": (f"/r/{token}.", None),
        "angle after the token": (f"/r/{token}%3E", None),
        "slash at the end": (f"/r/{token}/4/", "4"),
        "no score": (f"/r/{token}", None),
        "upper case": (f"/R/{token.upper()}/4", "4"),
        "mixed case": (f"/r/{token.upper()}/4", "4"),
        "doubled slashes": (f"//r//{token}//4", "4"),
        "space before": (f"/r/%20{token}/4", "4"),
        "space after": (f"/r/{token}%20/4%20", "4"),
        "quoted-printable equals": (f"/r/=3D{token}/4", "4"),
        "quoted-printable score": (f"/r/{token}/=3D4", "4"),
        "soft line break": (f"/r/{token[:10]}=%0D%0A{token[10:]}/4", "4"),
        "line break": (f"/r/{token[:10]}%0A{token[10:]}/4", "4"),
        "tracking tail": (f"/r/{token}/4?utm_source=mail&utm_medium=x", "4"),
        "tail without question mark": (f"/r/{token}&utm_source=mail", None),
        "fragment as path": (f"/r/{token}%23top", None),
        "wrapped by a scanner": (f"/r/?url={quote(whole, safe='')}&data=x".replace("?", "%3F"), "4"),
        "pasted whole": (f"/r/{whole}", "4"),
        "encoded twice": (f"/r/%2520{token}%252F4", "4"),
        "look-alike letters": (f"/r/{token.replace('0', 'O').replace('1', 'l')}/4", "4"),
    }


NAMES = list(mangled("x" * 27))


@pytest.mark.parametrize("name", NAMES)
def test_mangled_links_still_open_the_question(client: Client, make_invitation: Make, name: str) -> None:
    invitation = make_invitation()
    path, score = mangled(links.answer_path(invitation).removeprefix("/r/"))[name]
    page = client.get(f"http://testserver{path}")
    assert page.status_code == 200 and Fields(page).values.get("score") == score


@pytest.mark.parametrize("cut", [26, 20, 1, 0])
def test_links_cut_short_are_explained(client: Client, make_invitation: Make, cut: int) -> None:
    path = "/r/" + links.answer_path(make_invitation()).removeprefix("/r/")[:cut]
    page = client.get(path, headers={"accept-language": "en"})
    assert page.status_code == 404 and "cannot be read" in page.content.decode()


def test_trap_is_told_from_a_score(make_invitation: Make) -> None:
    token = links.answer_path(make_invitation()).removeprefix("/r/")
    assert addresses.read(f"{token}/t").is_trap and addresses.read(f"{token}/T.").is_trap
    assert not addresses.read(f"{token}/3").is_trap


@pytest.mark.parametrize("raw", ["²", "٣", "1e3", "-1", "0x1", "12 34", "t3"])
def test_what_is_no_plain_number_is_no_score(make_invitation: Make, raw: str) -> None:
    token = links.answer_path(make_invitation()).removeprefix("/r/")
    assert addresses.read(f"{token}/{raw}").score in (None, 1)


@pytest.mark.parametrize("colour", ["#ffffff", "#ffee00", "#000080", "#000000", "#1d6b5a", "#ff0000", "#777777"])
def test_any_brand_colour_is_readable_in_old_browsers(colour: str) -> None:
    rule = brand.style(colour).split("}")[0]
    values = dict(part.split(":", 1) for part in rule.removeprefix(":root{").split(";"))
    parts = {name: tuple(int(value[place : place + 2], 16) for place in (1, 3, 5)) for name, value in (
        ("accent", values["--accent"]), ("fill", values["--fill"]),
        ("on-fill", {"#000": "#000000", "#fff": "#ffffff"}[values["--on-fill"]]),
    )}  # fmt: skip
    assert brand.contrast(parts["accent"], brand.SHEET) >= 4.5
    assert brand.contrast(parts["fill"], parts["on-fill"]) >= 4.5


@pytest.mark.parametrize("colour", ["red", "#12345", "#123456;}body{display:none", "</style><script>", ""])
def test_a_colour_that_is_none_changes_nothing(colour: str) -> None:
    assert brand.style(colour) == brand.style(brand.DEFAULT_COLOUR)
