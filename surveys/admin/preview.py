"""The mails of a version as customers will see them, in each language and width, by day and by night; test mails."""

import re
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from ground.models import Organisation
from surveys import letters, publishing, trials
from surveys.admin.telling import language_name
from surveys.models import Message, SurveyVersion

WIDTHS = (600, 360)
NIGHT = "@media (prefers-color-scheme:dark)"
NOBODY = "0" * 27


def page(request: HttpRequest, version: SurveyVersion, *, site: AdminSite) -> HttpResponse:
    """`?language=`, `?kind=` and `?night=1` choose what is shown; POST sends what is shown to an address."""
    languages, kinds = version.languages(), list(letters.PREFIXES)
    language = chosen(request.GET.get("language"), languages)
    kind = chosen(request.GET.get("kind"), kinds)
    if request.method == "POST":
        return send(request, version, kind=kind, language=language)
    is_night = request.GET.get("night") == "1"
    sent = publishing.kinds(version.survey)
    context: dict[str, Any] = {
        "title": _("Mails of %s") % version,
        "version": version,
        "languages": [(code, language_name(code), code == language) for code in languages],
        "kinds": [(code, Message.Kind(code).label, code == kind) for code in kinds],
        "is_sent": kind in sent,
        "language": language,
        "kind": kind,
        "is_night": is_night,
        "widths": WIDTHS,
        "address": request.user.email,
    }
    context |= shown(version, kind=kind, language=language, is_night=is_night) if languages else {}
    return TemplateResponse(request, "admin/surveys/version/preview.html", site.each_context(request) | context)


def chosen(wish: str | None, offered: list[str]) -> str:
    return wish if wish in offered else (offered or [""])[0]


def shown(version: SurveyVersion, *, kind: str, language: str, is_night: bool) -> dict[str, Any]:
    """The letter of nobody, or why it cannot be written."""
    organisation = Organisation.current()
    try:
        letter = letters.write(version, kind=kind, language=language, organisation=organisation)
    except Exception as error:  # a draft may lack anything
        return {"fault": type(error).__name__}
    letter = letter.filled(answer=NOBODY, unsubscribe=NOBODY)
    return {"letter": letter, "organisation": organisation, "html": still(letter.html, is_night=is_night)}


def still(html: str, *, is_night: bool) -> str:
    """A mail to look at: its links lead nowhere, and it is day or night whatever the reader's system says."""
    html = re.sub(r'href="[^"]*"', 'href="#"', html)
    return html.replace(NIGHT, "@media all" if is_night else "@media not all")


def send(request: HttpRequest, version: SurveyVersion, *, kind: str, language: str) -> HttpResponse:
    """Send the shown mail to the typed address."""
    address = request.POST.get("address", "").strip()
    try:
        trials.send(version, kind=kind, language=language, address=address, by=request.user)
        messages.success(request, _("The test mail to %s is on its way.") % address)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Exception as error:  # a draft may lack anything
        messages.error(request, _("The mail cannot be written: %s.") % type(error).__name__)
    # Back to the same view: the page posts to its own address.
    return redirect(request.get_full_path())
