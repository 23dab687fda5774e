"""Holding back by hand: a pause on a customer's page, a skip on an interaction's page, and who may do it."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ground import audit
from ground.access import Scope
from ground.admin import scope_for
from ground.models import Role, User
from surveys import pausing, skipping
from surveys.models import Agent, Customer, Decision, Interaction, Invitation, Pause, Skip

MANUAL = Pause.Reason.MANUAL


class PauseForm(forms.Form):
    until = forms.DateField(label=gettext_lazy("until"), required=False)

    def clean_until(self) -> dt.datetime | None:
        """The end of that day on the reader's clock."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        end = timezone.make_aware(dt.datetime.combine(day, dt.time())) + dt.timedelta(days=1)
        if end <= timezone.now():
            raise forms.ValidationError(_("This day is over."))
        return end


def pause(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Begin or end a pause by hand; whoever calls has checked that this person may."""
    by = cast(User, request.user)
    if "end" in request.POST:
        ended = [kept for kept in of_customer(customer) if kept.reason == MANUAL]
        for kept in ended:
            kept.until = timezone.now()
            kept.save(update_fields=["until"])
        if ended:
            audit.note("ask.resumed", by=by, subject=customer)
            messages.success(request, _("The customer may be asked again."))
        return redirect("admin:surveys_customer_change", customer.pk)
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["until"]))
        return redirect("admin:surveys_customer_change", customer.pk)
    pausing.pause(customer, reason=MANUAL, until=form.cleaned_data["until"], source=str(by.pk))
    audit.note("ask.paused", by=by, subject=customer)
    messages.success(request, _("The customer is not asked while the pause lasts; what is planned is held back."))
    return redirect("admin:surveys_customer_change", customer.pk)


def of_customer(customer: Customer) -> list[Pause]:
    """The pauses that run, the last one first."""
    return list(pausing.running(at=timezone.now()).filter(customer=customer))


def pause_box(request: HttpRequest, customer: Customer, *, may_pause: bool) -> dict[str, Any]:
    """What the customer's page shows about pauses; what another team's people did is a reason without its date."""
    pauses = of_customer(customer)
    by_hand = any(kept.reason == MANUAL for kept in pauses)
    sees_all = scope_for(request).covers_all()
    return {"pauses": pauses, "sees_all": sees_all, "may_pause": may_pause, "paused_by_hand": by_hand}


def may_skip(scope: Scope, interaction: Interaction) -> bool:
    """Managers of its team, and the agent whose own contact it was."""
    person = interaction.agent.user_id if interaction.agent else None
    return scope.allows(interaction.team_id, least=Role.MANAGER) or scope.owns(interaction.team_id, person)


def skip(request: HttpRequest, interaction: Interaction, *, scope: Scope) -> HttpResponse:
    if not may_skip(scope, interaction):
        raise PermissionDenied
    by = cast(User, request.user)
    back = redirect("admin:surveys_interaction_change", interaction.pk)
    try:
        done = skipping.skip(
            interaction, reason=request.POST.get("reason", ""), by=by, agent=Agent.objects.filter(user=by).first()
        )
    except skipping.Refused as error:
        messages.error(request, str(error))
        return back
    if not done.is_new:
        messages.warning(request, _("Somebody said so before."))
    elif done.held_back:
        told = ngettext("%d planned mail was held back.", "%d planned mails were held back.", done.held_back)
        messages.success(request, told % done.held_back)
    else:
        messages.success(request, _("The customer will not be asked about this contact."))
    return back


def skip_box(scope: Scope, interaction: Interaction) -> dict[str, Any]:
    """What the interaction's page shows about skipping."""
    made = Skip.objects.filter(interaction=interaction).select_related("by").first()
    gone = Invitation.objects.filter(
        interaction=interaction, state__in=[Invitation.State.SENDING, Invitation.State.SENT, Invitation.State.UNCERTAIN]
    )
    last = interaction.decisions.order_by("closing", "ordinal").last()
    is_refused = last is not None and last.outcome == Decision.Outcome.REFUSE and last.closing == interaction.closings
    may = made is None and not is_refused and may_skip(scope, interaction) and not gone.exists()
    return {"skip": made, "skip_reason": skipping.in_words(made) if made else "", "may_skip": may}
