"""Decisions, invitations, mails and suppressed addresses: when we ask, and what became of it."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground.admin import CountedAs, ReadOnlyRows, ScopedAdmin, ScopedFilter, moment, page_link, scope_for
from ground.models import Role
from surveys import acquaintance, rule_words, seeking
from surveys.admin import ledger, searching, unsettled
from surveys.admin.contact import ContactAdmin, address_of, customer_link, customer_name
from surveys.admin.of_segment import OfSegment
from surveys.admin.telling import STATE_COLOURS, checks, language_name, refusal, trouble
from surveys.models import Decision, Invitation, Message

OUTCOME_COLOURS = {"send": "success", "refuse": "warning", "postpone": "info"}


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

    @display(description=_("address"), ordering="address")
    def address_shown(self, message: Message) -> str:
        return "—" if message.is_hidden else address_of(message)  # type: ignore[attr-defined]

    @display(description=_("sent through"))
    def through(self, message: Message) -> Any:
        return rule_words.ways().get(message.channel, message.channel)

    @display(description=_("error"))
    def why(self, message: Message) -> str:
        return trouble(message)


class MessageRows(MessageColumns, ReadOnlyRows):
    model = Message
    readonly_fields = ["kind", "through", "address_shown", "state", "handed_over_at", "why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        hidden = acquaintance.hidden(scope_for(request), "invitation__interaction__")
        return super().get_queryset(request).annotate(is_hidden=hidden)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The address is for those who may see contacts."""
        fields = list(self.readonly_fields)
        if not scope_for(request).allows(getattr(obj, "team_id", None), least=Role.MANAGER):
            fields.remove("address_shown")
        return fields


