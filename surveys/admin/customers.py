"""Customers, agents and interactions: whom we ask about what, as the CRM told it."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground.access import Scope
from ground.admin import ReadOnlyRows, ScopedAdmin, ScopedFilter, moment, page_link, scope_for
from ground.models import Role
from surveys.admin.asking import DecisionRows, InvitationRows
from surveys.admin.telling import EVENT_NAMES, language_name, told
from surveys.models import Agent, Customer, Interaction, InteractionEvent


class EventRows(ReadOnlyRows):
    model = InteractionEvent
    fields = readonly_fields = ["what", "moment", "who"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InteractionEvent]:
        return super().get_queryset(request).select_related("agent")

    @display(description=_("event"))
    def what(self, event: InteractionEvent) -> Any:
        return EVENT_NAMES.get(event.kind, event.kind)

    @display(description=_("time"))
    def moment(self, event: InteractionEvent) -> str:
        return moment(event.at)

    @display(description=_("agent"))
    def who(self, event: InteractionEvent) -> str:
        return str(event.agent) if event.agent else "—"


class InteractionRows(ReadOnlyRows):
    model = Interaction
    team_path = "team"
    fields = readonly_fields = ["page", "channel", "team", "agent", "reason", "closed_at"]
    per_page = 20
    ordering = ["-created_at"]

    @display(description=_("began"))
    def page(self, interaction: Interaction) -> str:
        return page_link(interaction, moment(interaction.created_at))


@admin.register(Customer)
class CustomerAdmin(ScopedAdmin):
    """Seen by those whose teams served them; the contact only by managers of such a team."""

    least_change = Role.MANAGER
    inlines = [InteractionRows]
    list_display = ["name_or_id", "external_id", "language_shown", "no_consent", "created_at"]
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

    @display(description=_("language"), ordering="language")
    def language_shown(self, customer: Customer) -> Any:
        return language_name(customer.language)

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
