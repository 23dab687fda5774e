"""The API's schema, made once for each language and form: making it takes a third of a second of work."""

import json
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

FORMS = {"json": (OpenApiJsonRenderer, "application/json"), "yaml": (OpenApiYamlRenderer, "application/yaml")}


@login_not_required
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3 as YAML, or as JSON with `?format=json`; `?lang=` overrides the language that the browser asks for."""
    form = request.GET.get("format") or ("json" if "json" in request.headers.get("Accept", "") else "yaml")
    if form not in FORMS:
        return HttpResponse(json.dumps({"detail": "format: json, yaml"}), status=404, content_type="application/json")
    asked = request.GET.get("lang")
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language() or settings.LANGUAGE_CODE
    response = HttpResponse(_made(form, language), content_type=f"{FORMS[form][1]}; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="Otklik API.{form}"'
    response["Vary"] = "Accept, Accept-Language"
    return response


@cache
def _made(form: str, language: str) -> str | bytes:
    """It says the same to everybody, and changes with the program alone: each process keeps what it has made."""
    with translation.override(language):
        found = SchemaGenerator().get_schema(request=None, public=True)
        return FORMS[form][0]().render(found, renderer_context={})
