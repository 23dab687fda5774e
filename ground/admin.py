"""What every admin page stands on (rows by role), and the pages of people, teams, keys and the organisation."""

import copy
import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.forms.models import BaseInlineFormSet, ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import APIKey as LibraryKey
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from ground import access
from ground.access import Scope
from ground.models import ApiKey, Membership, Organisation, Role, Team, User

# What the machinery notes in a row's error column.
ERRORS = {
    "the worker died three times on this row": _("the worker died three times on this row"),
    "the worker died while sending": _("the worker died while sending"),
}


def in_words(error: str) -> Any:
    """A known error in the reader's language, another one as it was noted."""
    return ERRORS.get(error, error)


def scope_for(request: HttpRequest) -> Scope:
    """The reader's scope, looked up once per request."""
    if not hasattr(request, "scope"):
        request.scope = access.scope_of(request.user)
    return request.scope


class ChangedColumns(admin.ModelAdmin):
    """Saves what a form changed. A base of its own, so that the theme's buttons beside "Save" act after it."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.as_loaded = {  # type: ignore[attr-defined]
                field.name: copy.deepcopy(getattr(row, field.attname)) for field in row._meta.concrete_fields
            }
        return row

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
    `least_change` None makes the page read-only.
    """

    team_path: str | None = None
    least_view: str = Role.VIEWER
    least_change: str | None = None
    may_add = False
    may_delete = False
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    empty_value_display = "—"

    def rows(self, scope: Scope, *, least: str) -> Q:
        """The condition for the rows that somebody with this scope holds the role over."""
        if self.team_path is not None:
            return scope.rows(self.team_path, least=least)
        return Q() if scope.covers_all(least=least) else Q(pk__in=[])

    def holds(self, scope: Scope, *, least: str) -> bool:
        """Whether the role is held over any row at all."""
        return scope.covers_all(least=least) or (self.team_path is not None and bool(scope.team_ids(least=least)))

    def covers(self, scope: Scope, row: Model, *, least: str) -> bool:
        """Whether the role is held over this row."""
        if self.team_path is None:
            return scope.covers_all(least=least)
        return scope.allows(team_of(row, self.team_path), least=least)

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


def team_of(row: Model, path: str) -> int | None:
    """The primary key of the team at the end of a path like `interaction__team`; "pk" is the row itself."""
    if path == "pk":
        return row.pk
    *steps, last = path.split("__")
    for step in steps:
        row = getattr(row, step)
    return getattr(row, f"{last}_id")


