"""Sending rules: after what, whom, when, how many and by which way customers are asked."""

import copy
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Model
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground import job_cards, overtaken
from ground.admin import ScopedAdmin, ScopedFilter, scope_for
from ground.models import Job, Role, User
from surveys import rule_order, rule_words, tryout, vocabulary
from surveys.admin import rule_form, rule_tryout
from surveys.models import SendingRule


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
        if "trial" in request.GET:
            form_url = request.path  # saved or tried again, the rule is no longer what that trial was about
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

    def _typed(self, request: HttpRequest) -> SendingRule | None:
        """The rule as it was typed for a trial, when somebody comes back from its page to go on."""
        number = request.GET.get("trial", "")
        if request.method != "GET" or not number.isdecimal():
            return None
        known = job_cards.theirs(cast(User, request.user), scope_for(request)).filter(kind=tryout.KIND)
        job = known.filter(pk=int(number[:9])).first()
        return tryout.rule_of(job) if job else None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        typed = self._typed(request)
        return model_to_dict(typed) if typed else super().get_changeform_initial_data(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        rule, typed = super().get_object(request, object_id, from_field), self._typed(request)
        if isinstance(rule, SendingRule) and typed and typed.pk == rule.pk:
            request.as_stored = copy.copy(rule)  # type: ignore[attr-defined]
            for field in rule_form.columns():
                setattr(rule, field, getattr(typed, field))
        return rule

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        rule = kwargs.get("obj")
        if rule is not None:
            context["in_words"] = rule_words.sentence(rule, vocabulary.names())
            context["around"] = rule_order.around(rule)
        context["at_intervals"] = rule_form.at_intervals()
        response = super().render_change_form(request, context, *args, **kwargs)
        if (typed := self._typed(request)) and (rule is None or typed.pk == rule.pk):
            messages.info(request, _("This is the rule as you tried it. It is not saved yet."))
        if (stored := getattr(request, "as_stored", None)) and overtaken.SEEN in response.context_data:
            # What the page shows was typed; what somebody else may change meanwhile is the stored one.
            form = self.get_form(request, stored, change=True)(instance=stored)
            response.context_data[overtaken.SEEN] = overtaken.stamp(form, {})
        return response
