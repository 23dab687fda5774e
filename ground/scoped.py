"""What every admin page stands on: rows and rights by role and team, and what was typed saved column by column."""

import copy
import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Field, Model, Q, QuerySet
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField, _get_foreign_key
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import smart_split
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from ground import audit, overtaken, spelled
from ground.access import Scope
from ground.access import scope_for as scope_for
from ground.models import Role, Team
from ground.paging import NearPages
from ground.text import is_key

# What the machinery notes in a row's error column.
ERRORS = {
    "the worker died three times on this row": _("the worker died three times on this row"),
    "the worker died while sending": _("the worker died while sending"),
}


def in_words(error: str) -> Any:
    """A known error, or the sentence of a job that gave up, in the reader's language; another one as it was noted."""
    return ERRORS.get(error) or (gettext(error) if error else "")


class ChangedColumns(admin.ModelAdmin):
    """Saves what a form changed and nobody else meanwhile. A base of its own: the theme's buttons act after it."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        row = super().get_object(request, object_id, from_field)
        if row is not None and request.method == "POST" and connection.in_atomic_block:
            # Of two people who save at the same moment the second has to meet what the first one wrote.
            list(self.model._base_manager.select_for_update().filter(pk=row.pk).values_list("pk"))
            row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.as_loaded = {  # type: ignore[attr-defined]
                field.name: copy.deepcopy(getattr(row, field.attname)) for field in row._meta.concrete_fields
            }
        return row

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        seen = overtaken.read(request.POST.get(overtaken.SEEN, "")) if change and obj else None
        return overtaken.guarded(form, seen, self._rows_beside(request, obj)) if seen else form

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if not self.has_change_permission(request, row):
            context["show_history"] = False  # only what is changed on the page is in it
        elif kwargs.get("change") and row is not None:
            context[overtaken.SEEN] = overtaken.stamp(context["adminform"].form, self._rows_beside(request, row))
        return super().render_change_form(request, context, *args, **kwargs)

    def _rows_beside(self, request: HttpRequest, row: Model) -> dict[str, str]:
        """A digest for each table of rows that is edited on the row's page."""
        found = {}
        for inline in self.get_inline_instances(request, row):
            if inline.has_change_permission(request, row):
                link = _get_foreign_key(type(row), inline.model, fk_name=inline.fk_name).name
                rows = inline.model._default_manager.filter(**{link: row}).values_list()
                found[inline.model._meta.label_lower] = overtaken.digest(list(rows))
        return found

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        """Write only the columns that the form changed: a program may write the others at the same moment."""
        loaded = getattr(obj, "as_loaded", None)
        if not change or loaded is None:
            obj.save()
            return
        changed = [
            field.name for field in obj._meta.concrete_fields if getattr(obj, field.attname) != loaded[field.name]
        ]
        if changed:
            obj.save(update_fields=changed)


