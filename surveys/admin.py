"""The desk's pages about asking: customers, interactions, surveys, rules, what was decided and what went out."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action, display

from ground.access import Scope
from ground.admin import ReadOnlyRows, ScopedAdmin, ScopedFilter, page_link, scope_for
from ground.models import Role
from surveys import eligibility, forms, starters
from surveys.models import (
    Agent,
    Customer,
    Decision,
    Interaction,
    InteractionEvent,
    Invitation,
    Message,
    Question,
    SendingRule,
    Suppression,
    Survey,
    SurveyVersion,
)

CHECK_NAMES = eligibility.CHECK_NAMES | {
    "rule": _("Does a sending rule with a published survey fit?"),
    "still_timely": _("Early enough to ask?"),
}
EVENT_NAMES = {
    "created": _("began"),
    "enqueued": _("entered the queue"),
    "answered": _("picked up"),
    "first_response": _("first response"),
    "resolved": _("resolved"),
    "closed": _("closed"),
    "reopened": _("reopened"),
}
STATE_COLOURS = {
    "sent": "success",
    "accepted": "success",
    "delivered": "success",
    "confirmed": "success",
    "presumed": "success",
    "uncertain": "warning",
    "held": "warning",
    "failed": "danger",
    "bounced": "danger",
    "planned": "info",
}


def told(values: dict[str, Any] | list[Any]) -> str:
    """What the CRM told besides the known columns, a line for each."""
    lines = (f"{name}: {value}" for name, value in values.items()) if isinstance(values, dict) else map(str, values)
    return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "—"


def checks(decision: Decision) -> str:
    """The decision's checks in their order, each with its outcome."""
    return format_html_join(
        "",
        "<div>{} {}</div>",
        (
            ("✓" if step.get("passed") else "✗", CHECK_NAMES.get(step.get("check"), step.get("check")))
            for step in decision.trace
        ),
    )


def refusal(decision: Decision) -> str:
    return str(eligibility.REASONS.get(decision.reason, decision.reason)) if decision.reason else "—"


class EventRows(ReadOnlyRows):
    model = InteractionEvent
    fields = readonly_fields = ["what", "at", "agent"]

    @display(description=_("event"))
    def what(self, event: InteractionEvent) -> Any:
        return EVENT_NAMES.get(event.kind, event.kind)


class DecisionRows(ReadOnlyRows):
    model = Decision
    fields = readonly_fields = ["closing", "outcome", "why", "rule", "decided_at", "trace_shown"]

    @display(description=_("reason"))
    def why(self, decision: Decision) -> str:
        return refusal(decision)

    @display(description=_("checks"))
    def trace_shown(self, decision: Decision) -> str:
        return checks(decision)


