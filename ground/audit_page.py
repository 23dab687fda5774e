"""The audit log as administrators read it: who did what, when, and to which row."""

import tempfile
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from ground import audit, audit_words
from ground.models import ApiKey, AuditEntry, Role, User
from ground.scoped import ScopedAdmin, ScopedFilter, moment
from ground.sheets import Column, Csv


class VerbFilter(admin.SimpleListFilter):
    title = _("what was done")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those that were ever done."""
        done = AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct()
        return sorted(((verb, capfirst(str(audit_words.did(verb)))) for verb in done), key=lambda pair: pair[1])

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
    date_hierarchy = "at"
    list_before_template = "admin/ground/auditentry/acts.html"
    list_select_related = ["actor"]
    ordering = ["-pk"]
    fields = ["when", "who", "what", "to", "how"]
    readonly_fields = ["when", "who", "what", "to", "how"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.export))
        return [path("export/", view, name="ground_auditentry_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> FileResponse:
        """What the list shows, all of it, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        file, rows = tempfile.TemporaryFile(), self.get_changelist_instance(request).get_queryset(request)  # noqa: SIM115
        sheet = Csv(file, language=get_language() or settings.LANGUAGE_CODE)
        sheet.begin(
            [Column(str(title)) for title in (_("when"), _("who"), _("what was done"), _("to what"), _("details"))]
        )
        count = 0
        for entry in rows.iterator(chunk_size=2000):
            at = timezone.localtime(entry.at).replace(tzinfo=None)
            told = "; ".join(audit_words.details(entry.detail))
            sheet.write([[at, self.who(entry), self.what(entry), entry.subject, told]])
            count += 1
        sheet.finish()
        filters = sorted(name.partition("__")[0] for name, value in request.GET.items() if value)
        audit.note("audit.exported", by=cast(User, request.user), count=count, filters=filters)
        file.seek(0)
        name = f"audit-{timezone.localdate():%Y-%m-%d}.csv"
        return FileResponse(file, as_attachment=True, filename=name, content_type=Csv.content_type)

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
        if model is ApiKey:  # the address of its page holds what no log may
            return name
        try:
            page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
        except NoReverseMatch:
            return name
        return format_html('<a class="underline" href="{}">{}</a>', page, name)

    @display(description=_("details"))
    def how(self, entry: AuditEntry) -> str:
        lines = ((line,) for line in audit_words.details(entry.detail))
        return format_html_join("", "<div>{}</div>", lines) or "—"
