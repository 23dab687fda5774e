"""A survey's page is rendered once and then filled in: it must say what a page rendered anew would say."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from feedback.models import Response
from ground import skeletons
from ground.models import Organisation
from surveys import links
from surveys.models import Invitation
from tests.feedback.answering import send

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]
OWN = re.compile(r'name="(nonce|key)" value="[^"]*"')


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skeletons, "_kept", {})


def anew(client: Client, path: str) -> str:
    skeletons._kept.clear()
    return client.get(path).content.decode()


def test_a_filled_page_is_the_page_rendered_anew(client: Client, make_invitation: Make) -> None:
    for score in (None, 2, 5, 77):
        first, second = (links.answer_path(make_invitation(), score) for _ in range(2))
        client.get(first)
        kept = len(skeletons._kept)
        filled = client.get(second)
        assert len(skeletons._kept) == kept
        assert OWN.sub("", filled.content.decode()) == OWN.sub("", anew(client, second))
        assert first.split("/")[2] not in filled.content.decode()
        assert "\ue000" not in filled.content.decode()
        assert filled.headers["Content-Language"] == "ru" and "sha256-" in filled.headers["Content-Security-Policy"]


def test_thanks_say_back_the_words_of_each(client: Client, make_invitation: Make) -> None:
    words = ["Спасибо & <b>до</b> \"встречи\" 'там'", "<script>alert(1)</script>", ""]
    for text in words:
        invitation = make_invitation()
        answered = send(client, invitation, client.get(links.answer_path(invitation, 4)), comment=text)
        page = answered.content.decode()
        assert [other for other in words if other and other in page] == []
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        escaped = escaped.replace('"', "&quot;").replace("'", "&#x27;")
        assert page.count(escaped) == 2 if text else "<blockquote" not in page
        assert Response.objects.get(invitation=invitation).comment is None or escaped in page


def test_a_change_of_the_look_shows_at_once(client: Client, make_invitation: Make) -> None:
    path = links.answer_path(make_invitation())
    Organisation.objects.update(name="Ромашка")
    assert "Ромашка" in client.get(path).content.decode()
    Organisation.objects.update(name="Василёк", colour="#aa2200")
    page = client.get(path).content.decode()
    assert "Василёк" in page and "#aa2200" in page and "Ромашка" not in page
