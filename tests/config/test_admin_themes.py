"""The page of new themes: what each person sees of it and may do."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from feedback.models import MutedPhrase, Theme, ThemeRound
from ground.models import Job, Role, User
from tests.config.reading import make_topic
from tests.conftest import _person
from tests.feedback.test_themes import PLANTED, look, risen, said

__all__ = ["risen"]
pytestmark = pytest.mark.django_db
PAGE = "/admin/feedback/theme/"
Login = Callable[[User], Client]
SHARE = re.compile(r"\(5[.,]0 %\)")  # 15 of 300


@pytest.fixture
def director(organisation) -> User:
    return _person("director@example.org", Role.MANAGER, None)


def text(client: Client, address: str = PAGE) -> str:
    reply = client.get(address)
    assert reply.status_code == 200
    return re.sub(r"\s+", " ", reply.content.decode())


def test_a_theme_has_counts_quotes_and_a_topic_form(login: Login, director: User, risen: ThemeRound) -> None:
    client = login(director)
    told = text(client)
    assert told.count("<blockquote") == 3
    assert PLANTED[0] in told
    assert SHARE.search(told)
    add = re.search(r'href="(/admin/feedback/topic/add/[^"]+)"', told)
    assert add
    address = add[1].replace("&amp;", "&")
    phrase = parse_qs(urlsplit(address).query)["cues_ru"][0]
    assert phrase == Theme.objects.get().phrase
    assert phrase in text(client, address)


def test_a_team_sees_its_own_comments_alone(login: Login, manager: User, outsider: User, risen: ThemeRound) -> None:
    told = text(login(manager))
    assert told.count("<blockquote") == 3
    assert not SHARE.search(told)
    assert 'name="days" value' not in told
    assert PLANTED[0] not in text(login(outsider))


def test_looking_muting_and_adding(login: Login, director: User, risen: ThemeRound) -> None:
    client, theme, topic = login(director), Theme.objects.get(), make_topic()
    client.post(f"{PAGE}{theme.pk}/topic/", {"topic": topic.code})
    topic.refresh_from_db()
    assert theme.phrase in topic.cues["ru"]
    client.post(f"{PAGE}{theme.pk}/mute/")
    assert "<blockquote" not in text(client)
    client.post(f"{PAGE}unmute/", {"phrase": MutedPhrase.objects.get().pk})
    assert "<blockquote" in text(client)
    reply = client.post(f"{PAGE}look/", {"days": "7"})
    assert Job.objects.order_by("-pk")[0].params == {"days": [7]}
    assert text(client, reply.headers["Location"]).count("data-follow") == 1


def test_only_managers_of_everything_act(login: Login, manager: User, risen: ThemeRound) -> None:
    client, theme = login(manager), Theme.objects.get()
    for address in (f"{theme.pk}/topic/", f"{theme.pk}/mute/", "unmute/", "look/"):
        assert client.post(PAGE + address, {"topic": make_topic().code}).status_code == 403
        assert client.get(PAGE + address).status_code == 405


def test_it_says_plainly_that_there_is_too_little(login: Login, director: User, team) -> None:
    client = login(director)
    assert "empty" in text(client)
    said(PLANTED[0], days=2, number=20, team=team)
    look()
    assert re.search(r'class="empty".*\b20\b.*\b300\b', text(client))
