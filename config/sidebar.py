"""How the admin looks and what its sidebar offers, arranged by task and shown by role."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": "Otklik",
    "SITE_HEADER": "Otklik",
    "SITE_URL": None,
    "SITE_ICON": lambda request: static("admin_otklik/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("admin_otklik/mark.svg")}
    ],
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": lambda request: reverse("desk:language")},
    "STYLES": [lambda request: static("admin_otklik/desk.css")],
    "SCRIPTS": [lambda request: static("admin_otklik/desk.js")],
    "COLORS": {"primary": {"500": "#c583ff", "600": "#8b0ae6", "700": "#7609c4"}},
    "SIDEBAR": {"navigation": "config.sidebar.navigation"},
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of links that this person may follow; a group without any is left out."""
    from ground.access import RANK
    from ground.admin import scope_for
    from ground.models import Role

    scope = scope_for(request)
    held = [role for role in [scope.whole, *(role for _team, role in scope.teams)] if role]
    if not held:
        return []
    offered = pages(
        leads=max(RANK[Role(role)] for role in held) >= RANK[Role.MANAGER],
        leads_all=scope.covers_all(least=Role.MANAGER),
        administers=scope.covers_all(least=Role.ADMINISTRATOR),
    )
    return [
        {"title": title, "separator": False, "items": items}
        for title, links in offered
        if (items := [item(request, *link[:3]) for link in links if link[3] and address(link[2])])
    ]


def pages(*, leads: bool, leads_all: bool, administers: bool) -> list[tuple[Any, list[tuple[Any, str, str, bool]]]]:
    """Every link by group: its title, icon, address name, and whether somebody with these rights may follow it."""
    return [
        (_("Overview"), [
            (_("Indicators"), "monitoring", "analytics:dashboard", True),
            (_("Comments"), "forum", "admin:feedback_comment_changelist", True),
            (_("Responses"), "star_half", "admin:feedback_response_changelist", True),
        ]),
        (_("Asking"), [
            (_("Surveys"), "quiz", "admin:surveys_survey_changelist", leads_all),
            (_("Sending rules"), "rule", "admin:surveys_sendingrule_changelist", leads_all),
            (_("Interactions"), "support_agent", "admin:surveys_interaction_changelist", True),
            (_("Decisions"), "alt_route", "admin:surveys_decision_changelist", True),
            (_("Invitations"), "outgoing_mail", "admin:surveys_invitation_changelist", True),
            (_("Mails"), "mark_email_read", "admin:surveys_message_changelist", leads),
            (_("Suppressed addresses"), "unsubscribe", "admin:surveys_suppression_changelist", leads_all),
        ]),
        (_("People"), [
            (_("Customers"), "person", "admin:surveys_customer_changelist", True),
            (_("Agents"), "headset_mic", "admin:surveys_agent_changelist", True),
            (_("Teams"), "groups", "admin:ground_team_changelist", True),
            (_("Staff"), "badge", "admin:ground_user_changelist", administers),
        ]),
        (_("Settings"), [
            (_("Organisation"), "domain", "admin:ground_organisation_changelist", administers),
            (_("Topics"), "sell", "admin:feedback_topic_changelist", leads_all),
            (_("API keys"), "key", "admin:ground_apikey_changelist", administers),
            (_("Quarantine"), "report", "desk:quarantine", administers),
        ]),
    ]  # fmt: skip


def address(name: str) -> str | None:
    """The path of a page, or None when the room that has it is not installed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def item(request: HttpRequest, title: Any, icon: str, name: str) -> dict[str, Any]:
    path = address(name) or ""
    also = {"admin:surveys_survey_changelist": "/surveys/surveyversion/"}.get(name)
    is_open = request.path.startswith(path) or bool(also and also in request.path)
    return {"title": title, "icon": icon, "link": path, "active": is_open}