@admin.register(Decision)
class DecisionAdmin(searching.Sought, ScopedAdmin):
    team_path = "interaction__team"
    own_path = "interaction__agent__user"
    lead = _("For each finished interaction: whether the customer was asked, and if not, why not.")
    first_step = _("They are made when the CRM reports a finished interaction and a sending rule fits.")
    first_page = "surveys.sendingrule"
    search_fields = ["interaction__external_id", "interaction__customer__external_id"]
    seek = staticmethod(seeking.decisions)
    search_help_text = _("Number of the interaction or the customer's id, exactly")
    list_display = ["interaction", "customer_shown", "outcome_shown", "why", "rule", "decided_at"]
    list_filter = ["outcome", ("interaction__team", ScopedFilter), "interaction__channel"]
    list_select_related = ["interaction__customer", "rule"]
    ordering = ["-pk"]
    readonly_fields = ["why", "checks_made"]
    fields = [
        "interaction", "closing", "ordinal", "outcome", "why", "rule", "rule_version", "survey", "due_at",
        "decided_at", "checks_made",
    ]  # fmt: skip

    def get_urls(self) -> list[Any]:
        def shown(view: Any) -> Any:
            return self.admin_site.admin_view(partial(view, site=self.admin_site))

        return [
            path("why/", shown(ledger.page), name="surveys_decision_ledger"),
            path("counted/", shown(ledger.counted), name="surveys_decision_counted"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        hidden = acquaintance.hidden(scope_for(request), "interaction__")
        return super().get_queryset(request).annotate(is_hidden=hidden)

    @display(description=_("customer"))
    def customer_shown(self, decision: Decision) -> Any:
        return customer_name(decision, decision.interaction.customer)

    @display(
        description=_("outcome"), ordering="outcome", label={"send": "success", "refuse": "warning", "postpone": "info"}
    )
    def outcome_shown(self, decision: Decision) -> tuple[str, str]:
        return decision.outcome, decision.get_outcome_display()

    @display(description=_("reason"))
    def why(self, decision: Decision) -> str:
        return refusal(decision)

    @display(description=_("checks"))
    def checks_made(self, decision: Decision) -> str:
        return checks(decision)


@admin.register(Invitation)
class InvitationAdmin(searching.Sought, ScopedAdmin):
    team_path = "team"
    own_path = "agent__user"
    inlines = [MessageRows]
    lead = _("Everybody who was asked or will be: how far the mail got and whether an answer came.")
    first_step = _("They are planned when an interaction ends and a sending rule fits.")
    first_page = "surveys.sendingrule"
    search_fields = ["interaction__external_id", "customer__external_id"]
    seek = staticmethod(seeking.invitations)
    search_help_text = _("Number of the interaction or the customer's id, exactly")
    list_display = ["customer_shown", "survey", "state_shown", "at", "answer_shown", "team"]
    list_filter = [
        "state", "answer_state", ("survey", ScopedFilter), ("team", ScopedFilter), "channel", "is_matched", OfSegment,
        CountedAs,
    ]  # fmt: skip
    list_select_related = ["customer", "survey", "team"]
    ordering = ["-pk"]
    compressed_fields = False
    readonly_fields = ["customer_shown", "why", "language_shown"]
    fieldsets = [
        (None, {"fields": [("survey", "version", "rule"), ("customer_shown", "interaction", "closing")]}),
        (_("State"), {"fields": [("state", "answer_state", "why"), ("attempts", "quarantined_at")]}),
        (_("Times"), {"fields": [("created_at", "due_at", "sent_at"), ("answered_at", "expires_at")]}),
        (_("Reminders and thanks"), {"fields": [("reminders_sent", "next_reminder_at", "thanks_due_at")]}),
        (_("As it was then"), {"fields": [("team", "agent", "channel"), ("reason", "language_shown")]}),
        (_("Through a link"), {"fields": [("link", "is_matched")]}),
    ]

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(partial(unsettled.page, site=self.admin_site))
        return [path("unsettled/", page, name="surveys_invitation_unsettled"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        hidden = acquaintance.hidden(scope_for(request), "interaction__")
        return super().get_queryset(request).annotate(is_hidden=hidden)

    @display(description=_("customer"), ordering="customer")
    def customer_shown(self, invitation: Invitation) -> Any:
        return customer_link(invitation, invitation.customer)

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_shown(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.state, invitation.get_state_display()

    @display(description=_("due or sent"), ordering="due_at")
    def at(self, invitation: Invitation) -> str:
        return moment(invitation.sent_at or invitation.due_at)

    @display(description=_("error"))
    def why(self, invitation: Invitation) -> str:
        return trouble(invitation)

    @display(description=_("language"))
    def language_shown(self, invitation: Invitation) -> Any:
        return language_name(invitation.language)

    @display(description=_("answer"), ordering="answer_state", label=STATE_COLOURS)
    def answer_shown(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.answer_state, invitation.get_answer_state_display()


class Through(admin.SimpleListFilter):
    """By the way it went. The ways there are, not those that the messages name: to ask for these reads all of them."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(rule_words.ways().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(searching.Sought, MessageColumns, ContactAdmin):
    """Each hand-over to a mail server, for managers of the team."""

    contact_fields = ("address",)
    team_path = "invitation__team"
    least_view = Role.MANAGER
    list_display = ["invitation_shown", "kind", "state_shown", "address_shown", "handed_over_at", "why"]
    readonly_fields = ["invitation_shown", "through", "why", "address_shown"]
    fields = [
        "invitation_shown", "kind", "through", "address_shown", "message_id", "state", "why", "created_at",
        "handed_over_at",
    ]  # fmt: skip
    list_filter = ["state", "kind", Through]
    list_select_related = ["invitation__survey", "invitation__customer"]
    search_fields = ["address", "invitation__customer__external_id"]
    seek = staticmethod(seeking.messages)
    search_help_text = _("A whole address, or the customer's id")
    lead = _("Every time a mail was handed to the mail server, and what the server said.")
    first_step = _("The first one appears when the first invitation is due.")
    first_page = "surveys.invitation"
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        hidden = acquaintance.hidden(scope_for(request), "invitation__interaction__")
        return super().get_queryset(request).annotate(is_hidden=hidden)

    def may_see_contact(self, request: HttpRequest, row: Message) -> bool:
        return not row.is_hidden and super().may_see_contact(request, row)  # type: ignore[attr-defined]

    @display(description=_("invitation"))
    def invitation_shown(self, message: Message) -> str:
        invitation = message.invitation
        return page_link(invitation, f"{invitation.survey}: {customer_name(message, invitation.customer)}")

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_shown(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()
