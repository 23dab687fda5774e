"""How the admin looks and what its sidebar offers, arranged by task and shown by role."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
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
    "STYLES": [
        lambda request: static("admin_otklik/desk.css"),
        lambda request: static("admin_otklik/reading.css"),
        lambda request: static("admin_otklik/pages.css"),
        lambda request: static("admin_otklik/notifications.css"),
        lambda request: static("admin_otklik/bulk.css"),
        lambda request: static("admin_otklik/imports.css"),
        lambda request: static("admin_otklik/mail.css"),
        lambda request: static("admin_otklik/asking.css"),
        lambda request: static("admin_otklik/ways.css"),
    ],
    "SCRIPTS": [lambda request: static("admin_otklik/desk.js")],
    "COLORS": {"primary": {"500": "#c583ff", "600": "#8b0ae6", "700": "#7609c4"}},
    "SIDEBAR": {"navigation": "config.sidebar.navigation"},
}
ICONS = {"built-in": "filter_list", "own": "bookmark", "shared": "bookmarks"}
# Pages of their own whose address begins like another's.
NESTED = {
    "analytics:service": ["analytics:by_service"],
    "admin:feedback_comment_changelist": ["admin:feedback_comment_checking"],
    "admin:surveys_decision_changelist": ["admin:surveys_decision_ledger", "admin:surveys_decision_counted"],
    "admin:surveys_invitation_changelist": ["admin:surveys_invitation_unsettled"],
    "admin:surveys_interaction_changelist": ["admin:surveys_interaction_import"],
    "admin:feedback_response_changelist": ["admin:feedback_response_review"],
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of links that this person may follow; a group without any is left out."""
    from config import queues
    from ground.access import RANK
    from ground.admin import scope_for
    from ground.models import Role

    scope = scope_for(request)
    held = [role for role in [scope.whole, *(role for _team, role in scope.teams)] if role]
    if not held:
        return []
    leads = max(RANK[Role(role)] for role in held) >= RANK[Role.MANAGER]
    administers = scope.covers_all(least=Role.ADMINISTRATOR)
    offered = pages(
        oversees=scope.oversees,
        has_own=scope.has_own,
        leads=leads,
        leads_all=scope.covers_all(least=Role.MANAGER),
        administers=administers,
    )
    found = queues.to_settle(scope, by_administrator=administers) if leads else queues.ToSettle()
    counts = found.counts.items()
    waiting = {name: f"{count}+" if count >= queues.MOST else str(count) for name, count in counts if count}
    # For the banner on every page; read along here, it costs no query of its own.
    request.halted = {"since": found.halted_at, "may_resume": administers} if found.halted_at else None  # type: ignore[attr-defined]
    groups = [
        {"title": title, "separator": False, "items": items}
        for title, links in offered
        if (items := [item(request, *link[:3], waiting) for link in links if link[3] and address(link[2])])
    ]
    return with_views(request, groups)