class ScopedAdmin(ModelAdmin, ChangedColumns):
    """An admin page whose rows and rights follow roles and teams.

    `team_path` leads from a row to its team; None means that only roles in the whole organisation count.
    `own_path` leads to the log-in of the agent who did the work; without it agents see none of the rows.
    `least_change` None makes the page read-only.
    `lead` says above the list what its rows are, `first_step` what to do while there is none; `first_page` is the model
    whose page that is done on. `help_texts` say what belongs into a field. What is added, changed or deleted on it is
    noted in the audit log, unless the page `notes_itself`.
    """

    lead: Any = ""
    first_step: Any = ""
    first_page = ""
    help_texts: ClassVar[dict[str, Any]] = {}
    list_before_template = "admin/lead.html"
    change_form_before_template = "admin/as_seen.html"

    team_path: str | None = None
    own_path = ""
    least_view: str = Role.VIEWER
    least_change: str | None = None
    may_add = False
    may_delete = False
    notes_itself = False
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    empty_value_display = "—"

    def rows(self, scope: Scope, *, least: str) -> Q:
        """The condition for the rows that somebody with this scope holds the role over."""
        if self.team_path is not None:
            return scope.rows(self.team_path, own=self.own_path, least=least)
        return Q() if scope.covers_all(least=least) else Q(pk__in=[])

    def holds(self, scope: Scope, *, least: str) -> bool:
        """Whether the role is held over any row at all."""
        if scope.covers_all(least=least) or self.team_path is None:
            return scope.covers_all(least=least)
        return bool(scope.team_ids(least=least)) or (bool(self.own_path) and least == Role.VIEWER and scope.has_own)

    def covers(self, scope: Scope, row: Model, *, least: str) -> bool:
        """Whether the role is held over this row."""
        if self.team_path is None:
            return scope.covers_all(least=least)
        team = key_at(row, self.team_path)
        if scope.allows(team, least=least) or not self.own_path or least != Role.VIEWER or not scope.has_own:
            return scope.allows(team, least=least)
        return scope.owns(team, key_at(row, self.own_path))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(self.rows(scope_for(request), least=self.least_view))

    def _may(self, request: HttpRequest, obj: Any, least: str | None) -> bool:
        if least is None:
            return False
        scope = scope_for(request)
        return self.covers(scope, obj, least=least) if isinstance(obj, self.model) else self.holds(scope, least=least)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None, self.least_view)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, self.least_view)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, self.least_change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and self._may(request, None, self.least_change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._may(request, obj, self.least_change)

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Paginator:
        """Whoever acts upon chosen rows is told of all of them."""
        if self.actions or self.may_delete:
            return super().get_paginator(request, queryset, per_page, *args, **kwargs)
        given = request.GET.get(PAGE_VAR, "")
        return NearPages(queryset, per_page, *args, at=int(given) if is_key(given) else 1, **kwargs)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        if self.first_page:
            model = apps.get_model(self.first_page)
            if self.admin_site.get_model_admin(model).has_view_permission(request):
                address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                found.first_page = {"address": address, "name": model._meta.verbose_name_plural}
        return found

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """As the theme finds them; SQLite tells capitals from small letters in all but ASCII."""
        found, is_doubled = super().get_search_results(request, queryset, search_term)
        if search_term.isascii() or connection.vendor != "sqlite":
            return found, is_doubled
        fields = self.get_search_fields(request)
        lookups = [f"{name.lstrip('=')}__{'iexact' if name.startswith('=') else 'icontains'}" for name in fields]
        words = [word.strip("\"'") for word in smart_split(search_term)]
        return queryset.filter(spelled.has_all(words, lookups)), is_doubled

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self.note(request, obj, "added")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        if fields := audit.fields_in(message):
            self.note(request, obj, "changed", fields=fields)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self.note(request, obj, "deleted")
        return super().log_deletions(request, queryset)

    def note(self, request: HttpRequest, obj: Model, act: str, **detail: Any) -> None:
        if not self.notes_itself:
            audit.note(f"{obj._meta.model_name}.{act}", by=request.user, subject=obj, **detail)  # type: ignore[arg-type]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.help_texts:
            kwargs.setdefault("help_text", self.help_texts[db_field.name])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == self.team_path and not scope_for(request).covers_all(least=self.least_change):
            field.required = True  # a row without a team belongs to the whole organisation
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelMultipleChoiceField:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _choices(self, db_field: Field, request: HttpRequest) -> QuerySet[Any]:
        related = db_field.related_model
        if related is Team and self.least_change:
            return Team.objects.filter(scope_for(request).rows("pk", least=self.least_change))
        if self.admin_site.is_registered(related):
            return self.admin_site.get_model_admin(related).get_queryset(request)
        return related._default_manager.all()


def key_at(row: Model, path: str) -> int | None:
    """The primary key at the end of a path like `interaction__team`, None where it breaks off; "pk": the row's own."""
    if path == "pk":
        return row.pk
    *steps, last = path.split("__")
    for step in steps:
        row = getattr(row, step)
        if row is None:
            return None
    return getattr(row, f"{last}_id")


class ScopedFilter(admin.RelatedFieldListFilter):
    """A filter whose choices are the rows that the reader's own admin page of that model lists."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        page = model_admin.admin_site.get_model_admin(field.related_model)
        return [(row.pk, str(row)) for row in page.get_queryset(request)]


class ReadOnlyRows(TabularInline):
    """Rows of another table on a page, to look at; where there are none, words say so."""

    template = "admin/rows.html"
    extra = 0
    can_delete = False
    hide_title = True
    empty_value_display = "—"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


def moment(at: dt.datetime | None) -> str:
    """A day and time on the reader's clock: the theme shows a computed column as the value prints itself."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else "—"


def page_link(row: Model, text: Any) -> str:
    """A link to the row's own page."""
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a class="underline" href="{}">{}</a>', page, text)
