"""Comments and responses as lists to read, each with its story."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from feedback import filters, reading, search, seeking
from feedback import topics as taxonomy
from feedback.admin import (
    acting,
    baring,
    beside,
    bulk,
    checking,
    correcting,
    exporting,
    idea_acts,
    keeping,
    listing,
    phrases,
    review,
    rows,
    story,
    timeline,
    told,
    trying,
    walk,
    wholly,
)
from feedback.admin.marks import evidence, segments
from feedback.models import Comment, CommentClass, CommentTag, CommentTopic, Label, Response
from feedback.models.comments import CONSTRUCTIVE_SURE, DOUBTFUL, TONE_SURE
from ground.access import get_visible
from ground.admin import ScopedAdmin, scope_for
from ground.models import Role, User
from ground.text import is_key
from surveys.models import Customer

# What a row shows; another column would be fetched row by row.
OF_WHOM = ("customer__name", "customer__external_id", "agent__name", "agent__external_id", "team__name")
OF_TEXT = (
    "text", "source", "origin", "stars", "said_at", "channel", "classified_at", "language", "tone", "constructive",
    "constructive_confidence", "derived_class", "done_at", "done_by__name", "done_by__email", "checked_at",
    "checked_by__name", "checked_by__email",
)  # fmt: skip
OF_ANSWER = ("response__score", "response__scale", "response__evidence", "response__wants_contact")
# So many comments that wait for the machine are worth telling, and no more are counted.
FEW_UNREAD, MOST_UNREAD = 100, 100_000


def comments(reader: User) -> QuerySet[Comment]:
    """Comments with what their rows show beside what `told` loads; `is_read` tells of this reader."""
    rows = Comment.objects.select_related("customer", "agent", "team", "response", "done_by", "checked_by")
    return rows.annotate(is_read=filters.was_read(reader)).only(*OF_TEXT, *OF_WHOM, *OF_ANSWER)


def responses() -> QuerySet[Response]:
    """Responses with what their rows show beside what `told` loads."""
    texts = Comment.objects.select_related("done_by", "checked_by").only("response", "question", "team", *OF_TEXT)
    return Response.objects.select_related("customer", "agent", "team", "survey").prefetch_related(
        Prefetch("comments", texts)
    )


def whole_comments() -> QuerySet[Comment]:
    """Comments with all that their pages tell of them."""
    return (
        Comment.objects.select_related("customer", "agent", "team", "response", "done_by", "checked_by")
        .defer("lemmas")
        .prefetch_related(
            Prefetch("topics", CommentTopic.objects.select_related("topic")),
            Prefetch("labels", Label.objects.select_related("topic", "author")),
            Prefetch("tags", CommentTag.objects.select_related("tag").order_by("tag__name")),
        )
    )


def reader_of(request: HttpRequest) -> User:
    """The person at the desk; the log-in stands before every page of it."""
    return cast(User, request.user)


def comment_rows(
    request: HttpRequest, loaded: Sequence[Comment], *, now: dt.datetime, wanted: Sequence[search.Term] = ()
) -> list[rows.Row]:
    """Rows of the comment list, with how far the desk is with them and the hits of a search."""
    scope, found = scope_for(request), told.of([(comment, comment.response) for comment in loaded])
    return [
        rows.comment_row(
            comment, said, now=now, wanted=wanted,
            state=rows.work(comment, said, scope=scope, is_read=comment.is_read),  # type: ignore[attr-defined]
        )
        for comment, said in zip(loaded, found, strict=True)
    ]  # fmt: skip


def response_rows(loaded: Sequence[Response], *, now: dt.datetime) -> list[rows.Row]:
    found = told.of([(response.comment, response) for response in loaded])
    return [rows.response_row(response, said, now=now) for response, said in zip(loaded, found, strict=True)]


class ReadingAdmin(ScopedAdmin):
    """Rows that are read, not edited; another team's look like rows that do not exist."""

    team_path = "team"
    own_path = filters.OWN

    def read(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media}
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, template, frame | context)

    def visible_row(self, request: HttpRequest, found: QuerySet[Any], key: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not is_key(key):
            raise Http404
        return get_visible(found, scope_for(request), pk=key, own=filters.OWN)

    def story(
        self, request: HttpRequest, *, row: Any, comment: Comment | None, response: Response | None
    ) -> HttpResponse:
        scope, reader = scope_for(request), reader_of(request)
        (said,) = told.of([(comment, response)])
        private = baring.private(request, row, comment, may_ask=partial(self.may_ask, request))
        context = {
            "title": str(row),
            "original": row,
            "customer_page": self.customer_page(request, row.customer),
            "comment": comment,
            "row": rows.comment_row(comment, said, now=timezone.now()) if comment else
                   rows.response_row(row, said, now=timezone.now()),
            "private": private,
            "text": segments(comment.text, evidence(comment, said), bare=private.is_bare) if comment else [],
            "answers": wholly.answers(response),
            "others": wholly.others(response, comment),
            "verdicts": verdicts(comment, said) if comment else [],
            "steps": story.steps(comment=comment, response=response),
            "statements": story.statements(comment, comment.labels.all(), is_bare=private.is_bare) if comment else [],
            "phrases": phrases.elsewhere(comment, said, scope) if comment else [],
            "idea_of": idea_acts.of_comment(comment, scope) if comment else None,
            "beside": beside.beside(row, comment, scope=scope, reader=reader),
            "counting": {verb: reverse(f"admin:feedback_{self.opts.model_name}_{verb}", args=[row.pk])
                         for verb in beside.COUNTING},
            "moments": timeline.newest(row.customer, scope=scope, at_hand=row) if row.customer else [],
            "link": settings.BASE_URL + reverse(f"admin:feedback_{self.opts.model_name}_change", args=[row.pk]),
            "walk": self.way(request, row),
            "typed": request.POST,
        }  # fmt: skip
        if comment and scope.allows(comment.team_id, least=Role.MANAGER):
            context["correct"] = correcting.offers(comment, rows.work(comment, said, scope=scope, is_read=True))
        return self.read(request, "admin/feedback/story.html", context)

    def way(self, request: HttpRequest, row: Any) -> walk.Walk | None:
        """The way to the neighbours of this row and back to its list."""
        return None

    def page_after(self, request: HttpRequest, reply: acting.Reply) -> HttpResponse:
        """The row's page after an act; after one that was refused, with what was typed."""
        (messages.success if reply.status == 200 else messages.error)(request, reply.said)
        if reply.status == 200:
            page = reverse(f"admin:feedback_{self.opts.model_name}_change", args=[reply.pk])
            return redirect(f"{page}?{walk.parameter(request.POST.get(walk.PARAMETER, ''))}".rstrip("?"))
        shown = self.change_view(request, str(reply.pk))
        shown.status_code = reply.status
        return shown

    def may_ask(self, request: HttpRequest, customer: Customer) -> bool:
        """Whether the reader may ask for the customer's contact."""
        return self.admin_site.get_model_admin(Customer).may_see_contact(request, customer)

    def customer_page(self, request: HttpRequest, customer: Customer | None) -> bool:
        """Whether the reader may open the customer's page."""
        page = self.admin_site.get_model_admin(Customer)
        return customer is not None and page.get_queryset(request).filter(pk=customer.pk).exists()


def verdicts(comment: Comment, said: told.Told) -> list[tuple[Any, list[rows.Chip]]]:
    """What the text says by scheme, each value a chip with its confidence."""
    holding = said.holding
    tone = rows.Chip(text=comment.get_tone_display() or _("not sure"), look=rows.CLASS_LOOK.get(comment.tone, "neu"),
                     hollow=comment.tone_confidence < TONE_SURE, confidence=comment.tone_confidence,
                     author=rows.author_of(holding.get((Label.Scheme.TONE, None))))  # fmt: skip
    asks = rows.Chip(text=_request(comment), look="con" if comment.constructive else "tpc",
                     hollow=comment.constructive_confidence < DOUBTFUL, confidence=comment.constructive_confidence,
                     author=rows.author_of(holding.get((Label.Scheme.CONSTRUCTIVE, None))))  # fmt: skip
    language = holding.get((Label.Scheme.LANGUAGE, None))
    found: list[tuple[Any, list[rows.Chip]]] = [(_("Class"), [rows.class_chip(comment, holding)])]
    if comment.classified_at:
        found += [(_("Tone"), [tone]), (_("Suggestion"), [asks])]
        found.append((_("Topics"), rows.topic_chips(said) or [rows.Chip(text=_("none found"), hollow=True)]))
    if language:
        found.append((_("Language"), [rows.Chip(text=story.value_name(language), look="tpc")]))
    return found


def _request(comment: Comment) -> str:
    """Whether something is asked for: "not sure" of a language that is not read, with a question mark in doubt."""
    if comment.constructive_confidence < CONSTRUCTIVE_SURE:
        return _("not sure")
    said = _("yes") if comment.constructive else _("no")
    return said if comment.constructive_confidence >= DOUBTFUL else f"{said} ?"


def being_read(request: HttpRequest) -> str:
    """How many comments wait for the machine, for whoever may see all of them: after an import the list says how far it
    is with them."""
    if not scope_for(request).covers_all():
        return ""
    waiting = Comment.objects.waiting().filter(quarantined_at=None).order_by()
    count = waiting[:MOST_UNREAD].count()
    if count < FEW_UNREAD:
        return ""
    said = ngettext(
        "%s comment waits for the machine to read it.", "%s comments wait for the machine to read them.", count
    )
    return said % number_format(count)


@admin.register(Comment)
class CommentAdmin(ReadingAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = filters.read(request.GET, scope_for(request), names=filters.COMMENT_FILTERS)
        way = seeking.comments(chosen, reader=reader_of(request), scope=scope_for(request))
        context = listing.context(
            request, listing.Sought(way, shown=comments(reader_of(request)), moment="said_at"), chosen=chosen,
            to_rows=partial(comment_rows, request, wanted=search.terms(chosen.query)),
            counted=lambda count: ngettext("%d comment", "%d comments", count) % count,
        )  # fmt: skip
        views = [("", _("All"), ""), *((value, label, rows.CLASS_LOOK.get(value, "neu"))
                                       for value, label in CommentClass.choices)]  # fmt: skip
        context["views"] = [
            {"label": label, "look": look, "address": chosen.address(**{"class": value}),
             "is_open": chosen.get("class") == value}
            for value, label, look in views
        ]  # fmt: skip
        context |= {"title": _("Comments"), "is_comments": True, "walk": walk.parameter(chosen.address()[1:]),
                    "being_read": being_read(request)}  # fmt: skip
        if any(row.work.may_change for _day, group in context["days"] for row in group):
            context["topics"] = taxonomy.offered()
            context["bulk"] = bulk.offers(request, topics=context["topics"])
        context |= bulk.shown_job(request) | exporting.offer(request, self, chosen) | keeping.shown(request, chosen)
        return self.read(request, "admin/feedback/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        comment = self.visible_row(request, whole_comments(), object_id)
        reading.mark_read(comment, reader=reader_of(request))
        return self.story(request, row=comment, comment=comment, response=comment.response)

    def get_urls(self) -> list[Any]:
        acts = correcting.ACTS | beside.ACTS | {"idea": idea_acts.place}
        own = acting.addresses(self.admin_site, Comment, acts, show=self.answer)
        own += [*bulk.addresses(self.admin_site), *exporting.addresses(self, "comments")]
        own += keeping.addresses(self.admin_site)
        own += baring.addresses(self.admin_site)
        own += checking.addresses(self.admin_site, read=self.read)
        return own + super().get_urls()

    def way(self, request: HttpRequest, row: Comment) -> walk.Walk:
        query = request.POST.get(walk.PARAMETER, request.GET.get(walk.PARAMETER, ""))
        return walk.along(row, query, reader=reader_of(request), scope=scope_for(request))

    def answer(self, request: HttpRequest, reply: acting.Reply) -> HttpResponse:
        """The comment as it is after an act: its row for a script, else its page."""
        if request.accepts("text/html"):
            return self.page_after(request, reply)
        comment = get_visible(comments(reader_of(request)), scope_for(request), pk=reply.pk, own=filters.OWN)
        (row,) = comment_rows(request, [comment], now=timezone.now())
        html = render_to_string("admin/feedback/row.html", {"row": row, "at": reverse(keeping.LIST)}, request)
        return JsonResponse({"said": reply.said, "row": html}, status=reply.status)


@admin.register(Response)
class ResponseAdmin(ReadingAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = filters.read(request.GET, scope_for(request), names=filters.RESPONSE_FILTERS)
        way = seeking.responses(chosen, scope=scope_for(request))
        context = listing.context(
            request, listing.Sought(way, shown=responses(), moment="answered_at"), chosen=chosen,
            to_rows=response_rows,
            counted=lambda count: ngettext("%d response", "%d responses", count) % count,
        )  # fmt: skip
        context |= {"title": _("Responses")} | exporting.offer(request, self, chosen)
        return self.read(request, "admin/feedback/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = Response.objects.select_related("customer", "agent", "team", "survey")
        found = found.prefetch_related(Prefetch("comments", whole_comments()))
        response = self.visible_row(request, found, object_id)
        return self.story(request, row=response, comment=response.comment, response=response)

    def get_urls(self) -> list[Any]:
        own = acting.addresses(self.admin_site, Response, beside.COUNTING, show=self.page_after)
        own += trying.addresses(self.admin_site)
        own += review.addresses(self.admin_site)
        return own + exporting.addresses(self, "responses") + super().get_urls()
