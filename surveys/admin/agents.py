"""Agents: who served the customers, and how much of it was asked about."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground.admin import ScopedAdmin, ScopedFilter, scope_for
from ground.models import Role
from surveys import rates
from surveys.admin.telling import percent
from surveys.models import Agent

PERIOD = dt.timedelta(days=90)


@admin.register(Agent)
class AgentAdmin(ScopedAdmin):
    team_path = "team"
    own_path = "user"
    least_change = Role.MANAGER
    may_add = True
    lead = _(
        "Those who served customers, as the CRM names them. Linked to a log-in, they see their own comments. "
        "The shares are of the last 90 days: a score means little where few contacts are asked about."
    )
    help_texts = {
        "name": _("As colleagues and managers see it."),
        "external_id": _("As the CRM or the telephone system names this person: their contacts are found by it."),
        "user": _("Whoever logs in with it sees the comments on their own work."),
        "is_active": _("Whether this person still serves customers; it is a mark for this list, and past scores stay."),
    }
    first_step = _("They come with the interactions that the CRM reports, or are added here.")
    search_help_text = _("Name or external id")
    list_display = ["name_or_id", "external_id", "team", "asked", "skipped", "answered", "is_active"]
    list_filter = [("team", ScopedFilter), "is_active"]
    list_select_related = ["team"]
    search_fields = ["name", "external_id"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Log-ins are linked by those who see the list of people."""
        links = ["user"] if scope_for(request).covers_all(least=Role.ADMINISTRATOR) else []
        return ["name", "external_id", "team", *links, "is_active"]

    @display(description=_("agent"), ordering="name")
    def name_or_id(self, agent: Agent) -> str:
        return str(agent)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rates of the page's agents, read together."""
        found = super().get_changelist_instance(request)
        since = timezone.now() - PERIOD
        known = rates.by_agent(scope_for(request), [agent.pk for agent in found.result_list], since=since)
        for agent in found.result_list:
            agent.rates = known[agent.pk]
        return found

    @display(description=_("asked about"))
    def asked(self, agent: Agent) -> str:
        return share_of(agent.rates.ask_rate, agent.rates.contacts)  # type: ignore[attr-defined]

    @display(description=_("skipped by hand"))
    def skipped(self, agent: Agent) -> str:
        return share_of(agent.rates.skip_rate, agent.rates.contacts)  # type: ignore[attr-defined]

    @display(description=_("answered"))
    def answered(self, agent: Agent) -> str:
        return share_of(agent.rates.response_rate, agent.rates.sent)  # type: ignore[attr-defined]


def share_of(share: float | None, whole: int) -> str:
    """ "12.5% of 40"; of too few a dash and their number."""
    if share is None:
        return _("— of %d") % whole if whole else "—"
    return _("%(share)s of %(n)d") % {"share": percent(share), "n": whole}
