"""Sending rules: after what, whom, when, how many and by which way customers are asked."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground.admin import ScopedAdmin, ScopedFilter
from ground.models import Role
from surveys import rule_order, rule_words, vocabulary
from surveys.admin import rule_form
from surveys.models import SendingRule, Survey


@admin.register(SendingRule)
class RuleAdmin(ScopedAdmin):
    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    form = rule_form.RuleForm
    lead = _("A rule says after which interactions customers are asked, with which survey, and how long after.")
    first_step = _("Nobody is asked before there is a rule.")
    search_fields = ["name"]
    search_help_text = _("Name of the rule")
    list_display = ["name", "in_words", "survey", "priority", "is_active"]
    list_filter = ["is_active", ("survey", ScopedFilter)]
    list_select_related = ["survey"]
    fieldsets = rule_form.FIELDSETS
    change_form_outer_before_template = "admin/surveys/sendingrule/about.html"
    change_form_after_template = "admin/surveys/sendingrule/below.html"

    class Media:
        css = {"all": ["admin_otklik/rules.css"]}
        js = ["admin_otklik/rules.js"]

    @display(description=_("what it does"))
    def in_words(self, rule: SendingRule) -> str:
        return rule.words  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        names = vocabulary.names()
        for rule in found.result_list:
            rule.words = rule_words.sentence(rule, names)
        return found

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        rule = kwargs.get("obj")
        if rule is not None:
            context["in_words"] = rule_words.sentence(rule, vocabulary.names())
            context["around"] = rule_order.around(rule)
        relational = Survey.objects.filter(kind=Survey.Kind.RELATIONAL)
        context["at_intervals"] = [str(pk) for pk in relational.values_list("pk", flat=True)]
        return super().render_change_form(request, context, *args, **kwargs)
