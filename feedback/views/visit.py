"""One request for a survey's page: who asks, in which language, and where its form posts to."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from feedback import forms, nonces, page
from feedback.forms import Unreadable
from ground import public
from ground.models import Organisation
from surveys.models import Invitation, Question

METHODS = "GET, HEAD, POST, OPTIONS"


def with_form(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A public page that GET shows and that POST brings a form to: the view is given its fields, none for a GET."""

    @wraps(view)
    def taken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponse(status=200 if request.method == "OPTIONS" else 405, headers={"Allow": METHODS})
        try:
            data = forms.posted(request) if request.method == "POST" else QueryDict()
        except Unreadable as error:
            return public.message(request, "400.html", status=error.status)
        return view(request, data, *args, **kwargs)

    return public.public(taken)


def ended(request: HttpRequest, language: str = "") -> HttpResponse:
    """The page of a survey that takes no more answers through a link that names nobody."""
    preferred = public.page_language(language) if language else ""
    return public.message(request, "feedback/ended.html", untaken(request), status=410, preferred=preferred)


def untaken(request: HttpRequest) -> dict[str, Any]:
    """What somebody typed while the link ceased to take it, for the page that says so; without ways off that page."""
    fields = request.POST if request.method == "POST" else {}
    texts = [text for name, text in fields.items() if name == "comment" or name.startswith("t-")]
    texts = [text for text in texts if text.strip()]
    return {"texts": texts, "languages": []} if texts else {}


@dataclass(frozen=True)
class Visit:
    """A request for one invitation's page. Before a public link's first answer the invitation is not stored yet.

    `subject` is what the page's nonces are made for. `is_attested` is False when the address can be guessed: a
    stranger then learns nothing of what is stored, and what is posted is held until its interaction is known.
    """

    request: HttpRequest
    invitation: Invitation
    question: Question | None
    link_score: int | None
    is_trap: bool
    organisation: Organisation
    offered: list[str]
    language: str
    action: str
    subject: str
    unsubscribe_path: str = ""
    is_attested: bool = True
    is_at_place: bool = False
    is_trial: bool = False
    is_framed: bool = False

    def page(self, template: str, context: dict[str, Any], *, status: int = 200, script: bool = False) -> HttpResponse:
        shared = page.shared(
            self.invitation.version,
            language=self.language,
            offered=self.offered,
            organisation=self.organisation,
            action=self.action,
        )
        of_link = {
            "unsubscribe_path": self.unsubscribe_path,
            "has_own_data": bool(self.unsubscribe_path) and not self.invitation.survey.is_anonymous,
            "is_anonymous": self.invitation.survey.is_anonymous,
            "is_at_place": self.is_at_place,
            "is_trial": self.is_trial,
        }
        return public.page(
            f"feedback/{template}",
            shared | of_link | context,
            language=self.language,
            organisation=self.organisation,
            status=status,
            with_script=script,
            is_framed=self.is_framed,
            own_style=context.get("own_style"),
        )

    def alike(self) -> tuple[Hashable, ...] | None:
        """What everybody's page of this survey has in common with this one; None while the wording may still change."""
        version, survey = self.invitation.version, self.invitation.survey
        if version.published_at is None or "?" in self.action:
            return None
        flags = survey.is_anonymous, self.is_at_place, self.is_trial, self.is_framed
        return version.pk, version.published_at, self.language, self.organisation.shown, self.link_score, flags

    def marked(self, marks: Mapping[str, str]) -> "Visit":
        """The same visit of nobody: marks for the addresses in the page."""
        return replace(self, action=marks["action"], unsubscribe_path=marks["unsubscribe_path"])

    def own(self, **values: str) -> dict[str, str]:
        """What stands in this visit's page alone."""
        return {"action": self.action, "unsubscribe_path": self.unsubscribe_path, **values}

    def nonce(self, score: int | None) -> str:
        """What this page carries; `score` is the one it shows chosen."""
        is_unique = bool(self.invitation.link_id)
        return nonces.make(self.subject, score=score, now=timezone.now(), is_unique=is_unique)