def with_views(request: HttpRequest, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups, with the reader's views under the comments that they narrow."""
    from feedback.admin import keeping

    comments = address(keeping.LIST)
    for group in groups:
        place = next((at for at, entry in enumerate(group["items"], 1) if entry["link"] == comments), None)
        if place:
            found = keeping.links(request)
            group["items"][place - 1]["active"] &= not any(link.is_open for link in found)
            group["items"][place:place] = [
                {"title": link.view.name, "icon": ICONS[link.view.kind], "link": link.address, "active": link.is_open,
                 "waiting": link.count, "inside": True}
                for link in found
            ]  # fmt: skip
    return groups


def pages(
    *, oversees: bool, has_own: bool, leads: bool, leads_all: bool, administers: bool
) -> list[tuple[Any, list[tuple[Any, str, str, bool]]]]:
    """Every link by group: its title, icon, address name, and whether somebody with these rights may follow it."""
    return [
        (_("Overview"), overview(oversees=oversees, leads=leads)),
        (_("Service"), serving(oversees=oversees, has_own=has_own)),
        (_("Reading"), [
            (_("Comments"), "forum", "admin:feedback_comment_changelist", True),
            (_("Ideas"), "lightbulb", "admin:feedback_idea_changelist", True),
            (_("New themes"), "trending_up", "admin:feedback_theme_changelist", oversees),
            (_("Responses"), "star_half", "admin:feedback_response_changelist", True),
            (_("Labels to check"), "checklist", "admin:feedback_comment_checking", oversees),
            (_("Answers to check"), "fact_check", "admin:feedback_response_review", oversees),
        ]),
        (_("Asking"), asking(oversees=oversees, leads=leads, leads_all=leads_all)),
        (_("Customers and colleagues"), [
            (_("interactions"), "support_agent", "admin:surveys_interaction_changelist", True),
            (_("customers"), "person", "admin:surveys_customer_changelist", True),
            (_("agents"), "headset_mic", "admin:surveys_agent_changelist", True),
            (_("teams"), "groups", "admin:ground_team_changelist", oversees),
            (_("Import"), "upload_file", "admin:surveys_interaction_import", leads),
            (_("requests for erasure"), "person_remove", "admin:surveys_erasurerequest_changelist", leads_all),
            (_("One person’s data"), "person_search", "desk:person", administers),
            (_("people"), "badge", "admin:ground_user_changelist", administers),
        ]),
        (_("Settings"), settings(leads_all=leads_all, administers=administers)),
        (_("Under the hood"), [
            (_("Jobs"), "pending_actions", "desk:jobs", True),
            (_("Quarantine"), "report", "desk:quarantine", administers),
            (_("System state"), "monitor_heart", "desk:system", administers),
            (_("audit log"), "history", "admin:ground_auditentry_changelist", administers),
        ]),
    ]  # fmt: skip


def overview(*, oversees: bool, leads: bool) -> list[tuple[Any, str, str, bool]]:
    """The links of the group about how good it is and what to do."""
    return [
        (_("Indicators"), "monitoring", "analytics:dashboard", oversees),
        (_("Deviations"), "notification_important", "analytics:deviations", oversees),
        (_("What to fix first"), "build", "analytics:fix_first", oversees),
        (_("Topics"), "sell", "analytics:topics", oversees),
        (_("Survey results"), "ballot", "analytics:results", oversees),
        (_("Asked and answered"), "filter_alt", "analytics:funnel", oversees),
        (_("Quality"), "verified", "analytics:quality", leads),
    ]  # fmt: skip


def serving(*, oversees: bool, has_own: bool) -> list[tuple[Any, str, str, bool]]:
    """The links of the group about how customers are served."""
    return [
        (_("Service times"), "timelapse", "analytics:service", oversees),
        (_("Agents: scores"), "leaderboard", "analytics:agents", oversees),
        (_("My own numbers"), "person_check", "analytics:own_agent", has_own),
        (_("Repeat contacts"), "replay", "analytics:returns", oversees),
        (_("Complaints"), "report_problem", "analytics:complaints", oversees),
        (_("Staying and leaving"), "logout", "analytics:staying", oversees),
        (_("What waiting costs"), "hourglass_top", "analytics:by_service", oversees),
        (_("Load and staff"), "groups_3", "analytics:load", oversees),
    ]


def asking(*, oversees: bool, leads: bool, leads_all: bool) -> list[tuple[Any, str, str, bool]]:
    """The links of the group about asking."""
    return [
        (_("surveys"), "quiz", "admin:surveys_survey_changelist", leads_all),
        (_("sending rules"), "rule", "admin:surveys_sendingrule_changelist", leads_all),
        (_("links and QR codes"), "qr_code_2", "admin:surveys_link_changelist", oversees),
        (_("asking policy"), "policy", "admin:surveys_askingpolicy_changelist", leads_all),
        (_("Why asked, or not"), "help", "admin:surveys_decision_ledger", True),
        (_("Asked and not asked"), "bar_chart", "admin:surveys_decision_counted", oversees),
        (_("decisions"), "alt_route", "admin:surveys_decision_changelist", True),
        (_("invitations"), "outgoing_mail", "admin:surveys_invitation_changelist", True),
        (_("messages"), "mark_email_read", "admin:surveys_message_changelist", leads),
        (_("Uncertain mails"), "contact_support", "admin:surveys_invitation_unsettled", leads),
        (_("pauses"), "pause_circle", "admin:surveys_pause_changelist", leads_all),
        (_("suppressed addresses"), "unsubscribe", "admin:surveys_suppression_changelist", leads_all),
    ]  # fmt: skip


def settings(*, leads_all: bool, administers: bool) -> list[tuple[Any, str, str, bool]]:
    """The links of the group about how everything is set up."""
    return [
        (_("Notifications"), "notifications", "desk:notifications", True),
        (_("Mail check"), "mark_email_unread", "desk:mail_check", administers),
        (_("organisation"), "domain", "admin:ground_organisation_changelist", administers),
        (_("gateways"), "sms", "admin:surveys_gateway_changelist", leads_all),
        (_("working hours"), "calendar_clock", "admin:ground_calendar_changelist", leads_all),
        (_("service levels"), "timer", "admin:analytics_servicelevel_changelist", leads_all),
        (_("complaint rules"), "report", "admin:feedback_complaintrule_changelist", leads_all),
        (_("segments of customers"), "pie_chart", "admin:surveys_segment_changelist", leads_all),
        (_("topics"), "sell", "admin:feedback_topic_changelist", leads_all),
        (_("tags"), "label", "admin:feedback_tag_changelist", leads_all),
        (_("API keys"), "key", "admin:ground_apikey_changelist", administers),
    ]  # fmt: skip


def address(name: str) -> str | None:
    """The path of a page, or None when the room that has it is not installed."""
    from ground.addresses import address_of

    try:
        return address_of(name)
    except NoReverseMatch:
        return None


def item(request: HttpRequest, title: Any, icon: str, name: str, waiting: dict[str, str]) -> dict[str, Any]:
    path = address(name) or ""
    also = {"admin:surveys_survey_changelist": "/surveys/surveyversion/"}.get(name)
    inside = [other for other in (address(longer) for longer in NESTED.get(name, ())) if other]
    is_open = request.path.startswith(path) and not request.path.startswith(tuple(inside))
    is_open = is_open or bool(also and also in request.path)
    return {
        "title": capfirst(title), "icon": icon, "link": path, "active": is_open, "waiting": waiting.get(name, "")
    }  # fmt: skip
