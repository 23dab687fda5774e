"""Surveys and their versions: what we ask."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from ground.admin import ReadOnlyRows, ScopedAdmin, page_link
from ground.models import Role
from surveys import drafts, forms, starters
from surveys.admin.telling import language_name
from surveys.models import SendingRule, Survey, SurveyVersion


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
    form = forms.SurveyForm
    inlines = [VersionRows]
    lead = _("What customers are asked. Each wording is a version of its own, so old answers keep theirs.")
    first_step = _("Begin with a ready one in Russian and English; its wording can be changed afterwards.")
    help_texts = {
        "name": _("For your own lists; customers do not see it."),
        "code": _("A short name for programs and exports, best left as it is."),
        "kind": _("At regular intervals: no contact is needed, its rule names the customers and asks each in turn."),
        "response_limit": _(
            "Then its links take no more answers, and nobody is asked. Empty: it does not close by itself."
        ),
        "quota": _("After so many counted answers no rule asks anybody else with it, until the next period begins."),
        "link_sites": _("The names of sites, one a line. The thanks by score may link there and nowhere else."),
        "retention_days": _(
            "Counted from the mail, or from an answer through a public link. Then words, addresses and the customer "
            "are taken from them, in the night that follows; scores and counts stay. Nobody can take it back."
        ),
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
        (None, {"fields": ["name", "code", "kind", "is_anonymous"]}),
        (_("How long, how many"), {"fields": ["closes_at", "response_limit", "quota", "quota_period"]}),
        (_("The link"), {"fields": ["link_days", "edit_days"]}),
        (
            _("Not too often"),
            {"fields": ["rest_after_answer_days", "rest_after_silence_days", "gap_days", "ignores_other_kind"]},
        ),
        (_("Reminders and thanks"), {"fields": ["first_reminder_days", "second_reminder_days", "sends_thanks"]}),
        (_("Where the thanks may lead"), {"fields": ["link_sites"]}),
        (_("Mails that may be lost"), {"fields": ["on_uncertain"]}),
        (_("Personal data"), {"fields": ["retention_days"]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "code", "start"]})]

    class Media:
        css = {"all": ["admin_otklik/builder.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        return super().get_queryset(request).prefetch_related("versions")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **(kwargs if obj else kwargs | {"form": forms.NewSurveyForm}))

    def get_urls(self) -> list[URLPattern]:
        acts = {"draft": self.begin_draft, "duplicate": self.duplicate, "archive": self.archive}
        pages = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(require_POST(act)), name=f"surveys_survey_{name}")
            for name, act in acts.items()
        ]
        return [*pages, *super().get_urls()]

    def _row(self, request: HttpRequest, pk: int) -> Survey:
        survey = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, survey):
            raise PermissionDenied
        return survey

    def begin_draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect("admin:surveys_surveyversion_change", drafts.begin(self._row(request, pk)).pk)

    def duplicate(self, request: HttpRequest, pk: int) -> HttpResponse:
        survey = self._row(request, pk)
        twin = drafts.duplicate(survey, name=(_("%s, copy") % survey.name)[:150])
        self.log_addition(request, twin, [{"added": {}}])
        messages.success(request, _("Copied with all its texts as a draft. Give it a name and publish it when ready."))
        return redirect("admin:surveys_survey_change", twin.pk)

    def archive(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Archive it, or take it back out."""
        survey = self._row(request, pk)
        survey.is_archived = not survey.is_archived
        survey.save(update_fields=["is_archived"])
        self.log_change(request, survey, [{"changed": {"fields": ["is_archived"]}}])
        said = _("Archived.") if survey.is_archived else _("Back from the archive.")
        messages.success(request, said)
        return redirect("admin:surveys_survey_change", pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if survey := kwargs.get("obj"):
            versions = survey.versions.all()
            context["draft"] = next((version for version in versions if not version.published_at), None)
            context["rules"] = SendingRule.objects.filter(survey=survey, is_active=True)
            context["goes_nowhere"] = not (survey.is_archived or survey.is_used)
        return super().render_change_form(request, context, *args, **kwargs)

    def response_post_save_add(self, request: HttpRequest, obj: Survey) -> HttpResponse:
        """To the page of the survey, which says what it takes until somebody is asked."""
        return redirect("admin:surveys_survey_change", obj.pk)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return self.inlines if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, list[str]]:
        return {} if obj else {"code": ["name"]}

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        if not change:
            obj.pk = starters.start_survey(form.starter(), code=obj.code, name=obj.name).pk
        super().save_model(request, obj, form, change)
        if "response_limit" in form.changed_data:
            obj.count_answers()

    @display(description=_("goes out"))
    def what_goes_out(self, survey: Survey) -> str:
        numbers = [version.number for version in survey.versions.all() if version.published_at]
        return _("version %d") % max(numbers) if numbers else "—"
