"""The versions of a survey: their wording, built as a draft, checked and published."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action, display

from ground import audit
from ground.admin import ReadOnlyRows, ScopedAdmin, scope_for
from ground.models import Role, User
from surveys import languages, publishing, starters, trials
from surveys.admin import preview, question_form, version_form
from surveys.admin.telling import language_name, told
from surveys.models import Question, SurveyVersion


class QuestionCards(StackedInline):
    """Editable while the version is a draft; a new version begins with the questions of the last one."""

    model = Question
    form = question_form.QuestionForm
    formset = question_form.QuestionFormSet
    template = "admin/surveys/version/questions.html"
    extra = 0
    fieldsets = [(None, {"fields": ["position", "code", "kind", "is_required"]})]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = question_form.question_form(version_form.shown_languages(request, obj))
        return super().get_formset(request, obj, **kwargs | {"form": form})

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if request.method == "GET" and request.GET.get("add") in starters.KINDS else 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return scope_for(request).covers_all(least=Role.MANAGER)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request) and not (isinstance(obj, SurveyVersion) and obj.published_at)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    has_delete_permission = has_change_permission


class QuestionTexts(ReadOnlyRows):
    model = Question
    fields = readonly_fields = ["position", "code", "kind", "wording"]

    @display(description=_("wording"))
    def wording(self, question: Question) -> str:
        return told({language_name(code): text for code, text in question.texts.items()})


@admin.register(SurveyVersion)
class VersionAdmin(ScopedAdmin):
    """The wording. A draft is edited and published here; published, it can only be read and followed by another."""

    least_view = least_change = Role.MANAGER
    may_delete = True
    form = version_form.VersionForm
    compressed_fields = False
    change_form_template = "admin/surveys/version/change_form.html"
    change_form_outer_before_template = "admin/surveys/version/top.html"
    list_display = ["survey", "number", "published_at"]
    list_select_related = ["survey"]
    actions_submit_line = ["publish"]
    readonly_fields = ["number", "published_at", "texts_shown"]

    class Media:
        css = {"all": ["admin_otklik/builder.css"]}
        js = ["admin_otklik/builder.js", "admin_otklik/builder_see.js"]

    def get_urls(self) -> list[URLPattern]:
        pages = [path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="surveys_version_preview")]
        return [*pages, *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = get_object_or_404(self.get_queryset(request).select_related("survey"), pk=pk)
        return preview.page(request, version, site=self.admin_site)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """A draft's page says what it still lacks, by language, with a link to each field."""
        version = kwargs.get("obj")
        if version is not None and not version.published_at:
            shown = version_form.shown_languages(request, version)
            stored = SurveyVersion.objects.select_related("survey").get(pk=version.pk)
            faults = publishing.faults(stored)
            context |= {
                "shown": shown,
                "faults": [(fault, _named(fault.language), _where(fault, shown)) for fault in faults],
                "tabs": _tabs(stored, shown, faults),
                "addable": languages.choices(without=stored.languages()),
                "kinds": starters.KINDS.items(),
                "scales": starters.scales(),
                "run_path": trials.run_path(stored),
                "bands": question_form.bands_in_words().values(),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = version_form.version_form(version_form.shown_languages(request, obj))
        return super().get_form(request, obj, change=change, **kwargs | {"form": form})

    def get_fieldsets(self, request: HttpRequest, obj: SurveyVersion | None = None) -> Any:
        if obj and obj.published_at:
            return [(None, {"fields": ["survey", "number", "published_at", "texts_shown"]})]
        return version_form.fieldsets(version_form.shown_languages(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: SurveyVersion | None = None) -> list[str]:
        return [*self.readonly_fields, *(["survey"] if obj else [])]

    def get_inlines(self, request: HttpRequest, obj: SurveyVersion | None) -> list[Any]:
        return [QuestionTexts] if obj and obj.published_at else [QuestionCards]

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, QuestionCards) and inline.get_extra(request, obj):
            kwargs["initial"] = [{"kind": request.GET["add"], "position": 999}]
        return kwargs

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        published = isinstance(obj, SurveyVersion) and obj.published_at is not None
        return super().has_change_permission(request, obj) and not published

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.has_change_permission(request, obj)

    @action(description=_("Save and publish"), permissions=["change"])
    def publish(self, request: HttpRequest, obj: SurveyVersion) -> None:
        request.publishes = True  # the questions are saved after the version, so save_related does it

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        version = self.get_object(request, unquote(str(object_id)))
        return [] if version and version.published_at else super().get_actions_submit_line(request, object_id)

    def save_model(self, request: HttpRequest, obj: SurveyVersion, form: Any, change: bool) -> None:
        """A language that is added is empty, one that is removed takes its texts along; questions keep theirs."""
        new, gone = request.POST.get("new_language", ""), request.POST.get("_remove_language", "")
        if "_add_language" in request.POST and new in dict(languages.choices(without=obj.languages())):
            obj.texts[new] = {}
        if gone in obj.texts and len(obj.texts) > 1:
            del obj.texts[gone]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not getattr(request, "publishes", False):
            return
        try:
            publishing.publish(SurveyVersion.objects.get(pk=form.instance.pk))
            audit.note("survey.published", by=cast(User, request.user), subject=form.instance)
            messages.success(request, _("Published: invitations use this wording from here on."))
        except ValidationError:
            request.is_refused = True
            messages.error(request, _("Saved, but not published: see below what is missing."))

    def response_change(self, request: HttpRequest, obj: SurveyVersion) -> HttpResponse:
        """The buttons on the page save what is typed and lead back to it with what they ask for."""
        posted, page = request.POST, reverse("admin:surveys_surveyversion_change", args=[obj.pk])
        shown = [code for code in posted.get("shown", "").split() if code in obj.texts]
        if "_show" in posted:
            return redirect(f"{page}?{_pair(posted['_show'].split())}#texts")
        if "_add_language" in posted:
            return redirect(f"{page}?{_pair([*shown[:1], posted.get('new_language', '')])}#texts")
        if "_remove_language" in posted:
            return redirect(f"{page}?{_pair(shown)}#texts")
        if "_add_question" in posted:
            added = urlencode({"add": posted["_add_question"]})
            return redirect(f"{page}?{_pair(shown)}&{added}#added")
        if getattr(request, "is_refused", False) or "_stay" in posted:
            return redirect(f"{page}?{_pair(shown)}" if "_stay" in posted else page)
        return super().response_change(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: SurveyVersion) -> HttpResponse:
        return redirect("admin:surveys_survey_change", obj.survey_id)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:surveys_survey_changelist")

    @display(description=_("texts"))
    def texts_shown(self, version: SurveyVersion) -> str:
        return format_html_join(
            "",
            '<section class="desk texts"><p>{}</p><dl>{}</dl></section>',
            (
                (languages.name(code), format_html_join("", "<dt>{}</dt><dd>{}</dd>", named(parts).items()))
                for code, parts in version.texts.items()
            ),
        )


def named(parts: dict[str, str]) -> dict[Any, str]:
    """A version's texts by what they are called on the form."""
    return {publishing.NAMES[part]: text for part, text in parts.items() if part in publishing.NAMES}


def _named(code: str) -> Any:
    return language_name(code) if code else ""


def _pair(codes: list[str]) -> str:
    return urlencode(dict(zip(("base", "compare"), codes, strict=False)))


def _where(fault: publishing.Fault, shown: list[str]) -> str:
    """Where the field is that mends it: on this page, or on the page that shows its language."""
    if not fault.field:
        return ""
    away = fault.language and fault.language not in shown
    return f"{'?' + _pair([shown[0], fault.language]) if away else ''}#id_{fault.field}"


def _tabs(version: SurveyVersion, shown: list[str], faults: list[publishing.Fault]) -> list[dict[str, Any]]:
    """Every language of the version, how much it lacks, and which two a press on it shows."""
    base = shown[0]
    return [
        {
            "code": code,
            "name": languages.name(code),
            "lacks": sum(fault.language == code for fault in faults),
            "is_shown": code in shown,
            "pair": f"{base} {code}" if code != base else f"{code} {shown[-1]}",
        }
        for code in version_form.ordered(version.languages())
    ]