class ScopedFilter(admin.RelatedFieldListFilter):
    """A filter whose choices are the rows that the reader's own admin page of that model lists."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        page = model_admin.admin_site.get_model_admin(field.related_model)
        return [(row.pk, str(row)) for row in page.get_queryset(request)]


class ReadOnlyRows(TabularInline):
    """Rows of another table on a page, to look at; they are shown to whoever sees the page."""

    team_path: str | None = None
    extra = 0
    can_delete = False
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return access.visible(rows, scope_for(request), path=self.team_path) if self.team_path else rows

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


class MembershipFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """Refuse two roles in one team, and an organisation without anybody who may administer it."""
        super().clean()
        rows = [
            form.cleaned_data
            for form in self.forms
            if getattr(form, "cleaned_data", None) and not form.cleaned_data.get("DELETE")
        ]
        teams = [row.get("team") for row in rows if row.get("role")]
        if len(teams) != len(set(teams)):
            raise ValidationError(_("Only one role in each team."))
        stays = self.instance.is_active and any(row.get("role") == Role.ADMINISTRATOR for row in rows)
        if not stays and not other_administrators(self.instance).exists():
            raise ValidationError(_("Somebody has to stay administrator."))


def other_administrators(user: User) -> QuerySet[User]:
    """Everybody else who can log in and administer."""
    administrators = Q(memberships__team=None, memberships__role=Role.ADMINISTRATOR) | Q(is_superuser=True)
    return User.objects.filter(administrators, is_active=True).exclude(pk=user.pk)


class MembershipRows(TabularInline):
    model = Membership
    formset = MembershipFormSet
    extra = 0
    fields = ["team", "role"]
    verbose_name = _("role")
    verbose_name_plural = _("roles")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Cells of a table have no label of their own."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        field.widget.attrs["aria-label"] = field.label
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return scope_for(request).covers_all(least=Role.ADMINISTRATOR)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    has_change_permission = has_delete_permission = has_view_permission


class NewPersonForm(UserCreationForm):
    class Meta:
        model = User
        fields = ["email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["usable_password"].help_text = _("Without a password nobody can log in until one is set.")


@admin.register(User)
class PersonAdmin(ScopedAdmin, DjangoUserAdmin):
    """People who log in. They are never deleted, since what they said stays: they lose their log-in."""

    least_view = least_change = Role.ADMINISTRATOR
    may_add = True
    form, add_form, change_password_form = forms.ModelForm, NewPersonForm, AdminPasswordChangeForm
    inlines = [MembershipRows]
    list_display = ["name_or_address", "email", "roles", "is_active"]
    list_filter = ["is_active", "memberships__role"]
    search_fields = ["name", "email"]
    ordering = ["name", "email"]
    filter_horizontal = []
    readonly_fields = ["password_page"]
    fieldsets = [
        (None, {"fields": ["email", "name", "is_active", "password_page"]}),
        (_("Preferences"), {"fields": ["language", "timezone"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "language", "usable_password", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__team")

    @admin.display(description=_("password"))
    def password_page(self, user: User) -> str:
        page = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a class="underline" href="{}">{}</a>', page, _("Set another password"))

    @admin.display(description=_("person"), ordering="name")
    def name_or_address(self, user: User) -> str:
        return str(user)

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        rows = user.memberships.all()
        return "; ".join(
            f"{row.get_role_display()}, {row.team.name}" if row.team else row.get_role_display() for row in rows
        )


@admin.register(Team)
class TeamAdmin(ScopedAdmin):
    team_path = "pk"
    least_change = Role.ADMINISTRATOR
    may_add = True
    list_display = ["name", "code", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "is_active"]


class OrganisationForm(forms.ModelForm):
    class Meta:
        model = Organisation
        fields = ["name", "legal_name", "postal_address", "colour", "timezone", "language"]

    def clean_colour(self) -> str:
        colour = self.cleaned_data["colour"].lower()
        if len(colour) != 7 or colour[0] != "#" or any(digit not in "0123456789abcdef" for digit in colour[1:]):
            raise ValidationError(_("Six hexadecimal digits after a #, like #1d6b5a."))
        return colour


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """One row: its list leads straight to it."""

    least_view = least_change = Role.ADMINISTRATOR
    form = OrganisationForm
    fieldsets = [
        (None, {"fields": ["name", "colour"]}),
        (_("In every mail"), {"fields": ["legal_name", "postal_address"]}),
        (_("Reports and languages"), {"fields": ["timezone", "language"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and not Organisation.objects.exists()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        row = self.get_queryset(request).first()
        if row:
            return redirect("admin:ground_organisation_change", row.pk)
        if self.has_add_permission(request):
            return redirect("admin:ground_organisation_add")
        return super().changelist_view(request, extra_context)


class KeyForm(forms.ModelForm):
    """The library's own wording is English only, so labels and help stand here."""

    class Meta:
        model = ApiKey
        fields = ["name", "team", "expiry_date", "revoked"]
        labels = {"name": _("Name"), "expiry_date": _("Expires"), "revoked": _("Revoked")}
        help_texts = {
            "name": _("Which program uses it."),
            "expiry_date": _("Empty: never."),
            "revoked": _("A revoked key is refused from then on; this cannot be undone."),
        }


@admin.register(ApiKey)
class KeyAdmin(ScopedAdmin):
    """Keys for programs: the key itself is shown once, when it is made; only its hash is kept."""

    least_view = least_change = Role.ADMINISTRATOR
    may_add = True
    form = KeyForm
    list_display = ["title", "prefix_shown", "team", "made", "last_used_at", "works"]
    list_select_related = ["team"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "team", "expiry_date", *(["revoked", "prefix_shown", "made", "last_used_at"] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["prefix_shown", "made", "last_used_at"]
        return [*shown, "name", "team", "expiry_date", "revoked"] if obj and obj.revoked else shown

    @admin.display(description=_("name"), ordering="name")
    def title(self, key: ApiKey) -> str:
        return key.name

    @admin.display(description=_("begins with"))
    def prefix_shown(self, key: ApiKey) -> str:
        return f"{key.prefix}.…"

    @admin.display(description=_("created"), ordering="created")
    def made(self, key: ApiKey) -> str:
        return moment(key.created)

    @admin.display(description=_("works"), boolean=True)
    def works(self, key: ApiKey) -> bool:
        return not key.revoked and not key.has_expired

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        secret = ApiKey.objects.assign_key(obj)
        obj.save()
        messages.warning(request, _("The key, shown this once; store it in a safe place: %(key)s") % {"key": secret})


admin.site.unregister(Group)
admin.site.unregister(LibraryKey)
