"""The page of quality: who reads here, how well, what was learned from corrections, and who decides about it."""

import datetime as dt
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics import page_files, reports
from analytics.blocks import CLASS_GOOD, CLASS_LOOKS, CLASS_NAMES
from analytics.links import Links
from analytics.periods import Period
from analytics.quality import chart, drift, figures, files, lessons, parts, sample
from analytics.quality.sample import Sampled
from analytics.reports import Filters
from analytics.tone import CHECKED_COMMENTS
from feedback import reclassify
from feedback.choices import language_name
from feedback.learning import promotion, training
from feedback.models import LearnedModel, Topic
from feedback.topics import tree_of
from ground import job_cards, jobs
from ground.access import Scope, requires
from ground.models import Role, User, reporting_day
from ground.text import is_key

USUAL_DAYS, MOST_DAYS = 28, 90
TOPIC = ("code", "names", "parent", "merged_into")


@requires(Role.MANAGER)
def page(request: HttpRequest) -> HttpResponse:
    """Everything about the reading of comments that this person may see; `?language=` narrows the sample."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    form, may_decide = page_files.asked_for(request), scope.covers_all(least=Role.MANAGER)
    rows = sample.checked(scope)
    chosen = request.GET.get("language", "")
    chosen = chosen if any(row.language == chosen for row in rows) else ""
    standing = promotion.standing()
    topics = Topic.objects.only(*TOPIC).in_bulk()
    context = {
        "title": _("Quality of reading"),
        "parts": parts.here(standing),
        "frozen": parts.frozen(),
        "may_decide": may_decide,
        "lessons": lessons.cards(standing, scope=scope, with_details=may_decide),
        "is_automatic": promotion.Learning.current().is_automatic,
        **_sampled(rows, chosen, scope, topics),
        **_shares(rows, scope, standing, topics),
        **_jobs(),
    }
    if form:
        today = str(reporting_day(timezone.now()))
        narrowed = ["language"] if chosen else []
        return page_files.file(
            request, files.tables(context), form=form, title=context["title"], name="quality", days=today,
            filters=narrowed,
        )  # fmt: skip
    context["exports"] = page_files.offered(request)
    return TemplateResponse(request, "analytics/quality.html", admin.site.each_context(request) | context)


def _sampled(rows: list[Sampled], chosen: str, scope: Scope, names: dict[int, Topic]) -> dict[str, Any]:
    drawn, checked = sample.drawn(scope)
    own = [row for row in rows if not chosen or row.language == chosen]
    topics = figures.of_topics(own)
    tenths = figures.calibration(own)
    languages = sorted({row.language for row in rows}, key=lambda name: (-sum(r.language == name for r in rows), name))
    by_language = {name: [row for row in rows if row.language == name] for name in languages}
    return {
        "drawn": drawn,
        "checked": checked,
        "n": len(own),
        "chosen": chosen,
        "most": sample.MOST,
        "languages": [
            {"code": name, "name": language_name(name), "n": len(told),
             "accuracy": figures.accuracy(told), "unsure": figures.unsure(told)}
            for name, told in by_language.items()
        ],
        "classes": [(CLASS_NAMES[one.key], CLASS_LOOKS[one.key], one) for one in figures.of_classes(own)],
        "accuracy": figures.accuracy(own),
        "unsure": figures.unsure(own),
        "topics": [(names[one.key], one) for one in topics if one.key in names and one.state != "hidden"],
        "rare_topics": [names[one.key] for one in topics if one.key in names and one.state == "hidden"],
        "tenths": [one for one in tenths if one.right.n >= figures.SHOWN_FROM],
        "plot": chart.plot(tenths),
        "beside": figures.beside_textblob(rows),
    }  # fmt: skip


def _shares(
    rows: list[Sampled], scope: Scope, standing: dict[str, dict[str, Any]], topics: dict[int, Topic]
) -> dict[str, Any]:
    """The shares of classes since the last promotion: in the sample beside as many days before it, and of all comments,
    corrected for errors."""
    since, filters = _since(scope, [own["active"].promoted_at for own in standing.values() if "active" in own])
    classes, links = reports.classes(filters, as_of=timezone.now()), Links(filters)
    reader = figures.reader_since()
    own = figures.of_reader(rows, reader)
    known, sampled = figures.skill(own), drift.of_classes(filters, rows)
    corrected = figures.corrected_shares(classes.shares, known)
    return {
        "since": since,
        "filters": filters,
        "of_topics": _topic_shares(rows, scope, standing.get("topic", {}).get("active"), topics),
        "total": classes.total,
        "all_unsure": figures.share(classes.unsure, classes.total),
        "sampled_unsure": sampled.unsure,
        "least_checked": CHECKED_COMMENTS,
        "can_correct": known is not None,
        "own_checked": sum(row.read_class != "unsure" for row in own),
        "reader_since": max(reader.values(), default=None),
        "drift": [
            {"name": CLASS_NAMES[name], "look": CLASS_LOOKS[name], "metric": metric, "good": CLASS_GOOD.get(name),
             "sampled": sampled.shares[name], "href": links.comments(of_class=name), "corrected": corrected.get(name)}
            for name, metric in classes.shares.items()
        ],
    }  # fmt: skip


def _since(scope: Scope, promoted: list[dt.datetime]) -> tuple[dt.date | None, Filters]:
    """The day of the last promotion, and what is told of since then, beside as many days before."""
    today = reporting_day(timezone.now())
    since = max([reporting_day(max(promoted)), today - dt.timedelta(days=MOST_DAYS - 1)]) if promoted else None
    period = Period(since, today) if since else Period(today - dt.timedelta(days=USUAL_DAYS - 1), today)
    return since, Filters(scope=scope, period=period, before=period.previous())


def _topic_shares(
    rows: list[Sampled], scope: Scope, active: LearnedModel | None, names: dict[int, Topic]
) -> dict[str, Any]:
    since, filters = _since(scope, [active.promoted_at] if active and active.promoted_at else [])
    every = drift.of_topics(filters, rows, tree_of(names.values()))
    found = {key: metric for key, metric in every.items() if metric.state != "hidden"}
    return {
        "since": since,
        "filters": filters,
        "rows": [(names[key], metric) for key, metric in found.items() if key in names],
    }


def _jobs() -> dict[str, Any]:
    going = jobs.waiting().filter(kind__in=[training.KIND, reclassify.KIND]).select_related("author").order_by("pk")
    cards = [job_cards.card(job) for job in going[:2]]
    learning = promotion.Learning.current()
    return {
        "going": cards,
        "is_busy": any(card.is_busy for card in cards),
        "new": training.corpus.new_since(learning.newest_label),
        "enough_new": training.ENOUGH_NEW,
        "trained_at": learning.trained_at,
    }


@require_POST
@requires(Role.MANAGER)
def decide(request: HttpRequest) -> HttpResponse:
    """Promote, discard or roll back a model; say who promotes; learn now; read the past anew."""
    if not request.scope.covers_all(least=Role.MANAGER):  # type: ignore[attr-defined]
        raise PermissionDenied
    person = cast(User, request.user)
    for name, act in ACTS.items():
        if (sent := request.POST.get(name)) is not None:
            try:
                messages.success(request, act(sent, person))
            except promotion.Overtaken:
                messages.warning(request, _("Somebody has decided about this meanwhile; nothing was changed."))
            break
    return redirect(reverse("analytics:quality") + "#learned")


def _promote(sent: str, person: User) -> str:
    row = promotion.promote(_key(sent), by=person)
    said = _(
        "%(model)s reads new comments now, and those of the last %(days)d days anew. Older ones stay as they are until "
        "you read them anew."
    )
    return said % {"model": row, "days": reclassify.RECENT.days}


def _discard(sent: str, person: User) -> str:
    return _("%(model)s was discarded.") % {"model": promotion.discard(_key(sent), by=person)}


def _roll_back(sent: str, person: User) -> str:
    was_automatic = promotion.Learning.current().is_automatic
    former = promotion.roll_back(_key(sent), by=person)
    told = _("New comments are read without what was learned.")
    if former is not None:
        told = _("%(model)s reads new comments again.") % {"model": former}
    return f"{told} {_promoted_by_hand()}" if was_automatic else told


def _automatic(sent: str, person: User) -> str:
    promotion.set_automatic(sent == "yes", by=person)
    return _("Good models are promoted without asking.") if sent == "yes" else _promoted_by_hand()


def _promoted_by_hand() -> str:
    return _("Every model waits for a manager.")


def _learn(sent: str, person: User) -> str:
    return _("Learning has begun.") if training.start(by=person) else _("Learning is going on already.")


def _read_anew(sent: str, person: User) -> str:
    reclassify.start(by=person)
    return _("All comments are being read anew; what people said stays.")


def _key(sent: str) -> int:
    if not is_key(sent):
        raise promotion.Overtaken
    return int(sent)


ACTS = {
    "promote": _promote,
    "discard": _discard,
    "roll_back": _roll_back,
    "automatic": _automatic,
    "learn": _learn,
    "read_anew": _read_anew,
}
