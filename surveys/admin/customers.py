"""Customers, agents and interactions: whom we ask about what, as the CRM told it."""

from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from ground import audit
from ground.access import Scope
from ground.admin import CountedAs, ReadOnlyRows, ScopedFilter, moment, scope_for
from ground.models import Role, User
from surveys import acquaintance, consents, first_use, languages, nobody, seeking
from surveys.admin import holding, imports, searching, sources
from surveys.admin.asking import DecisionRows, InvitationRows
from surveys.admin.came_back import CameBack
from surveys.admin.contact import ContactAdmin, address_of, as_shown, customer_link, hides
from surveys.admin.of_segment import OfSegment
from surveys.admin.open_filter import OpenFilter
from surveys.admin.telling import EVENT_NAMES, language_name, told
from surveys.models import Consent, Customer, Interaction, InteractionEvent

OTHER, UNKNOWN = "other", "und"


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


class ConsentRows(ReadOnlyRows):
    """What the customer said about being asked; the words are shown whole, since they are what counts."""

    model = Consent
    fields = readonly_fields = ["moment", "act", "survey_shown", "words", "version", "language_shown", "source_shown"]
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        return super().get_queryset(request).select_related("survey")

    @display(description=_("time"))
    def moment(self, consent: Consent) -> str:
        return moment(consent.at)

    @display(description=_("survey"))
    def survey_shown(self, consent: Consent) -> Any:
        return consent.survey or _("all surveys")

    @display(description=_("text shown"))
    def words(self, consent: Consent) -> str:
        return consent.text or "—"

    @display(description=_("version of the text"))
    def version(self, consent: Consent) -> str:
        return consent.text_version or "—"

    @display(description=_("language"))
    def language_shown(self, consent: Consent) -> Any:
        return language_name(consent.language)

    @display(description=_("source"))
    def source_shown(self, consent: Consent) -> str:
        return sources.in_words(consent.source)


