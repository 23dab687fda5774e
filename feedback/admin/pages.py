"""Comments and responses as lists to read, each with its story; topics as forms."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from feedback import filters, reading, search
from feedback.admin import correcting, listing, rows, story
from feedback.admin.forms import TopicForm
from feedback.admin.marks import evidence, segments
from feedback.labels import effective
from feedback.models import Comment, CommentClass, CommentTopic, Label, Response, Topic
from ground.access import get_visible
from ground.admin import ScopedAdmin, scope_for
from ground.models import Role, User
from surveys.models import Customer

RESPONSE_FILTERS = ("team", "channel", "survey", "scale", "score", "evidence")


def comments(reader: User) -> QuerySet[Comment]:
    """Comments with everything that a row shows, in a fixed number of queries; `is_read` tells of this reader."""
    return (
        Comment.objects.with_class()
        .annotate(is_read=filters.was_read(reader))
        .select_related("customer", "agent", "team", "response", "done_by")
        .prefetch_related(
            Prefetch("topics", CommentTopic.objects.select_related("topic")),
            Prefetch("labels", Label.objects.select_related("topic", "author")),
        )
    )


def responses(reader: User) -> QuerySet[Response]:
    return Response.objects.select_related("customer", "agent", "team", "survey").prefetch_related(
        Prefetch("comment", comments(reader))
    )


def reader_of(request: HttpRequest) -> User:
    """The person at the desk; the log-in stands before every page of it."""
    return cast(User, request.user)


def comment_row(
    request: HttpRequest, comment: Comment, *, now: dt.datetime, wanted: Sequence[search.Term] = ()
) -> rows.Row:
    """The row of the comment list, with how far the desk is with it and the hits of a search."""
    state = rows.work(comment, scope=scope_for(request), is_read=comment.is_read)  # type: ignore[attr-defined]
    return rows.comment_row(comment, now=now, state=state, wanted=wanted)


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
        if comment and scope_for(request).allows(comment.team_id, least=Role.MANAGER):
            context["correct"] = correcting.offers(comment, rows.work(comment, scope=scope_for(request), is_read=True))
        return self.read(request, "admin/feedback/story.html", context)

    def customer_page(self, request: HttpRequest, customer: Customer | None) -> bool:
        """Whether the reader may open the customer's page."""
        page = self.admin_site.get_model_admin(Customer)
        return customer is not None and page.get_queryset(request).filter(pk=customer.pk).exists()


def verdicts(comment: Comment) -> list[tuple[Any, list[rows.Chip]]]:
    """What the text says by scheme, each value a chip with its confidence."""
    holding = effective(comment.labels.all())
    tone = rows.Chip(text=comment.get_tone_display() or _("not sure"), look=rows.CLASS_LOOK.get(comment.tone, "neu"),
                     hollow=rows.class_chip(comment).hollow, confidence=comment.tone_confidence,
                     by_person=rows.by_person(holding.get((Label.Scheme.TONE, None))))  # fmt: skip
    asks = rows.Chip(text=_("yes") if comment.constructive else _("no"), look="con" if comment.constructive else "tpc",
                     confidence=comment.constructive_confidence,
                     by_person=rows.by_person(holding.get((Label.Scheme.CONSTRUCTIVE, None))))  # fmt: skip
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
        chosen = filters.read(request.GET, scope_for(request), names=filters.COMMENT_FILTERS)
        condition = filters.of_comments(chosen, reader=reader_of(request))
        found = comments(reader_of(request)).filter(scope_for(request).rows(), condition)
        to_count, wanted = found, search.terms(chosen.query)
        if chosen.query:
            to_count = search.matching(found, chosen.query)
            found = search.matching(found, chosen.query, newest_first=True)
        context = listing.context(
            request, found, chosen=chosen, moment="said_at", to_row=partial(comment_row, request, wanted=wanted),
            to_count=to_count,
            counted=lambda count: ngettext("%d comment", "%d comments", count) % count,
        )  # fmt: skip
        views = [("", _("All"), ""), *((value, label, rows.CLASS_LOOK.get(value, "neu"))
                                       for value, label in CommentClass.choices)]  # fmt: skip
        context["views"] = [
            {"label": label, "look": look, "address": chosen.address(**{"class": value}),
             "is_open": chosen.get("class") == value}
            for value, label, look in views
        ]  # fmt: skip
        context |= {"title": _("Comments"), "is_comments": True}
        if any(row.work.may_change for _day, group in context["days"] for row in group):
            context["topics"] = Topic.objects.filter(is_active=True)
        return self.read(request, "admin/feedback/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        comment = self.visible_row(request, comments(reader_of(request)), object_id)
        reading.mark_read(comment, reader=reader_of(request))
        return self.story(request, row=comment, comment=comment, response=comment.response)

    def get_urls(self) -> list[Any]:
        return correcting.addresses(self.admin_site, show=self.answer) + super().get_urls()

    def answer(self, request: HttpRequest, reply: correcting.Reply) -> HttpResponse:
        """The comment as it is after an act: its row for a script, else its page."""
        if request.accepts("text/html"):
            (messages.error if reply.overtaken else messages.success)(request, reply.said)
            if not reply.overtaken:
                return redirect("admin:feedback_comment_change", reply.pk)
            page = self.change_view(request, str(reply.pk))
            page.status_code = reply.status
            return page
        comment = get_visible(comments(reader_of(request)), scope_for(request), pk=reply.pk)
        row = comment_row(request, comment, now=timezone.now())
        html = render_to_string("admin/feedback/row.html", {"row": row, "is_comments": True}, request)
        return JsonResponse({"said": reply.said, "row": html}, status=reply.status)


@admin.register(Response)
class ResponseAdmin(ReadingAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = filters.read(request.GET, scope_for(request), names=RESPONSE_FILTERS)
        found = responses(reader_of(request)).filter(scope_for(request).rows(), filters.of_responses(chosen))
        context = listing.context(
            request, found, chosen=chosen, moment="answered_at", to_row=rows.response_row,
            counted=lambda count: ngettext("%d response", "%d responses", count) % count,
        )  # fmt: skip
        return self.read(request, "admin/feedback/list.html", context | {"title": _("Responses")})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = self.visible_row(request, responses(reader_of(request)), object_id)
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
