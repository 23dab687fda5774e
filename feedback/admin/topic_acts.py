"""What can be done to topics beside editing them: merge, split, archive, and read the past for them."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from feedback import cue_hits, taxonomy, taxonomy_file, topic_work, topics
from feedback.admin.topic_trying import shown
from feedback.cue_hits import Wanted
from feedback.models import Comment, Topic
from ground.models import Job, User
from ground.text import clean_line, is_key
from surveys.forms import LANGUAGES

LIST = "admin:feedback_topic_changelist"
MOST_BYTES = 1024 * 1024
Act = Callable[[Topic, QueryDict, User], tuple[str, Job | None]]


def one(act: Act) -> Callable[..., HttpResponse]:
    """The address of an act on one topic: done or refused, its page says so."""

    @require_POST
    def view(request: HttpRequest, pk: int, *, page: Any) -> HttpResponse:
        topic = page.get_object(request, str(pk))
        if not page.has_change_permission(request, topic):
            raise PermissionDenied
        if topic is None:
            raise Http404
        try:
            said, job = act(topic, request.POST, cast(User, request.user))
        except taxonomy.Refused as error:
            messages.error(request, str(error))
            return redirect("admin:feedback_topic_change", pk)
        messages.success(request, said)
        address = reverse("admin:feedback_topic_change", args=[pk])
        return redirect(f"{address}?job={job.pk}" if job else address)

    return view


def _merge(topic: Topic, form: QueryDict, person: User) -> tuple[str, Job | None]:
    key = form.get("into", "")
    into = Topic.objects.filter(pk=key).first() if is_key(key) else None
    if into is None:
        raise taxonomy.Refused(_("Choose another topic that is in use."))
    job = taxonomy.merge(topic, into, by=person)
    return _("“%(topic)s” counts for “%(other)s” from now on.") % {"topic": topic, "other": into}, job


def _part(topic: Topic, form: QueryDict, person: User) -> tuple[str, Job | None]:
    return _("The topic stands by itself again."), taxonomy.part(topic, by=person)


def _split(topic: Topic, form: QueryDict, person: User) -> tuple[str, Job | None]:
    names = {language: clean_line(form.get(f"new_{language}", ""))[:100] for language in LANGUAGES}
    cues = {language: form.getlist(f"cue_{language}") for language in LANGUAGES}
    fresh, job = taxonomy.split(topic, names=names, cues=cues, by=person)
    return _("There is a new topic: “%s”. Older comments are read for both.") % fresh, job


def _archive(topic: Topic, form: QueryDict, person: User) -> tuple[str, Job | None]:
    taxonomy.archive(topic, by=person)
    return _("The topic is archived: comments keep it, and no other gets it."), None


def _restore(topic: Topic, form: QueryDict, person: User) -> tuple[str, Job | None]:
    taxonomy.restore(topic, by=person)
    return _("The topic is in use again."), None


ACTS: dict[str, Act] = {
    "merge": _merge, "part": _part, "split": _split, "archive": _archive, "restore": _restore,
}  # fmt: skip


def file(request: HttpRequest, *, page: Any) -> HttpResponse:
    """The tree as a file; POST takes one."""
    if not page.has_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        name = f"topics-{timezone.localdate():%Y-%m-%d}.json"
        return HttpResponse(
            taxonomy_file.written(), content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )  # fmt: skip
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > MOST_BYTES:
        messages.error(request, _("Choose a file of topics, of at most one megabyte."))
        return redirect(LIST)
    try:
        taken = taxonomy_file.take(sent.read(), by=cast(User, request.user))
    except taxonomy_file.Unusable as error:
        messages.error(request, str(error))
    else:
        said = _("Topics added: %(added)d, changed: %(changed)d.")
        messages.success(request, said % {"added": taken.added, "changed": taken.changed})
    return redirect(LIST)


def apply(request: HttpRequest, *, page: Any) -> HttpResponse:
    """What reading the past for one topic, or for all that have changed, comes to; POST begins it."""
    if not page.has_change_permission(request):
        raise PermissionDenied
    key = request.GET.get("topic", "")
    active = Topic.objects.filter(is_active=True)
    chosen = list(active.filter(pk=key)) if is_key(key) else [topic for topic in active if topic.is_ahead]
    back = (
        reverse("admin:feedback_topic_change", args=[key])
        if is_key(key)
        else reverse("admin:feedback_topic_changelist")
    )
    if not chosen:
        messages.info(request, _("Nothing has changed that older comments would have to be read for."))
        return redirect(LIST)
    if request.method == "POST":
        running = topic_work.applying(chosen[0]) if len(chosen) == 1 else None
        job = running or topic_work.apply(chosen, by=cast(User, request.user))
        return redirect(f"{back}?job={job.pk}")
    limits = topics.limits_of(chosen)
    found = cue_hits.outlook([Wanted(topic.cues, topic, limits.get(topic.pk, topics.ANYWHERE)) for topic in chosen])
    context = page.admin_site.each_context(request) | {
        "title": _("Apply to the past"),
        "rows": list(zip(chosen, found, strict=True)),
        "looked": found[0].looked,
        "samples": shown(found[0]) if len(chosen) == 1 else [],
        "whole": Comment.objects.exclude(classified_at=None).count(),
        "back": back,
    }
    return TemplateResponse(request, "admin/feedback/topic/apply.html", context)
