"""Sending rules: after what, whom, when, how many and by which way customers are asked."""

from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground.admin import ScopedAdmin, ScopedFilter
from ground.models import Job, Role, User
from surveys import rule_order, rule_words, tryout, vocabulary
from surveys.admin import rule_form, rule_tryout
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

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(partial(rule_tryout.page, site=self.admin_site))
        return [path("trial/<int:pk>/", page, name="surveys_sendingrule_trial"), *super().get_urls()]

    @display(description=_("what it does"))
    def in_words(self, rule: SendingRule) -> str:
        return rule.words  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        names = vocabulary.names()
        for rule in found.result_list:
            rule.words = rule_words.sentence(rule, names)
        return found

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST" and "_try" in request.POST and (job := self._try(request, object_id)):
            return redirect("admin:surveys_sendingrule_trial", job.pk)
        return super().changeform_view(request, object_id, form_url, extra_context)

    @transaction.atomic
    def _try(self, request: HttpRequest, object_id: str | None) -> Job | None:
        """The job that tries the rule as it is typed; None when the form has something to say first."""
        rule = self.get_object(request, unquote(object_id)) if object_id else None
        may = self.has_change_permission(request, rule) if object_id else self.has_add_permission(request)
        if not may or (object_id and rule is None):
            return None
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        return tryout.start(form.instance, author=cast(User, request.user)) if form.is_valid() else None

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        rule = kwargs.get("obj")
        if rule is not None:
            context["in_words"] = rule_words.sentence(rule, vocabulary.names())
            context["around"] = rule_order.around(rule)
        relational = Survey.objects.filter(kind=Survey.Kind.RELATIONAL)
        context["at_intervals"] = [str(pk) for pk in relational.values_list("pk", flat=True)]
        return super().render_change_form(request, context, *args, **kwargs)
