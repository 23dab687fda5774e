"""Logging in: how often it may be tried, the step between the password and the code, and who gets no further."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.forms import AuthenticationForm

from ground import audit, limits, public, second_factor, sessions
from ground.limits import Limit
from ground.models import User
from ground.scoped import scope_for

# Of one name from one neighbourhood of addresses; and of whatever names from there.
TRIES = Limit("log-in", 5, 15 * 60)
TRIES_FROM = Limit("log-in-from", 100, 15 * 60)
# Whoever gets as far as the code knows the password: wherever they come from, they guess together.
CODES = Limit("log-in-code", 10, 15 * 60)
# For so long the code may be typed after the password, seconds.
PATIENCE = 10 * 60
WAITING, PASSED = "code_waits_for", "second_factor"
# What somebody who still has to set up a second factor may open.
OPEN = ("desk:security", "desk:second_factor", "desk:language", "admin:logout", "desk:change_password",
        "admin:password_change_done", "admin:jsi18n", "admin:login", "desk:login_code")  # fmt: skip


class LoginForm(AuthenticationForm):
    """Refuses more tries than allowed before it looks at the password, for names that exist and names that do not."""

    is_locked = False

    def clean(self) -> dict[str, Any]:
        subject, prefix = self._subject(), public.client_prefix(self.request)
        # Counted before the look: of many tries at the same moment not one more passes.
        tries, is_closed = limits.count(TRIES, subject), limits.counted(TRIES_FROM, prefix) >= TRIES_FROM.count
        if tries > TRIES.count or is_closed:
            self.is_locked = True
            if tries == TRIES.count + 1 and not is_closed:
                named = User.objects.filter(email__iexact=self._name()).first()
                note_locked(named, step="password")
            raise ValidationError(too_often())
        try:
            cleaned = super().clean()
        except ValidationError:
            if limits.count(TRIES_FROM, prefix) == TRIES_FROM.count:
                note_locked(None, step="neighbourhood")
            raise
        limits.forget(TRIES, subject)
        return cleaned

    def _subject(self) -> str:
        """A keyed hash: what people type into the wrong field must not stand in a table."""
        return salted_hmac(
            "ground.logins", f"{public.client_prefix(self.request)}:{self._name()}", algorithm="sha256"
        ).hexdigest()[:32]

    def _name(self) -> str:
        return str(self.cleaned_data.get("username", "")).strip().casefold()


def note_locked(person: User | None, *, step: str) -> None:
    """Once for each lock-out: whose log-in it is, if anybody's; what was typed as a name is kept nowhere."""
    audit.note("person.locked_out", by=None, subject=person, step=step)


def too_often() -> str:
    """Until when the window lasts, in a sentence."""
    begun = limits.window_of(TRIES, timezone.now())
    minutes = max(1, round((TRIES.seconds - (timezone.now() - begun).total_seconds()) / 60))
    wait = ngettext("Try again in %d minute.", "Try again in %d minutes.", minutes) % minutes
    return " ".join([_("Too many tries."), wait])


def begin(request: HttpRequest, user: User, *, with_code: bool) -> None:
    """Log in, and note it, and where."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    sessions.begin(request, address=public.client_address(request))
    request.session[PASSED] = with_code
    audit.note("person.logged_in", by=user, subject=user)


def wait_for_code(request: HttpRequest, user: User) -> None:
    """The password was right: nobody is logged in until the code is."""
    request.session.cycle_key()
    request.session[WAITING] = [user.pk, timezone.now().timestamp(), user.get_session_auth_hash()]


def waiting_for_code(request: HttpRequest) -> User | None:
    """Who typed the password in this session lately; None when it was changed since."""
    pk, at, mark = request.session.get(WAITING) or (None, 0, "")
    if pk is None or timezone.now().timestamp() - at > PATIENCE:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and user.get_session_auth_hash() == mark else None


class SecondFactorMiddleware:
    """Leads whoever has to set up a second factor to it, and notes that a session is used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/") or not request.user.is_authenticated:
            return self.get_response(request)
        sessions.note_use(request)
        is_missed = not request.session.get(PASSED) and request.organisation.second_factor_roles  # type: ignore[attr-defined]
        if is_missed and second_factor.has_to(scope_for(request)) and request.path not in map(reverse, OPEN):
            return redirect("desk:security")
        return self.get_response(request)