class LanguageFilter(admin.SimpleListFilter):
    """By the languages that pages are in: to look which there are, all customers would be read."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        known = [(code, languages.name(code)) for code in settings.PAGE_LANGUAGES]
        return [*known, (OTHER, _("another")), (UNKNOWN, _("not known"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Customer]) -> QuerySet[Customer]:
        chosen = self.value()
        if chosen == OTHER:
            return rows.exclude(language__in=["", *settings.PAGE_LANGUAGES])
        return rows.filter(language="" if chosen == UNKNOWN else chosen) if chosen else rows


class CustomerForm(forms.ModelForm):
    def clean_email(self) -> str:
        """In small letters, as programs and files tell it and as it is looked up."""
        return str(self.cleaned_data["email"]).strip().lower()


@admin.register(Customer)
class CustomerAdmin(ContactAdmin):
    """Seen by those whose teams served and know them, agents by the agent who did; the contact only by managers there.

    Agents see nothing of the contact; viewers see enough to recognise it.
    """

    contact_fields = ("email", "phone")
    least_change = Role.MANAGER
    form = CustomerForm
    change_form_outer_before_template = "admin/surveys/customer/above.html"
    inlines = [ConsentRows]
    lead = _("Everybody whose interactions were reported; open one to see what was asked and answered.")
    first_step = _("They come with the interactions that the CRM reports through the API or from a file.")
    first_page = "surveys.interaction"
    list_display = ["name_or_id", "external_id", "language_shown", "no_consent", "created_at"]
    list_filter = [LanguageFilter, "no_consent", "is_staff", CountedAs]
    search_fields = ["name", "external_id"]
    search_help_text = _("Name, external id or its beginning, whole e-mail or phone")
    ordering = ["-pk"]
    readonly_fields = ["told_attributes", "created_at", "email_shown", "phone_shown"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.pause))
        return [path("<int:pk>/pause/", view, name="surveys_customer_pause"), *super().get_urls()]

    def pause(self, request: HttpRequest, pk: int) -> HttpResponse:
        customer = self.get_queryset(request).filter(pk=pk).first()
        if customer is None:
            raise Http404
        if not self.may_see_contact(request, customer):
            raise PermissionDenied
        return holding.pause(request, customer)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        customer = kwargs.get("obj")
        if customer is not None:
            context |= holding.pause_box(request, customer, may_pause=self.may_see_contact(request, customer))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Customer | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "language" in form.base_fields:
            unknown = ("", _("not known"))
            form.base_fields["language"] = forms.ChoiceField(
                label=_("Language"),
                choices=[unknown, *languages.with_kept(obj.language if obj else "")],
                required=False,
                widget=UnfoldAdminSelectWidget,
            )
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """The list leaves out those of whom nothing is known: they answered by a QR code, each once."""
        match = request.resolver_match
        if match is None or not str(match.url_name).endswith("_changelist"):
            return super().get_queryset(request)
        scope, known = scope_for(request), Customer.objects.exclude(**nobody.UNKNOWN)
        if scope.covers_all(least=self.least_view):
            return known
        # All customers of the contacts at once: to look for a contact of each takes seconds.
        return known.filter(pk__in=acquaintance.opening(scope, least=self.least_view, own=True).values("customer"))

    def rows(self, scope: Scope, *, least: str) -> Q:
        if scope.covers_all(least=least):
            return Q()
        return Q(Exists(acquaintance.opening_of(OuterRef("pk"), scope, least=least, own=True)))

    def holds(self, scope: Scope, *, least: str) -> bool:
        return scope.covers_all(least=least) or (least == self.least_view and (scope.oversees or scope.has_own))

    def covers(self, scope: Scope, row: Model, *, least: str) -> bool:
        if scope.covers_all(least=least):
            return True
        return least == self.least_view and acquaintance.opening_of(row, scope, least=least, own=True).exists()

    def has_contact(self, row: Customer) -> bool:
        return super().has_contact(row) or hides(row.attributes)

    def oversees(self, request: HttpRequest, row: Customer, *, least: str) -> bool:
        """Whether the role is held in a team that served the customer."""
        scope = scope_for(request)
        return scope.covers_all(least=least) or acquaintance.opening_of(row, scope, least=least).exists()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """By name and id; by a whole e-mail address or phone for managers, who might see it."""
        sought, scope = search_term.strip(), scope_for(request)
        if not sought:
            return queryset, False
        is_reached = self.rows(scope, least=Role.MANAGER)
        if "@" in sought:
            return queryset.filter(is_reached, email=sought.lower()), False
        sees_all = scope.covers_all(least=self.least_view)
        return seeking.customers(queryset, sought, is_reached=is_reached, sees_all=sees_all), False

    def get_fieldsets(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        if self.shows(request):
            contact = ["email", "phone"]
        else:
            contact = ["email_shown", "phone_shown"] if getattr(obj, "is_overseen", False) else []
        return [
            (None, {"fields": ["name", "external_id", *contact, "language", "timezone"]}),
            (_("May be asked?"), {"fields": ["is_staff", "no_consent", "is_vip"]}),
            (_("Contract"), {"fields": ["contract_start", "contract_end", "value", "told_attributes", "created_at"]}),
        ]

    @display(description=_("customer"), ordering="name")
    def name_or_id(self, customer: Customer) -> str:
        return str(customer)

    @display(description=_("language"), ordering="language")
    def language_shown(self, customer: Customer) -> Any:
        return language_name(customer.language)

    @display(description=_("e-mail"))
    def email_shown(self, customer: Customer) -> str:
        return address_of(customer, "email")

    @display(description=_("phone"))
    def phone_shown(self, customer: Customer) -> str:
        return address_of(customer, "phone")

    @display(description=_("attributes"))
    def told_attributes(self, customer: Customer) -> str:
        return told(as_shown(customer, customer.attributes))

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "no_consent" in form.changed_data:
            act = Consent.Act.WITHDRAWN if obj.no_consent else Consent.Act.GRANTED
            consents.record(obj, act, consents.Said(source=consents.BY_HAND))
        if changed := sorted({*form.changed_data} & {*self.contact_fields}):
            request.has_noted = True  # type: ignore[attr-defined]
            audit.note("contact.changed", by=cast(User, request.user), subject=obj, fields=changed)

    def note(self, request: HttpRequest, obj: Any, act: str, **detail: Any) -> None:
        """A changed contact is noted as such, with all else that was changed with it."""
        if not hasattr(request, "has_noted"):
            super().note(request, obj, act, **detail)


@admin.register(Interaction)
class InteractionAdmin(searching.Sought, ContactAdmin):
    """As the CRM told it: to look at, with everything that was decided about asking."""

    team_path = "team"
    own_path = "agent__user"
    change_form_outer_before_template = "admin/surveys/interaction/above.html"
    inlines = [EventRows, DecisionRows, InvitationRows]
    lead = _("Calls, chats and messages as the CRM reported them. A finished one can lead to a survey.")
    first_step = _("The CRM reports them through the API; a file of past ones can be imported.")
    first_page = "ground.apikey"
    list_display = [
        "external_id",
        "source_shown",
        "customer_shown",
        "channel_shown",
        "team",
        "agent",
        "reason",
        "closed_at",
    ]
    list_filter = [
        "channel", ("team", ScopedFilter), "is_complaint", "is_abandoned", CameBack, OpenFilter, OfSegment, CountedAs,
    ]  # fmt: skip
    list_select_related = ["customer", "team", "agent"]
    search_fields = ["external_id", "reason"]
    seek = staticmethod(seeking.contacts)
    search_help_text = _("Whole external id, or a part of the reason")
    ordering = ["-created_at"]
    compressed_fields = False
    readonly_fields = ["source_shown", "customer_shown", "changed_there", "told_attributes", "told_tags"]
    fieldsets = [
        (
            None,
            {"fields": [("source_shown", "external_id", "customer_shown"), ("team", "agent", "reason"),
                        ("channel", "direction", "priority"), ("told_tags", "told_attributes")]},
        ),
        (
            _("Times"),
            {"fields": [("created_at", "enqueued_at", "answered_at"), ("first_response_at", "resolved_at", "closed_at"),
                        ("reopened_at", "closings"), ("changed_there", "received_at")]},
        ),
        (
            _("What happened"),
            {"fields": [("replies", "transfers"), ("is_abandoned", "is_resolved", "is_complaint")]},
        ),
    ]  # fmt: skip

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/skip/", view(require_POST(self.skip)), name="surveys_interaction_skip"),
            path("import/", view(partial(imports.page, site=self.admin_site)), name="surveys_interaction_import"),
            path(
                "import/<str:ticket>/",
                view(partial(imports.columns, site=self.admin_site)),
                name="surveys_interaction_columns",
            ),
            *super().get_urls(),
        ]

    def skip(self, request: HttpRequest, pk: int) -> HttpResponse:
        interaction = self.get_queryset(request).select_related("agent").filter(pk=pk).first()
        if interaction is None:
            raise Http404
        return holding.skip(request, interaction, scope=scope_for(request))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("obj") is not None:
            context |= holding.skip_box(scope_for(request), kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interaction]:
        """Without those that stand for contacts whose answers nobody is to know the customer of any more."""
        found = super().get_queryset(request).exclude(source=nobody.SOURCE)
        return found.annotate(is_hidden=acquaintance.hidden(scope_for(request)))

    @display(description=_("customer"), ordering="customer")
    def customer_shown(self, interaction: Interaction) -> Any:
        return customer_link(interaction, interaction.customer)

    @display(description=_("source"), ordering="source")
    def source_shown(self, interaction: Interaction) -> Any:
        """What came by a link has no system that told it."""
        return _("our link") if interaction.source.startswith(Interaction.BY_LINK) else interaction.source

    @display(description=_("changed at the source"), ordering="updated_at")
    def changed_there(self, interaction: Interaction) -> str:
        return moment(interaction.updated_at) if interaction.updated_at > first_use.UNREPORTED else "—"

    @display(description=_("channel"), ordering="channel")
    def channel_shown(self, interaction: Interaction) -> str:
        return interaction.get_channel_display()

    @display(description=_("attributes"))
    def told_attributes(self, interaction: Interaction) -> str:
        return told(as_shown(interaction, interaction.attributes))

    @display(description=pgettext_lazy("of an interaction", "tags"))
    def told_tags(self, interaction: Interaction) -> str:
        return told(as_shown(interaction, interaction.tags))

    def has_contact(self, interaction: Interaction) -> bool:
        return hides(interaction.attributes) or hides(interaction.tags)
