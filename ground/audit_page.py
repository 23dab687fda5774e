"""The audit log as administrators read it: who did what, when, and to which row."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground import audit_words
from ground.models import AuditEntry, Role
from ground.scoped import ScopedAdmin, ScopedFilter, moment


class VerbFilter(admin.SimpleListFilter):
    title = _("what was done")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(verb, capfirst(str(words))) for verb, words in audit_words.VERBS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditAdmin(ScopedAdmin):
    """Nobody changes or deletes an entry; the model refuses it too."""

    least_view = Role.ADMINISTRATOR
    lead = _("Who looked at what is hidden by default, took data out, or changed what counts. Entries stay for ever.")
    first_step = _("The first entry appears when somebody looks at a contact or exports a list.")
    list_display = ["when", "who", "what", "to", "how"]
    list_filter = [("actor", ScopedFilter), VerbFilter]
    list_select_related = ["actor"]
    ordering = ["-pk"]
    fields = ["when", "who", "what", "to", "how"]
    readonly_fields = ["when", "who", "what", "to", "how"]

    @display(description=_("when"), ordering="pk")
    def when(self, entry: AuditEntry) -> str:
        return moment(entry.at)

    @display(description=_("who"))
    def who(self, entry: AuditEntry) -> str:
        return str(entry.actor) if entry.actor else str(_("the machine"))

    @display(description=_("what was done"))
    def what(self, entry: AuditEntry) -> str:
        return capfirst(str(audit_words.did(entry.verb)))

    @display(description=_("to what"))
    def to(self, entry: AuditEntry) -> str:
        """The row by its kind and key, linked to its page where it has one."""
        label, _colon, key = entry.subject.partition(":")
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError):
            return entry.subject or "—"
        name = f"{capfirst(str(model._meta.verbose_name))} #{key}"
        try:
            page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
        except NoReverseMatch:
            return name
        return format_html('<a class="underline" href="{}">{}</a>', page, name)

    @display(description=_("details"))
    def how(self, entry: AuditEntry) -> str:
        lines = ((line,) for line in audit_words.details(entry.detail))
        return format_html_join("", "<div>{}</div>", lines) or "—"
