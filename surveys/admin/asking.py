"""Rules, decisions, invitations, mails and suppressed addresses: when we ask, and what became of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground.admin import ReadOnlyRows, ScopedAdmin, ScopedFilter, moment, page_link, scope_for
from ground.models import Role
from surveys import forms
from surveys.admin.telling import STATE_COLOURS, channel_name, checks, refusal, trouble
from surveys.models import Decision, Invitation, Message, SendingRule, Suppression


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


class MessageColumns:
    """How a message went, in words."""

    @display(description=_("sent through"))
    def through(self, message: Message) -> Any:
        return channel_name(message.channel)

    @display(description=_("error"))
    def why(self, message: Message) -> str:
        return trouble(message)


class MessageRows(MessageColumns, ReadOnlyRows):
    model = Message
    readonly_fields = ["through", "address", "state", "handed_over_at", "why"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The address is for those who may see contacts."""
        fields = list(self.readonly_fields)
        if not scope_for(request).allows(getattr(obj, "team_id", None), least=Role.MANAGER):
            fields.remove("address")
        return fields


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
        parts = [
            ", ".join(str(channel_name(channel)) for channel in rule.channels),
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
    list_display = ["customer", "survey", "state_shown", "at", "answer_shown", "team"]
    list_filter = ["state", "answer_state", ("survey", ScopedFilter), ("team", ScopedFilter), "channel"]
    list_select_related = ["customer", "survey", "team"]
    ordering = ["-pk"]
    compressed_fields = False
    readonly_fields = ["why"]
    fieldsets = [
        (None, {"fields": [("survey", "version", "rule"), ("customer", "interaction", "closing")]}),
        (_("State"), {"fields": [("state", "answer_state", "why"), ("attempts", "quarantined_at")]}),
        (_("Times"), {"fields": [("created_at", "due_at", "sent_at"), ("answered_at", "expires_at")]}),
        (_("As it was then"), {"fields": [("team", "agent", "channel"), ("reason", "language")]}),
    ]

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_shown(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.state, invitation.get_state_display()

    @display(description=_("due or sent"), ordering="due_at")
    def at(self, invitation: Invitation) -> str:
        return moment(invitation.sent_at or invitation.due_at)

    @display(description=_("error"))
    def why(self, invitation: Invitation) -> str:
        return trouble(invitation)

    @display(description=_("answer"), ordering="answer_state", label=STATE_COLOURS)
    def answer_shown(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.answer_state, invitation.get_answer_state_display()


@admin.register(Message)
class MessageAdmin(MessageColumns, ScopedAdmin):
    """Each hand-over to a mail server, with the address: for managers of the team."""

    team_path = "invitation__team"
    least_view = Role.MANAGER
    list_display = ["invitation", "state_shown", "address", "handed_over_at", "why"]
    readonly_fields = ["through", "why"]
    fields = ["invitation", "through", "address", "message_id", "state", "why", "created_at", "handed_over_at"]
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
