"""Comments and responses as lists to read, each with its story; topics as forms."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from feedback.admin import filters, listing, rows, story
from feedback.admin.forms import TopicForm
from feedback.admin.marks import effective, evidence, segments
from feedback.models import Comment, CommentClass, CommentTopic, Label, Response, Topic
from ground.access import get_visible
from ground.admin import ScopedAdmin, scope_for
from ground.models import Role
from surveys.models import Customer

COMMENT_FILTERS = ("class", "topic", "team", "channel", "source", "survey", "score", "evidence", "tone")
RESPONSE_FILTERS = ("team", "channel", "survey", "scale", "score", "evidence")


def comments() -> QuerySet[Comment]:
    """Comments with everything that a row shows, in a fixed number of queries."""
    return (
        Comment.objects.with_class()
        .select_related("customer", "agent", "team", "response")
        .prefetch_related(
            Prefetch("topics", CommentTopic.objects.select_related("topic")),
            Prefetch("labels", Label.objects.select_related("topic", "author")),
        )
    )


def responses() -> QuerySet[Response]:
    return Response.objects.select_related("customer", "agent", "team", "survey").prefetch_related(
        Prefetch("comment", comments())
    )


class ReadingAdmin(ScopedAdmin):
    """Rows that are read, not edited; another team's look like rows that do not exist."""

    team_path = "team"

    def read(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media}
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, template, frame | context)

    def visible_row(self, request: HttpRequest, found: QuerySet[Any], key: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            raise Http404
        return get_visible(found, scope_for(request), pk=key)

    def story(
        self, request: HttpRequest, *, row: Any, comment: Comment | None, response: Response | None
    ) -> HttpResponse:
        told = list(comment.labels.all()) if comment else []
        context = {
            "title": str(row),
            "original": row,
            "customer_page": self.customer_page(request, row.customer),
            "comment": comment,
            "row": rows.comment_row(comment, now=timezone.now()) if comment else
                   rows.response_row(response, now=timezone.now()),
            "text": segments(comment.text, evidence(comment)) if comment else [],
            "verdicts": verdicts(comment) if comment else [],
            "steps": story.steps(comment=comment, response=response),
            "statements": story.statements(comment, told) if comment else [],
        }  # fmt: skip
        return self.read(request, "admin/feedback/story.html", context)

    def customer_page(self, request: HttpRequest, customer: Customer | None) -> bool:
        """Whether the reader may open the customer's page."""
        page = self.admin_site.get_model_admin(Customer)
        return customer is not None and page.get_queryset(request).filter(pk=customer.pk).exists()


def verdicts(comment: Comment) -> list[tuple[Any, list[rows.Chip]]]:
    """What the text says by scheme, each value a chip with its confidence."""
    holding = effective(comment.labels.all())
    tone = rows.Chip(text=comment.get_tone_display() or _("not sure"), look=rows.CLASS_LOOK.get(comment.tone, "neu"),
                     hollow=rows.class_chip(comment).hollow, confidence=comment.tone_confidence)  # fmt: skip
    asks = rows.Chip(text=_("yes") if comment.constructive else _("no"), look="con" if comment.constructive else "tpc",
                     confidence=comment.constructive_confidence)  # fmt: skip
    language = holding.get((Label.Scheme.LANGUAGE, None))
    found: list[tuple[Any, list[rows.Chip]]] = [(_("Class"), [rows.class_chip(comment)])]
    if comment.classified_at:
        found += [(_("Tone"), [tone]), (_("Suggestion"), [asks])]
        found.append((_("Topics"), rows.topic_chips(comment) or [rows.Chip(text=_("none found"), hollow=True)]))
    if language:
        found.append((_("Language"), [rows.Chip(text=story.value_name(language), look="tpc")]))
    return found


@admin.register(Comment)
class CommentAdmin(ReadingAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = filters.read(request.GET, scope_for(request), names=COMMENT_FILTERS)
        found = comments().filter(scope_for(request).rows(), filters.of_comments(chosen))
        context = listing.context(
            request, found, chosen=chosen, moment="said_at", to_row=rows.comment_row,
            counted=lambda count: ngettext("%d comment", "%d comments", count) % count,
        )  # fmt: skip
        views = [("", _("All"), ""), *((value, label, rows.CLASS_LOOK.get(value, "neu"))
                                       for value, label in CommentClass.choices)]  # fmt: skip
        context["views"] = [
            {"label": label, "look": look, "address": chosen.address(**{"class": value}),
             "is_open": chosen.get("class") == value}
            for value, label, look in views
        ]  # fmt: skip
        return self.read(request, "admin/feedback/list.html", context | {"title": _("Comments"), "is_comments": True})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        comment = self.visible_row(request, comments(), object_id)
        return self.story(request, row=comment, comment=comment, response=comment.response)


@admin.register(Response)
class ResponseAdmin(ReadingAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = filters.read(request.GET, scope_for(request), names=RESPONSE_FILTERS)
        found = responses().filter(scope_for(request).rows(), filters.of_responses(chosen))
        context = listing.context(
            request, found, chosen=chosen, moment="answered_at", to_row=rows.response_row,
            counted=lambda count: ngettext("%d response", "%d responses", count) % count,
        )  # fmt: skip
        return self.read(request, "admin/feedback/list.html", context | {"title": _("Responses")})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = self.visible_row(request, responses(), object_id)
        return self.story(request, row=response, comment=getattr(response, "comment", None), response=response)


@admin.register(Topic)
class TopicAdmin(ScopedAdmin):
    least_view = least_change = Role.MANAGER
    may_add = True
    form = TopicForm
    compressed_fields = False
    list_display = ["name_shown", "code", "cue_count", "position", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code"]
    fieldsets = [
        (None, {"fields": [("name_ru", "name_en"), ("code", "position"), "is_active"]}),
        (_("What belongs to it"), {"fields": [("description_ru", "description_en"), ("cues_ru", "cues_en")]}),
    ]

    @display(description=_("name"))
    def name_shown(self, topic: Topic) -> str:
        return str(topic)

    @display(description=_("cue words"))
    def cue_count(self, topic: Topic) -> int:
        return sum(len(cues) for cues in topic.cues.values())
