"""The page of the organisation: its name, colour and logo, and what stands in every mail."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminColorInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldBooleanSwitchWidget,
)

from ground import logo
from ground.models import Organisation, Role
from ground.scoped import ScopedAdmin


class OrganisationForm(forms.ModelForm):
    picture = forms.FileField(
        label=_("Another logo"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ",".join(logo.ENDINGS)}),
        help_text=_("PNG, JPEG, GIF or WebP of at most 100 kB, best 80 pixels high on a transparent ground."),
    )
    no_picture = forms.BooleanField(
        label=_("Take the logo away"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
    )

    second_factor_roles = forms.MultipleChoiceField(
        label=_("These have to log in with a code as well"),
        choices=Role.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_(
            "Whoever has one of these roles, in whichever team, and has not set it up yet is led to it and gets no "
            "further. None ticked: whoever wants to."
        ),
    )

    class Meta:
        model = Organisation
        fields = [
            "name", "legal_name", "postal_address", "colour", "timezone", "language", "sender_email", "reply_to",
            "second_factor_roles",
        ]  # fmt: skip
        widgets = {"colour": UnfoldAdminColorInputWidget()}

    def clean_picture(self) -> bytes | None:
        """The picture's bytes, None when none was chosen."""
        upload = self.cleaned_data["picture"]
        if not upload:
            return None
        picture = upload.read(logo.LARGEST + 1)
        try:
            logo.kind_of(picture)
        except logo.NotALogo as error:
            raise ValidationError(str(error)) from error
        return picture

    def _post_clean(self) -> None:
        """The picture stands in columns of the row, so that it is saved with them."""
        super()._post_clean()  # type: ignore[misc]
        picture = b"" if self.cleaned_data.get("no_picture") else self.cleaned_data.get("picture")
        if picture is not None and not self.errors:
            logo.put(self.instance, picture)

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
    help_texts = {
        "name": _("Customers see it on the survey page and as the sender of every mail."),
        "colour": _("Of buttons and headings in mails and on survey pages."),
        "legal_name": _("Stands at the foot of every mail."),
        "sender_email": _("Your mail server has to be allowed to send for it. Empty: the address of the settings."),
        "language": _("Spoken to customers whose language is unknown or not offered by the survey."),
    }
    fieldsets = [
        (None, {"fields": ["name", "colour", "logo_shown", "picture", "no_picture"]}),
        (_("In every mail"), {"fields": ["sender_email", "reply_to", "legal_name", "postal_address"]}),
        (_("Reports and languages"), {"fields": ["timezone", "language"]}),
        (_("Log-in"), {"fields": ["second_factor_roles"]}),
    ]

    readonly_fields = ["logo_shown"]

    def get_fieldsets(self, request: HttpRequest, obj: Organisation | None = None) -> Any:
        """Without a logo there is none to take away."""
        without = set() if obj and logo.path(obj) else {"no_picture"}
        found = super().get_fieldsets(request, obj)
        return [
            (title, told | {"fields": [name for name in told["fields"] if name not in without]})
            for title, told in found
        ]

    @display(description=_("logo"))
    def logo_shown(self, organisation: Organisation | None) -> Any:
        path = logo.path(organisation) if organisation else ""
        if not path:
            return _("None: mails and pages show the first letter of the name.")
        return format_html('<img src="{}" alt="{}" height="40" style="height:40px;width:auto">', path, organisation)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and Organisation.current().pk is None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        row = self.get_queryset(request).first()
        if row:
            return redirect("admin:ground_organisation_change", row.pk)
        if self.has_add_permission(request):
            return redirect("admin:ground_organisation_add")
        return super().changelist_view(request, extra_context)
