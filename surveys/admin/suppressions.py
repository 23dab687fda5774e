"""The list of suppressed addresses: who is on it and why, added by hand, imported and exported."""

import tempfile
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from ground.access import requires
from ground.admin import scope_for
from ground.csvfile import BadFile, Complaint
from ground.models import Role, User
from ground.sheets import Csv
from surveys import forms, suppression_list
from surveys.admin import sources
from surveys.admin.contact import ContactAdmin, address_of
from surveys.models import Suppression

LIST = "admin:surveys_suppression_changelist"
SHOWN = 20
# A dead address that somebody has revived shows itself soon if it has not; the customer's own word is not ours to lift.
LIFTABLE = (Suppression.Reason.MANUAL, Suppression.Reason.HARD_BOUNCE)
ENCODINGS = ("utf-8-sig", "cp1251")


@admin.register(Suppression)
class SuppressionAdmin(ContactAdmin):
    """Added by hand here; such entries and dead addresses can be taken off, the others belong to the customer."""

    contact_fields = ("address",)
    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    form = forms.SuppressionForm
    list_display = ["address_shown", "survey_shown", "reason_shown", "source_shown", "created_at"]
    list_filter = ["reason"]
    list_select_related = ["survey"]
    search_fields = ["=address"]
    search_help_text = _("A whole address")
    lead = _("These addresses get no survey mail: who unsubscribed, complained, or was entered here by hand.")
    first_step = _("An unsubscription adds its address by itself; one that must not be written to is added by hand.")
    ordering = ["-created_at"]
    list_before_template = "admin/surveys/suppression/acts.html"
    readonly_fields = ["survey_shown", "reason", "source_shown", "created_at", "address_shown"]

    def get_urls(self) -> list[Any]:
        """The pages of the whole list stand before those of one address."""
        views = {"import": self.import_page, "export": require_POST(self.export)}
        own = [
            path(
                f"{name}/", self.admin_site.admin_view(requires(Role.MANAGER)(view)), name=f"surveys_suppression_{name}"
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Paste or choose a file, look at what it holds, then put it on the list."""
        if not scope_for(request).covers_all(least=self.least_change or ""):
            raise PermissionDenied
        context: dict[str, Any] = {"title": _("Import suppressed addresses"), "text": ""}
        if request.method == "POST":
            try:
                context["text"] = text = _given(request)
                context["reading"] = reading = suppression_list.read(text)
            except BadFile as error:
                context["wrong"] = str(error)
            else:
                context["complaints"] = reading.complaints[:SHOWN]
                if "add" in request.POST and reading.entries:
                    return self._added(request, suppression_list.add(reading.entries, by=cast(User, request.user)))
        shared = self.admin_site.each_context(request)
        return TemplateResponse(request, "admin/surveys/suppression/import.html", shared | context)

    def _added(self, request: HttpRequest, count: int) -> HttpResponse:
        messages.success(
            request, ngettext("%d address is on the list now.", "%d addresses are on the list now.", count) % count
        )
        return redirect(LIST)

    def export(self, request: HttpRequest) -> FileResponse:
        """Every address with its reason, for a spreadsheet or for an import elsewhere."""
        if not scope_for(request).covers_all(least=self.least_view):
            raise PermissionDenied
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        suppression_list.write(file, by=cast(User, request.user), in_words=sources.reader())
        file.seek(0)
        name = f"suppressions-{timezone.localdate():%Y-%m-%d}.csv"
        return FileResponse(file, as_attachment=True, filename=name, content_type=Csv.content_type)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        tell = sources.reader()
        for entry in found.result_list:
            entry.tell = tell
        return found

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["address", "survey"]
        address = "address" if self.shows(request) else "address_shown"
        survey = "survey" if self.has_change_permission(request, obj) else "survey_shown"
        return [address, survey, "reason", "source_shown", "created_at"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        by_hand = not isinstance(obj, Suppression) or obj.reason == Suppression.Reason.MANUAL
        return super().has_change_permission(request, obj) and by_hand

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        liftable = not isinstance(obj, Suppression) or obj.reason in LIFTABLE
        return super().has_delete_permission(request, obj) and liftable

    @display(description=_("address"), ordering="address")
    def address_shown(self, entry: Suppression) -> str:
        return address_of(entry)

    @display(description=_("survey"), ordering="survey")
    def survey_shown(self, entry: Suppression) -> Any:
        return entry.survey or _("all surveys")

    @display(description=_("source"), ordering="source")
    def source_shown(self, entry: Any) -> str:
        tell = getattr(entry, "tell", None) or sources.reader()
        return tell(entry.source)

    @display(description=_("reason"), ordering="reason")
    def reason_shown(self, entry: Suppression) -> str:
        return entry.get_reason_display()


def _given(request: HttpRequest) -> str:
    """What was pasted, or the file's text. Raises BadFile."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    if not file.size or file.size > suppression_list.MOST_CHARACTERS:
        raise BadFile([Complaint(1, "", gettext("The file is empty or larger than 2 MB."))])
    content = file.read()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile([Complaint(1, "", gettext("This is not a text file."))])
