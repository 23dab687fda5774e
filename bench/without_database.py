"""Every address of the product, and `/bench/<token>`: it takes an answer as the real page does, without a database."""

from typing import Any
from unittest.mock import patch

from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import include, path
from django.utils import timezone

from feedback import evidence, forms, nonces
from feedback.evidence import Posted
from feedback.views import answer
from feedback.views.visit import with_form
from ground import public
from surveys import links
from surveys.models import SurveyVersion

# What the real view drew for the first answer, to be drawn again: (version, subject, arguments of the page).
_seen: list[tuple[SurveyVersion, str, Any]] = []


@with_form
def take(request: HttpRequest, data: QueryDict, raw: str) -> HttpResponse:
    """Reads, checks, judges, seals and draws what the real view does."""
    if not _seen:
        return _look_at_the_real_one(request, raw)
    version, subject, drawn = _seen[0]
    with connection.execute_wrapper(_refuse):
        links.hash_token(links.normalise(raw) or "")
        typed = forms.read(data, version)
        nonces.read(typed.nonce, subject)
        visitor, now = evidence.visitor_of(request), timezone.now()
        posted = Posted(
            prefix_hash=visitor.prefix_hash, agent_hash=visitor.agent_hash, page_served_at=now, is_decoyed=False
        )
        evidence.judge_post([], posted, at=now)
        nonces.make(subject, score=typed.score, now=now)
        return public.page(*drawn.args, **drawn.kwargs)


def _look_at_the_real_one(request: HttpRequest, raw: str) -> HttpResponse:
    invitation = links.find(raw, purpose=links.ANSWER)
    assert invitation is not None
    with patch.object(public, "page", wraps=public.page) as page:
        response = answer.answer(request, raw)
    forms.read(QueryDict(), invitation.version)  # its questions are read once and stay
    _seen.append((invitation.version, nonces.of_invitation(invitation), page.call_args))
    return response


def _refuse(*_args: object) -> None:
    raise AssertionError("the view without a database asked it something")


urlpatterns = [path("bench/<str:raw>", take), path("", include("config.urls"))]
