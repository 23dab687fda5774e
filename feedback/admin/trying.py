"""The answer page beside the builder: of a draft as it is stored, or as it is being typed; nothing is stored."""

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.encoding import force_str

from feedback.views import trial
from ground import public
from ground.admin import scope_for
from ground.models import Role
from surveys.admin import as_typed
from surveys.models import SurveyVersion

BOTH = "color-scheme:light dark"


def addresses(site: AdminSite) -> list[URLPattern]:
    return [path("draft/<int:pk>/", site.admin_view(show), name="feedback_response_draft")]


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """`?language=`, `?night=0|1`; POST takes the builder's form as it stands. Its script puts the page into a frame."""
    version = SurveyVersion.objects.select_related("survey").filter(pk=pk).first()
    if version is None or not scope_for(request).covers_all(least=Role.MANAGER):
        raise Http404
    if request.method == "POST" and not version.published_at:
        as_typed.bring(version, request)
    visit = trial.visit_of(request, version, language=request.GET.get("language", ""), action="")
    with translation.override(public.interface_language(visit.language)):
        html = force_str(trial.fresh(visit).content)
    if night := request.GET.get("night"):
        html = html.replace(BOTH, "color-scheme:dark" if night == "1" else "color-scheme:light", 1)
    return HttpResponse(html)
