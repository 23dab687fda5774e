"""The pages of people, teams and keys."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from rest_framework_api_key.models import APIKey as LibraryKey
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from ground import audit, second_factor, sessions
from ground.audit_page import AuditAdmin as AuditAdmin
from ground.behind import CountedAs as CountedAs
from ground.calendars_page import CalendarAdmin as CalendarAdmin
from ground.models import Allowance, ApiKey, Membership, Role, Team, User
from ground.organisation_page import OrganisationAdmin as OrganisationAdmin
from ground.scoped import ReadOnlyRows as ReadOnlyRows
from ground.scoped import ScopedAdmin, moment, scope_for
from ground.scoped import ScopedFilter as ScopedFilter
from ground.scoped import in_words as in_words
from ground.scoped import page_link as page_link


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


# How the admin calls those rows in its own history, whatever the reader's language.
ROLES = "membership"


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
    lead = _("Everybody who logs in here, with the roles that say what they see and may do.")
    help_texts = {
        "email": _("They log in with it, and notifications go there."),
        "name": _("As colleagues see it under notes and corrections."),
        "is_active": _("People are not deleted: without this they cannot log in, and what they wrote stays."),
    }
    search_help_text = _("Name or e-mail")
    list_display = ["name_or_address", "email", "roles", "is_active"]
    list_filter = ["is_active", "memberships__role"]
    search_fields = ["name", "email"]
    ordering = ["name", "email"]
    filter_horizontal = []
    readonly_fields = ["password_page", "log_in"]
    fieldsets = [
        (None, {"fields": ["email", "name", "is_active", "password_page", "log_in"]}),
        (_("Preferences"), {"fields": ["language", "timezone"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "language", "usable_password", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__team")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Roles are told of one by one: who could see and do what, and since when."""
        super().save_formset(request, form, formset, change)
        changed = [row for row, _fields in formset.changed_objects]
        for verb, rows in (("given", formset.new_objects), ("changed", changed), ("taken", formset.deleted_objects)):
            for row in rows:
                where = {"team": row.team.code} if row.team else {}
                by: User = request.user  # type: ignore[assignment]
                audit.note(f"role.{verb}", by=by, subject=form.instance, role=row.role, **where)

    def note(self, request: HttpRequest, obj: Any, act: str, **detail: Any) -> None:
        """But for the roles."""
        fields = [name for name in detail.get("fields", []) if name != ROLES]
        if fields or "fields" not in detail:
            super().note(request, obj, act, **({"fields": fields} if fields else {}))

    @admin.display(description=_("password"))
    def password_page(self, user: User) -> str:
        page = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a class="underline" href="{}">{}</a>', page, _("Set another password"))

    @admin.display(description=_("log-in"))
    def log_in(self, user: User) -> str:
        """Whether a second factor is set up, and the open sessions, each with what ends it."""
        context = {"person": user, "sessions": sessions.shown(user), "factor": second_factor.of(user)}
        return render_to_string("admin/person_log_in.html", context)

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
    lead = _("Answers and comments belong to the team that served the customer; people see them by their roles in it.")
    first_step = _("Teams come with the interactions that the CRM reports, or are added here.")
    help_texts = {
        "is_active": _("Whether this team still serves customers; it is a mark for this list, and past scores stay."),
    }
    search_help_text = _("Name or code")
    list_display = ["name", "code", "calendar", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["calendar"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "calendar", "is_active"]


class KeyForm(forms.ModelForm):
    """The library's own wording is English only, so labels and help stand here."""

    allowances = forms.MultipleChoiceField(
        label=_("May"),
        choices=Allowance.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Only what the program needs: whoever finds the key can do no more with it."),
    )

    class Meta:
        model = ApiKey
        fields = ["name", "team", "allowances", "expiry_date", "revoked"]
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
    lead = _("With a key your CRM or help desk reports interactions and comments through the API.")
    first_step = _("Make one for each program, so that each can be revoked alone. The key is shown once.")
    list_display = ["title", "prefix_shown", "team", "may", "expires", "last_used_at", "works"]
    list_select_related = ["team"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [
            "name",
            "team",
            "allowances",
            "expiry_date",
            *(["revoked", "prefix_shown", "made", "last_used_at"] if obj else []),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["prefix_shown", "made", "last_used_at"]
        return [*shown, "name", "team", "allowances", "expiry_date", "revoked"] if obj and obj.revoked else shown

    @admin.display(description=_("name"), ordering="name")
    def title(self, key: ApiKey) -> str:
        return key.name

    @admin.display(description=_("begins with"))
    def prefix_shown(self, key: ApiKey) -> str:
        return f"{key.prefix}.…"

    @admin.display(description=pgettext_lazy("of a key", "may"))
    def may(self, key: ApiKey) -> str:
        return "; ".join(str(Allowance(one).label) for one in key.allowances if one in Allowance)

    @admin.display(description=_("expires"), ordering="expiry_date")
    def expires(self, key: ApiKey) -> str:
        return moment(key.expiry_date)

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
