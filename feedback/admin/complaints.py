"""The managers' rules for what counts as a complaint in customers' own words."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from feedback.models import ComplaintRule
from ground.admin import ScopedAdmin
from ground.models import Role


@admin.register(ComplaintRule)
class ComplaintRuleAdmin(ScopedAdmin):
    """They hold for all texts at once, the old ones too: nothing is stored by them."""

    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    lead = _(
        "Which texts of customers count as complaints beside the contacts that the help desk marks. A change holds for "
        "old texts, too."
    )
    first_step = _("Without a rule only texts count that were sent in as complaints.")
    list_display = ["rule_shown"]
    list_select_related = ["topic"]
    fields = ["kind", ("scale", "at_most"), "topic"]
    actions = None

    @display(description=_("what counts"))
    def rule_shown(self, rule: ComplaintRule) -> str:
        return str(rule)
