"""Where the thanks may lead to: fifty ways to look like a listed site, and none of them is one."""

import pytest

from surveys.link_sites import allowed

SITES = "reviews.example.com\n Maps.Example.org \n\nxn--e1afmkfd.example\nxn--80aswg.xn--p1ai\n"
GOOD = [
    "https://reviews.example.com", "https://reviews.example.com/", "https://reviews.example.com/us?a=1&b=2#top",
    "HTTPS://REVIEWS.EXAMPLE.COM/Us", "https://maps.example.org/place/@59.9,30.3", "https://maps.example.org?q=%20",
    "https://maps.example.org/a//b/../c", "https://xn--e1afmkfd.example/", "https://xn--80aswg.xn--p1ai/",
]  # fmt: skip
TRICKS = [
    "", " ", "reviews.example.com", "//reviews.example.com/", "/reviews.example.com", "http://reviews.example.com/",
    "ftp://reviews.example.com/", "javascript:alert(1)", "javascript://reviews.example.com/%0aalert(1)",
    "data:text/html,https://reviews.example.com/", "vbscript:x", "file://reviews.example.com/",
    "blob:https://reviews.example.com/", "view-source:https://reviews.example.com/",
    "https:reviews.example.com", "https:/reviews.example.com", "https:///reviews.example.com/",
    "https:\\\\reviews.example.com", "https://reviews.example.com\\@evil.com/", "https://evil.com\\reviews.example.com/",
    "https://reviews.example.com@evil.com/", "https://evil.com@reviews.example.com/",
    "https://user:word@reviews.example.com/", "https://@reviews.example.com/", "https://:@reviews.example.com/",
    "https://reviews.example.com:443/", "https://reviews.example.com:8443/", "https://reviews.example.com:/",
    "https://reviews.example.com:@evil.com/", "https://reviews.example.com.evil.com/",
    "https://evilreviews.example.com/", "https://evil.com/reviews.example.com", "https://evil.com?reviews.example.com",
    "https://evil.com#reviews.example.com", "https://evil.com;reviews.example.com", "https://example.com/",
    "https://sub.reviews.example.com/", "https://reviews.example.com./", "https://.reviews.example.com/",
    "https://reviews..example.com/", "https://reviews.example.com%2eevil.com/", "https://reviews%2eexample.com/",
    "https://reviews.example.com%00.evil.com/", "https://reviews.example.com\x00.evil.com/",
    "https://reviews.example.com\t.evil.com/", "https://reviews.example.com\n/", "\nhttps://reviews.example.com/",
    " https://reviews.example.com/", "https://reviews.example.com/ ", "https://reviews.example.com/\u202egro.elgoog",
    "https://reviews.еxample.com/", "https://reviews.example。com/", "https://reviews.ex\u00adample.com/",
    "https://ｒeviews.example.com/", "https://xn--e1afmkfd.xn--example/", "https://пример.example/", "https://[::1]/",
    "https://127.0.0.1/", "https://0x7f000001/", "https://2130706433/", "https://localhost/", "https://reviews/",
    "https://reviews.example.com/<script>", "https://reviews.example.com/\"onclick=alert(1)", "https://-/",
    "https://reviews_example.com/", "https://reviews.example.com/" + "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_a_listed_site_is_led_to(url: str) -> None:
    assert allowed(url, SITES)


def test_there_are_fifty_tricks() -> None:
    assert len(set(TRICKS)) >= 50


@pytest.mark.parametrize("url", TRICKS, ids=range(len(TRICKS)))
def test_what_only_looks_like_a_listed_site_is_not(url: str) -> None:
    assert not allowed(url, SITES)


def test_an_empty_list_allows_nothing() -> None:
    assert not any(allowed(url, "") for url in GOOD)
