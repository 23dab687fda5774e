"""The part of a link's form that places its window on web sites."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from surveys import widgets
from surveys.models import Link

TRIGGERS = [
    ("delay", _("some time after the page was opened")),
    ("event", _("when the site's page sends an event")),
    ("code", _("when the site's code calls otklik.ask()")),
]
CORNERS = [("right", pgettext_lazy("corner", "right")), ("left", pgettext_lazy("corner", "left"))]
MOST_SITES = 20
FIELDS = ["sites", "trigger", "delay", "event", "rest_days", "corner"]


class WidgetFields(forms.Form):
    """Fields of `Link.placement`, one for each; without effect on links of other kinds."""

    sites = forms.CharField(
        label=_("web sites"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One a line, like https://shop.example.com. Nobody else may show the window."),
    )
    trigger = forms.ChoiceField(
        label=_("it opens"), choices=TRIGGERS, initial="delay", required=False, widget=UnfoldAdminRadioSelectWidget
    )
    delay = forms.IntegerField(
        label=_("after, seconds"),
        min_value=0,
        max_value=3600,
        initial=widgets.DELAY_SECONDS,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    event = forms.RegexField(
        r"^[A-Za-z][\w:.-]{0,63}$",
        label=_("name of the event"),
        initial=widgets.EVENT,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The page sends it by window.dispatchEvent(new Event(name)): after an order, say."),
    )
    rest_days = forms.IntegerField(
        label=_("the same visitor again after, days"),
        min_value=1,
        max_value=730,
        initial=widgets.REST_DAYS,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    corner = forms.ChoiceField(
        label=_("corner"), choices=CORNERS, initial="right", required=False, widget=UnfoldAdminSelectWidget
    )

    def clean_sites(self) -> list[str]:
        lines = [line for line in self.cleaned_data["sites"].splitlines() if line.strip()]
        found = {line: widgets.origin_of(line) for line in lines}
        if wrong := [line for line, origin in found.items() if origin is None]:
            message = _("“%s” is no address of a site: write it like https://shop.example.com.")
            raise forms.ValidationError(message % wrong[0].strip())
        if len(found) > MOST_SITES:
            raise forms.ValidationError(_("At most %d sites.") % MOST_SITES)
        return sorted({origin for origin in found.values() if origin})

    def placement(self) -> dict[str, Any]:
        """What was typed, as the link keeps it; an empty field is its default."""
        said = {name: self.cleaned_data.get(name) for name in FIELDS[1:]}
        kept = {name: value for name, value in said.items() if value not in (None, "")}
        return {"origins": self.cleaned_data.get("sites", []), **kept}


def initial(link: Link) -> dict[str, Any]:
    """The fields' values for a stored link."""
    where = widgets.placement(link)
    return {"sites": "\n".join(where.origins)} | {name: getattr(where, name) for name in FIELDS[1:]}
