"""The managers' topics: the tree, the words that find each, and what can be done to one."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from feedback import cue_suggestions, topic_use, topic_work, topics
from feedback.admin import topic_acts, topic_trying
from feedback.admin.topic_form import TopicForm
from feedback.models import CommentTopic, Topic
from ground import audit, job_cards
from ground.admin import ScopedAdmin, scope_for
from ground.models import Role, User
from ground.text import is_key
from surveys.forms import LANGUAGES

LIST = "admin:feedback_topic_changelist"


@admin.register(Topic)
class TopicAdmin(ScopedAdmin):
    notes_itself = True
    least_view = least_change = Role.MANAGER
    may_add = True
    form = TopicForm
    compressed_fields = False
    lead = _("What comments are about. The cue words of a topic find it in a text; people can correct it.")
    first_step = _("A topic begins with a name and a few cue words.")
    list_display = ["name_shown", "month", "quarter", "last_used", "cue_count", "state"]
    list_filter = ["is_active"]
    sortable_by: list[str] = []
    actions = None
    list_before_template = "admin/feedback/topic/above_list.html"
    change_form_outer_before_template = "admin/feedback/topic/above.html"
    change_form_after_template = "admin/feedback/topic/trying.html"
    change_form_outer_after_template = "admin/feedback/topic/acts.html"
    fieldsets = [
        (None, {"fields": [("name_ru", "name_en"), ("parent", "position"), "code"]}),
        (_("What belongs to it"), {"fields": [("description_ru", "description_en"), ("cues_ru", "cues_en")]}),
        (_("Where it is read"), {"fields": [("teams", "surveys")], "classes": ["limits"]}),
    ]

    class Media:
        css = {"all": ["admin_otklik/topics.css"]}
        js = ["admin_otklik/topics.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        newest = CommentTopic.objects.filter(topic=OuterRef("pk")).order_by("-comment_id")
        rows = super().get_queryset(request).select_related("parent", "merged_into")
        return rows.annotate(newest=Subquery(newest.values("comment__said_at")[:1]))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """The order of the tree: each topic followed by those that belong to it."""
        above = [Coalesce("parent__position", "position"), Coalesce("parent__code", "code")]
        return [*above, F("parent").asc(nulls_first=True), "position", "code"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        used = topic_use.counts()
        for topic in found.result_list:
            topic.used = used.get(topic.pk, {})
        found.ahead = sum(topic.is_active and topic.is_ahead for topic in found.result_list)
        return found

    @display(description=_("name"))
    def name_shown(self, topic: Topic) -> str:
        return format_html('<span class="{}">{}</span>', "below" if topic.parent_id else "top", topic)

    @display(description=_("28 days"))
    def month(self, topic: Topic) -> str:
        return self._counted(topic, "28d")

    @display(description=_("90 days"))
    def quarter(self, topic: Topic) -> str:
        return self._counted(topic, "90d")

    def _counted(self, topic: Topic, period: str) -> str:
        number = topic.used.get(period, 0)  # type: ignore[attr-defined]
        page = f"{reverse('admin:feedback_comment_changelist')}?topic={topic.code}&period={period}"
        return format_html('<a class="underline" href="{}">{}</a>', page, number_format(number)) if number else "—"

    @display(description=_("last found"))
    def last_used(self, topic: Topic) -> str:
        # Of one that was not found for long, the comment that came in last: said a day earlier, it makes no difference.
        at = topic.used.get("last") or topic.newest  # type: ignore[attr-defined]
        return date_format(timezone.localtime(at), "DATE_FORMAT") if at else "—"

    @display(description=_("cue words"))
    def cue_count(self, topic: Topic) -> int:
        return sum(len(cues) for cues in topic.cues.values())

    @display(description=_("state"))
    def state(self, topic: Topic) -> Any:
        if topic.merged_into:
            return format_html("{}", _("merged into %s") % topic.merged_into)
        if not topic.is_active:
            return _("archived")
        return _("not applied to the past yet") if topic.is_ahead else _("in use")

    def get_urls(self) -> list[Any]:
        """The pages of all topics stand before those of one."""

        def at(route: str, view: Callable[..., HttpResponse], name: str) -> Any:
            return path(route, self.admin_site.admin_view(partial(view, page=self)), name=f"feedback_topic_{name}")

        own = [at("try/", topic_trying.show, "try_new"), at("<int:pk>/try/", topic_trying.show, "try"),
               at("apply/", topic_acts.apply, "apply"), at("file/", topic_acts.file, "file")]  # fmt: skip
        own += [at(f"<int:pk>/{name}/", topic_acts.one(act), name) for name, act in topic_acts.ACTS.items()]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if "job" in request.GET:  # the theme's list would take it for a filter of its own
            request.shown_job = request.GET["job"]  # type: ignore[attr-defined]
            request.GET = request.GET.copy()
            del request.GET["job"]
        return super().changelist_view(request, (extra_context or {}) | self.shown_job(request, reverse(LIST)))

    def shown_job(self, request: HttpRequest, back: str) -> dict[str, Any]:
        """The card of the job that the address names, when its reader may know of it."""
        key = getattr(request, "shown_job", request.GET.get("job", ""))
        if not is_key(key):
            return {}
        job = job_cards.theirs(cast(User, request.user), scope_for(request)).filter(pk=key).first()
        return {"card": job_cards.card(job), "back": back} if job else {}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST":
            request.POST = topic_trying.with_suggested(request.POST)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        topic: Topic | None = kwargs.get("obj")
        if "_try" in request.POST or "_add" in request.POST:
            context["tried"] = render_to_string(
                topic_trying.TEMPLATE, topic_trying.told(request.POST, topic), request
            )  # fmt: skip
        if topic is not None:
            back = reverse("admin:feedback_topic_change", args=[topic.pk])
            context |= self.shown_job(request, back) | {
                "suggestions": cue_suggestions.of(topic),
                "others": Topic.objects.filter(is_active=True).exclude(pk=topic.pk),
                "has_below": topic.children.exists(),
                "languages": list(LANGUAGES.items()),
                "is_applied": topic_work.applying(topic) is not None,
                "is_shipped": topics.is_as_shipped(topic),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        """What changes where the topic is found leaves the past behind."""
        was_shipped = change and topics.is_as_shipped(Topic.objects.get(pk=obj.pk))
        is_other = was_shipped != topics.is_as_shipped(obj)
        if not change or is_other or {"cues_ru", "cues_en", "teams", "surveys"} & set(form.changed_data):
            obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        person = cast(User, request.user)
        audit.note("topic.changed" if change else "topic.added", by=person, subject=obj, fields=form.changed_data)
        if change and "parent" in form.changed_data:
            topic_work.recount(obj, by=person)

    def response_change(self, request: HttpRequest, obj: Topic) -> HttpResponse:
        reply = super().response_change(request, obj)
        if obj.is_active and obj.is_ahead:
            page = f"{reverse('admin:feedback_topic_apply')}?topic={obj.pk}"
            told = _('The change holds for comments from now on. <a href="{}">Apply it to the past…</a>')
            messages.info(request, format_html(told, page))
        return reply
