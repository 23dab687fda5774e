"""Votes through a public link, one after the other, from whatever address and device; and honest answers before."""

import datetime as dt
from collections.abc import Iterable

import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from feedback import nonces
from feedback.models import Response
from surveys import public_links
from surveys.models import Link
from tests.config.reading import make_response

PHONE = "Mozilla/5.0 (Linux; Android 14) Mobile"


def vote(
    link: Link, score: int, *, address: str = "198.51.100.7", agent: str = PHONE, at: dt.datetime, comment: str = ""
) -> HttpResponse:
    """Press the button of the link's page, six seconds after it was served."""
    nonce = nonces.make(nonces.of_link(link, ""), score=None, now=at, is_unique=True)
    with time_machine.travel(at + dt.timedelta(seconds=6), tick=False):
        return Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent).post(
            public_links.path(link), {"score": str(score), "comment": comment, "nonce": nonce}
        )


def honest(link: Link, scores: Iterable[int], *, hours: float = 3) -> list[Response]:
    """Answers of the days before, one every so many hours, the last of them a day and a half ago."""
    last = timezone.now() - dt.timedelta(hours=36)
    return [
        make_response(link.survey, score=score, link=link, team=link.team, at=last - dt.timedelta(hours=hours * place))
        for place, score in enumerate(scores)
    ]


def address(number: int) -> str:
    """One address in the network of this number."""
    return f"10.{number // 250}.{number % 250}.9"


def counted_mean(link: Link) -> float:
    """The mean of the scores that count."""
    scores = Response.objects.filter(link=link, evidence__in=Response.COUNTED).values_list("score", flat=True)
    return sum(scores) / len(scores)
