"""The versions of a survey: their wording, edited as a draft, checked and published."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action, display

from ground.admin import ReadOnlyRows, ScopedAdmin, scope_for
from ground.models import Role
from surveys import forms, publishing
from surveys.admin import preview
from surveys.admin.telling import language_name, told
from surveys.models import Question, SurveyVersion


class QuestionRows(StackedInline):
    """Editable while the version is a draft; a new version begins with the questions of the last one."""

    model = Question
    form = forms.QuestionForm
    extra = 0
    compressed_fields = False
    fieldsets = [
        (
            None,
            {"fields": [("position", "code", "kind"), ("wording_ru", "wording_en"), ("labels_ru", "labels_en"),
                        ("bands_ru", "bands_en")]},
        )
    ]  # fmt: skip

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
    may_add = may_delete = True
    form = forms.VersionForm
    compressed_fields = False
    change_form_outer_before_template = "admin/surveys/version/top.html"
    list_display = ["survey", "number", "published_at"]
    list_select_related = ["survey"]
    actions_submit_line = ["publish"]
    readonly_fields = ["number", "published_at", "texts_shown"]

    def get_urls(self) -> list[URLPattern]:
        pages = [path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="surveys_version_preview")]
        return [*pages, *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = get_object_or_404(self.get_queryset(request).select_related("survey"), pk=pk)
        return preview.page(request, version, site=self.admin_site)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A draft's page says what it still lacks, with a link to each field."""
        version = self.get_object(request, unquote(object_id))
        is_draft = version is not None and not version.published_at
        found = [
            {"fault": fault, "language": language_name(fault.language) if fault.language else ""}
            for fault in (publishing.faults(version) if is_draft else [])
        ]
        return super().change_view(request, object_id, form_url, (extra_context or {}) | {"faults": found})

    def get_fieldsets(self, request: HttpRequest, obj: SurveyVersion | None = None) -> Any:
        if obj and obj.published_at:
            return [(None, {"fields": ["survey", "number", "published_at", "texts_shown"]})]
        asking, others = [], []
        for part in forms.PARTS:
            (others if "_" in part else asking).append(tuple(f"{part}_{code}" for code in forms.LANGUAGES))
        help_text = _("Needed when the survey sends them; the survey's own page says so.")
        return [
            (None, {"fields": ["survey"]}),
            (_("The mail and the page"), {"fields": asking}),
            (_("Reminders and the thank-you mail"), {"fields": others, "description": help_text}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: SurveyVersion | None = None) -> list[str]:
        return [*self.readonly_fields, *(["survey"] if obj else [])]

    def get_inlines(self, request: HttpRequest, obj: SurveyVersion | None) -> list[Any]:
        return [QuestionTexts] if obj and obj.published_at else [QuestionRows]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        published = isinstance(obj, SurveyVersion) and obj.published_at is not None
        return super().has_change_permission(request, obj) and not published

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.has_change_permission(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        last = self._last(request)
        for language, parts in (last.texts if last else {}).items():
            initial |= {f"{part}_{language}": text for part, text in parts.items()}
        return initial

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if not obj.pk and (last := self._last(request)):
            kwargs["initial"] = [
                {"position": question.position, "code": question.code, "kind": question.kind}
                | forms.question_initial(question)
                for question in last.questions.all()
            ]
            inline.extra = len(kwargs["initial"])
        return kwargs

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            if obj is None and (last := self._last(request)):
                formset.extra = last.questions.count()
            yield formset, inline

    def _last(self, request: HttpRequest) -> SurveyVersion | None:
        """The newest version of the survey that a version is being added to."""
        survey = request.GET.get("survey", "")
        versions = SurveyVersion.objects.filter(survey=survey) if survey.isdigit() else SurveyVersion.objects.none()
        return versions.order_by("-number").first()

    @action(description=_("Save and publish"), permissions=["change"])
    def publish(self, request: HttpRequest, obj: SurveyVersion) -> None:
        request.publishes = True  # the questions are saved after the version, so save_related does it

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        version = self.get_object(request, unquote(str(object_id)))
        return [] if version and version.published_at else super().get_actions_submit_line(request, object_id)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not getattr(request, "publishes", False):
            return
        try:
            publishing.publish(SurveyVersion.objects.get(pk=form.instance.pk))
            messages.success(request, _("Published: invitations use this wording from here on."))
        except ValidationError:
            request.is_refused = True
            messages.error(request, _("Saved, but not published: see below what is missing."))

    def response_post_save_change(self, request: HttpRequest, obj: SurveyVersion) -> HttpResponse:
        if getattr(request, "is_refused", False):
            return redirect("admin:surveys_surveyversion_change", obj.pk)
        return redirect("admin:surveys_survey_change", obj.survey_id)

    response_post_save_add = response_post_save_change

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:surveys_survey_changelist")

    @display(description=_("texts"))
    def texts_shown(self, version: SurveyVersion) -> str:
        return format_html_join(
            "",
            '<section class="desk texts"><p>{}</p><dl>{}</dl></section>',
            (
                (forms.LANGUAGES.get(code, code), format_html_join("", "<dt>{}</dt><dd>{}</dd>", named(parts).items()))
                for code, parts in version.texts.items()
            ),
        )


def named(parts: dict[str, str]) -> dict[Any, str]:
    """A version's texts by what they are called on the form."""
    return {forms.PARTS[part][0]: text for part, text in parts.items() if part in forms.PARTS}