class InvitationRows(ReadOnlyRows):
    model = Invitation
    fields = readonly_fields = ["page", "state", "answer_state", "due_at", "sent_at", "answered_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        return super().get_queryset(request).select_related("survey")

    @display(description=_("survey"))
    def page(self, invitation: Invitation) -> str:
        return page_link(invitation, invitation.survey)


class MessageRows(ReadOnlyRows):
    model = Message
    readonly_fields = ["channel", "address", "state", "handed_over_at", "error"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The address is for those who may see contacts."""
        fields = list(self.readonly_fields)
        if not scope_for(request).allows(getattr(obj, "team_id", None), least=Role.MANAGER):
            fields.remove("address")
        return fields


class InteractionRows(ReadOnlyRows):
    model = Interaction
    team_path = "team"
    fields = readonly_fields = ["page", "channel", "team", "agent", "reason", "closed_at"]
    per_page = 20
    ordering = ["-created_at"]

    @display(description=_("began"))
    def page(self, interaction: Interaction) -> str:
        return page_link(interaction, date_format(localtime(interaction.created_at), "DATETIME_FORMAT"))


@admin.register(Customer)
class CustomerAdmin(ScopedAdmin):
    """Seen by those whose teams served them; the contact only by managers of such a team."""

    least_change = Role.MANAGER
    inlines = [InteractionRows]
    list_display = ["name_or_id", "external_id", "language", "no_consent", "created_at"]
    list_filter = ["language", "no_consent", "is_staff"]
    readonly_fields = ["told_attributes", "created_at"]

    def rows(self, scope: Scope, *, least: str) -> Q:
        return Q() if scope.covers_all(least=least) else Q(self._served(scope, least=least))

    def holds(self, scope: Scope, *, least: str) -> bool:
        return scope.covers_all(least=least) or (least == self.least_view and bool(scope.team_ids(least=least)))

    def covers(self, scope: Scope, row: Model, *, least: str) -> bool:
        if scope.covers_all(least=least):
            return True
        return least == self.least_view and Interaction.objects.filter(scope.rows(least=least), customer=row).exists()

    def _served(self, scope: Scope, *, least: str) -> Exists:
        return Exists(Interaction.objects.filter(scope.rows(least=least), customer=OuterRef("pk")))

    def _sees_contact(self, request: HttpRequest, obj: Customer | None) -> bool:
        scope = scope_for(request)
        if obj is None or scope.covers_all(least=Role.MANAGER):
            return scope.covers_all(least=Role.MANAGER)
        return Interaction.objects.filter(scope.rows(least=Role.MANAGER), customer=obj).exists()

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return ["name", "external_id", *(["email"] if self._sees_contact(request, None) else [])]

    def get_fieldsets(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        contact = ["email", "phone"] if self._sees_contact(request, obj) else []
        return [
            (None, {"fields": ["name", "external_id", *contact, "language", "timezone"]}),
            (_("May be asked?"), {"fields": ["is_staff", "no_consent"]}),
            (_("Contract"), {"fields": ["contract_start", "contract_end", "value", "told_attributes", "created_at"]}),
        ]

    @display(description=_("customer"), ordering="name")
    def name_or_id(self, customer: Customer) -> str:
        return str(customer)

    @display(description=_("attributes"))
    def told_attributes(self, customer: Customer) -> str:
        return told(customer.attributes)


@admin.register(Agent)
class AgentAdmin(ScopedAdmin):
    team_path = "team"
    least_change = Role.MANAGER
    may_add = True
    list_display = ["name_or_id", "external_id", "team", "is_active"]
    list_filter = [("team", ScopedFilter), "is_active"]
    list_select_related = ["team"]
    search_fields = ["name", "external_id"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Log-ins are linked by those who see the list of people."""
        links = ["user"] if scope_for(request).covers_all(least=Role.ADMINISTRATOR) else []
        return ["name", "external_id", "team", *links, "is_active"]

    @display(description=_("agent"), ordering="name")
    def name_or_id(self, agent: Agent) -> str:
        return str(agent)


@admin.register(Interaction)
class InteractionAdmin(ScopedAdmin):
    """As the CRM told it: to look at, with everything that was decided about asking."""

    team_path = "team"
    inlines = [EventRows, DecisionRows, InvitationRows]
    list_display = ["external_id", "source", "customer", "channel_shown", "team", "agent", "reason", "closed_at"]
    list_filter = ["channel", ("team", ScopedFilter), "is_complaint", "is_abandoned"]
    list_select_related = ["customer", "team", "agent"]
    search_fields = ["external_id", "reason"]
    ordering = ["-created_at"]
    compressed_fields = False
    readonly_fields = ["told_attributes", "told_tags"]
    fieldsets = [
        (
            None,
            {"fields": [("source", "external_id", "customer"), ("team", "agent", "reason"),
                        ("channel", "direction", "priority"), ("told_tags", "told_attributes")]},
        ),
        (
            _("Times"),
            {"fields": [("created_at", "enqueued_at", "answered_at"), ("first_response_at", "resolved_at", "closed_at"),
                        ("reopened_at", "closings"), ("updated_at", "received_at")]},
        ),
        (
            _("What happened"),
            {"fields": [("replies", "transfers"), ("is_abandoned", "is_resolved", "is_complaint")]},
        ),
    ]  # fmt: skip

    @display(description=_("channel"), ordering="channel")
    def channel_shown(self, interaction: Interaction) -> str:
        return interaction.get_channel_display()

    @display(description=_("attributes"))
    def told_attributes(self, interaction: Interaction) -> str:
        return told(interaction.attributes)

    @display(description=_("tags"))
    def told_tags(self, interaction: Interaction) -> str:
        return told(interaction.tags)


class VersionRows(ReadOnlyRows):
    model = SurveyVersion
    fields = readonly_fields = ["page", "languages_shown", "published_at"]
    ordering = ["-number"]

    @display(description=_("version"))
    def page(self, version: SurveyVersion) -> str:
        return page_link(version, version.number if version.published_at else _("%d, draft") % version.number)

    @display(description=_("languages"))
    def languages_shown(self, version: SurveyVersion) -> str:
        return ", ".join(version.languages())


@admin.register(Survey)
class SurveyAdmin(ScopedAdmin):
    least_view = least_change = Role.MANAGER
    may_add = True
    inlines = [VersionRows]
    list_display = ["name", "code", "what_goes_out", "closes_at", "is_archived"]
    list_filter = ["is_archived"]
    search_fields = ["name", "code"]
    change_form_outer_before_template = "admin/surveys/survey/versions.html"
    fieldsets = [
        (None, {"fields": ["name", "code", "closes_at", "is_archived"]}),
        (_("The link"), {"fields": ["link_days", "edit_days"]}),
        (_("Not too often"), {"fields": ["rest_after_answer_days", "rest_after_silence_days", "gap_days"]}),
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
        return told(question.texts)


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
        published = SurveyVersion.objects.filter(pk=object_id, published_at__isnull=False).exists()
        return [] if published else super().get_actions_submit_line(request, object_id)

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
            ((forms.LANGUAGES.get(code, code), told(parts)) for code, parts in version.texts.items()),
        )


@admin.register(SendingRule)
class RuleAdmin(ScopedAdmin):
    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    form = forms.RuleForm
    list_display = ["name", "survey", "when", "delay_minutes", "priority", "version", "is_active"]
    list_filter = ["is_active", ("survey", ScopedFilter)]
    list_select_related = ["survey"]
    fieldsets = [
        (None, {"fields": ["name", "survey", "is_active"]}),
        (_("Which interactions"), {"fields": ["channels", "teams", "reason_list"]}),
        (_("When"), {"fields": ["delay_minutes", "priority"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SendingRule]:
        return super().get_queryset(request).prefetch_related("teams")

    @display(description=_("asks about"))
    def when(self, rule: SendingRule) -> str:
        names = dict(forms.Channel.choices)
        parts = [
            ", ".join(str(names.get(channel, channel)) for channel in rule.channels),
            ", ".join(team.name for team in rule.teams.all()),
            ", ".join(rule.reasons),
        ]
        return "; ".join(part for part in parts if part) or str(_("every finished interaction"))


@admin.register(Decision)
class DecisionAdmin(ScopedAdmin):
    team_path = "interaction__team"
    list_display = ["interaction", "outcome_shown", "why", "rule", "decided_at"]
    list_filter = ["outcome", ("interaction__team", ScopedFilter)]
    list_select_related = ["interaction", "rule"]
    ordering = ["-pk"]
    readonly_fields = ["why", "checks_made"]
    fields = [
        "interaction", "closing", "ordinal", "outcome", "why", "rule", "rule_version", "survey", "due_at",
        "decided_at", "checks_made",
    ]  # fmt: skip

    @display(description=_("outcome"), ordering="outcome", label={"send": "success", "refuse": "warning"})
    def outcome_shown(self, decision: Decision) -> tuple[str, str]:
        return decision.outcome, decision.get_outcome_display()

    @display(description=_("reason"))
    def why(self, decision: Decision) -> str:
        return refusal(decision)

    @display(description=_("checks"))
    def checks_made(self, decision: Decision) -> str:
        return checks(decision)


@admin.register(Invitation)
class InvitationAdmin(ScopedAdmin):
    team_path = "team"
    inlines = [MessageRows]
    list_display = ["customer", "survey", "state_shown", "answer_shown", "team", "due_at", "sent_at"]
    list_filter = ["state", "answer_state", ("survey", ScopedFilter), ("team", ScopedFilter), "channel"]
    list_select_related = ["customer", "survey", "team"]
    ordering = ["-pk"]
    compressed_fields = False
    fieldsets = [
        (None, {"fields": [("survey", "version", "rule"), ("customer", "interaction", "closing")]}),
        (_("State"), {"fields": [("state", "answer_state", "error"), ("attempts", "quarantined_at")]}),
        (_("Times"), {"fields": [("created_at", "due_at", "sent_at"), ("answered_at", "expires_at")]}),
        (_("As it was then"), {"fields": [("team", "agent", "channel"), ("reason", "language")]}),
    ]

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_shown(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.state, invitation.get_state_display()

    @display(description=_("answer"), ordering="answer_state", label=STATE_COLOURS)
    def answer_shown(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.answer_state, invitation.get_answer_state_display()


@admin.register(Message)
class MessageAdmin(ScopedAdmin):
    """Each hand-over to a mail server, with the address: for managers of the team."""

    team_path = "invitation__team"
    least_view = Role.MANAGER
    list_display = ["invitation", "state_shown", "address", "handed_over_at", "error"]
    list_filter = ["state", "channel"]
    list_select_related = ["invitation__survey", "invitation__customer"]
    search_fields = ["address"]
    ordering = ["-pk"]

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_shown(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()


@admin.register(Suppression)
class SuppressionAdmin(ScopedAdmin):
    """Added by hand here; only such entries can be taken back here, the others belong to the customer."""

    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    form = forms.SuppressionForm
    list_display = ["address", "survey", "reason_shown", "source", "created_at"]
    list_filter = ["reason"]
    list_select_related = ["survey"]
    search_fields = ["address"]
    ordering = ["-created_at"]
    readonly_fields = ["reason", "source", "created_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["address", "survey", *(self.readonly_fields if obj else [])]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        by_hand = not isinstance(obj, Suppression) or obj.reason == Suppression.Reason.MANUAL
        return super().has_change_permission(request, obj) and by_hand

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.has_change_permission(request, obj)

    @display(description=_("reason"), ordering="reason")
    def reason_shown(self, entry: Suppression) -> str:
        return entry.get_reason_display()
