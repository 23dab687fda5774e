"""Surveys and their versions: what we ask."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action, display

from ground.admin import ReadOnlyRows, ScopedAdmin, page_link, scope_for
from ground.models import Role
from surveys import forms, starters
from surveys.admin.telling import language_name, told
from surveys.models import Question, Survey, SurveyVersion


class VersionRows(ReadOnlyRows):
    model = SurveyVersion
    fields = readonly_fields = ["page", "languages_shown", "published_at"]
    ordering = ["-number"]

    @display(description=_("version"))
    def page(self, version: SurveyVersion) -> str:
        return page_link(version, version.number if version.published_at else _("%d, draft") % version.number)

    @display(description=_("languages"))
    def languages_shown(self, version: SurveyVersion) -> str:
        return ", ".join(str(language_name(code)) for code in version.languages())


@admin.register(Survey)
class SurveyAdmin(ScopedAdmin):
    least_view = least_change = Role.MANAGER
    may_add = True
    inlines = [VersionRows]
    lead = _("What customers are asked. Each wording is a version of its own, so old answers keep theirs.")
    first_step = _("Begin with a ready one in Russian and English; its wording can be changed afterwards.")
    help_texts = {
        "name": _("For your own lists; customers do not see it."),
        "code": _("A short name for programs and exports, best left as it is."),
        "is_archived": _("An archived survey asks nobody, and its links take no more answers."),
        "link_days": _("Counted from the mail; after that the link takes no answers."),
        "edit_days": _("So long customers can change what they answered."),
        "rest_after_answer_days": _("So long this survey leaves a customer who answered in peace."),
        "rest_after_silence_days": _("So long it leaves a customer who did not answer in peace."),
        "gap_days": _("Nobody gets two surveys of any kind closer together than this."),
        "first_reminder_days": _("To those who did not answer, with the same link. Empty: no reminder is sent."),
        "second_reminder_days": _("Counted from the first one. Empty: there is only one."),
        "sends_thanks": _("Once, after an answer that certainly came from a person."),
        "on_uncertain": _(
            "When the connection breaks at the last moment, nobody knows whether a mail left. Sent again, up to twice, "
            "some customers get it twice; left, it waits on the page “Uncertain mails”, and some never get it."
        ),
    }
    search_help_text = _("Name or code")
    list_display = ["name", "code", "what_goes_out", "closes_at", "is_archived"]
    list_filter = ["is_archived"]
    search_fields = ["name", "code"]
    change_form_outer_before_template = "admin/surveys/survey/versions.html"
    fieldsets = [
        (None, {"fields": ["name", "code", "closes_at", "is_archived"]}),
        (_("The link"), {"fields": ["link_days", "edit_days"]}),
        (_("Not too often"), {"fields": ["rest_after_answer_days", "rest_after_silence_days", "gap_days"]}),
        (_("Reminders and thanks"), {"fields": ["first_reminder_days", "second_reminder_days", "sends_thanks"]}),
        (_("Mails that may be lost"), {"fields": ["on_uncertain"]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "code", "start"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        return super().get_queryset(request).prefetch_related("versions")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **(kwargs if obj else kwargs | {"form": forms.NewSurveyForm}))

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return self.inlines if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, list[str]]:
        return {} if obj else {"code": ["name"]}

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        if not change:
            obj.pk = starters.start_survey(form.starter(), code=obj.code, name=obj.name).pk
        super().save_model(request, obj, form, change)

    @display(description=_("goes out"))
    def what_goes_out(self, survey: Survey) -> str:
        numbers = [version.number for version in survey.versions.all() if version.published_at]
        return _("version %d") % max(numbers) if numbers else "—"


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
    list_display = ["survey", "number", "published_at"]
    list_select_related = ["survey"]
    actions_submit_line = ["publish"]
    readonly_fields = ["number", "published_at", "texts_shown"]

    def get_fieldsets(self, request: HttpRequest, obj: SurveyVersion | None = None) -> Any:
        if obj and obj.published_at:
            return [(None, {"fields": ["survey", "number", "published_at", "texts_shown"]})]
        texts = [tuple(f"{part}_{code}" for code in forms.LANGUAGES) for part in forms.PARTS]
        return [(None, {"fields": ["survey"]}), (_("The mail and the page"), {"fields": texts})]

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
            with transaction.atomic():
                SurveyVersion.objects.get(pk=form.instance.pk).publish()
            messages.success(request, _("Published: invitations use this wording from here on."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))

    def response_post_save_change(self, request: HttpRequest, obj: SurveyVersion) -> HttpResponse:
        return redirect("admin:surveys_survey_change", obj.survey_id)

    response_post_save_add = response_post_save_change

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:surveys_survey_changelist")

    @display(description=_("texts"))
    def texts_shown(self, version: SurveyVersion) -> str:
        return format_html_join(
            "",
            "<div><b>{}</b></div>{}",
            ((forms.LANGUAGES.get(code, code), told(named(parts))) for code, parts in version.texts.items()),
        )


def named(parts: dict[str, str]) -> dict[Any, str]:
    """A version's texts by what they are called on the form."""
    return {forms.PARTS[part][0]: text for part, text in parts.items() if part in forms.PARTS}
