"""The page of a rule's trial: how many it would have asked, on which days, and why not the others."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ground import job_cards
from ground.admin import scope_for
from ground.models import Job, Role, User
from surveys import eligibility, rule_words, tryout, vocabulary
from surveys.models import Customer, Interaction, SendingRule
from surveys.tryout import STORED, TYPED


@dataclass(frozen=True)
class Bar:
    """One day of the chart: both numbers, and their heights in hundredths."""

    day: dt.date
    typed: int
    stored: int
    typed_height: float
    stored_height: float
    left: int


def page(request: HttpRequest, pk: int, *, site: AdminSite) -> HttpResponse:
    """The trial that the person started, or any to an administrator."""
    person, scope = cast(User, request.user), scope_for(request)
    if not scope.covers_all(least=Role.MANAGER):
        raise PermissionDenied
    job = job_cards.theirs(person, scope).filter(pk=pk, kind=tryout.KIND).first()
    if job is None:
        raise Http404
    rule = tryout.rule_of(job)
    stored = SendingRule.objects.filter(pk=rule.pk).first() if rule.pk else None
    context = site.each_context(request) | {
        "title": _("Trial of the rule “%s”") % rule.name,
        "card": job_cards.card(job),
        "rule": stored,
        "in_words": rule_words.sentence(rule, vocabulary.names()),
        "since": dt.datetime.fromisoformat(job.params["since"]),
        "until": dt.datetime.fromisoformat(job.params["until"]),
        "back": request.path,
    }
    return TemplateResponse(request, "admin/surveys/sendingrule/trial.html", context | _results(job))


def _results(job: Job) -> dict[str, Any]:
    typed, stored = job.result.get(TYPED), job.result.get(STORED)
    if not job.finished_at or not typed:
        return {}
    return {
        "typed": _counts(typed),
        "stored": _counts(stored) if stored else None,
        "bars": (bars := _bars(typed["days"], (stored or {}).get("days", {}))),
        "ends_later": bool(bars) and bars[-1].day > timezone.localdate(dt.datetime.fromisoformat(job.params["until"])),
        "reasons": _reasons(typed, stored),
        "most": _most(typed["most"]),
        "rate": round(100 * typed["rate"]),
    }


def _counts(result: dict[str, Any]) -> dict[str, int]:
    """What the page shows; answers as the rate makes one expect, since those drawn for the quota differ by chance."""
    counts = {name: result["counts"].get(name, 0) for name in ("looked_at", "sent", "postponed", "people")}
    refused = sum(result["reasons"].values())
    return counts | {
        "answers": round(counts["sent"] * result["rate"]),
        "refused": refused,
        "unfit": counts["looked_at"] - counts["sent"] - refused,
        "most": max((number for _customer, number in result["most"]), default=0),
        "busiest": max(result["days"].values(), default=0),
    }


def _bars(typed: dict[str, int], stored: dict[str, int]) -> list[Bar]:
    days = sorted({*typed, *stored})
    if not days:
        return []
    first, last = dt.date.fromisoformat(days[0]), dt.date.fromisoformat(days[-1])
    highest = max([*typed.values(), *stored.values()])
    bars = []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        one, other = typed.get(day.isoformat(), 0), stored.get(day.isoformat(), 0)
        bars.append(Bar(day, one, other, 100 * one / highest, 100 * other / highest, 10 * number))
    return bars


def _reasons(typed: dict[str, Any], stored: dict[str, Any] | None) -> list[dict[str, Any]]:
    names = sorted(
        {*typed["reasons"], *(stored["reasons"] if stored else ())}, key=lambda name: -typed["reasons"].get(name, 0)
    )
    numbers = {pk for found in typed["examples"].values() for pk in found}
    served = Interaction.objects.in_bulk(numbers)
    return [
        {
            "name": eligibility.REASONS.get(name) or _("a stronger rule speaks"),
            "typed": typed["reasons"].get(name, 0),
            "stored": stored["reasons"].get(name, 0) if stored else None,
            "examples": [served[pk] for pk in typed["examples"].get(name, []) if pk in served],
        }
        for name in names
    ]


def _most(found: list[list[int]]) -> list[tuple[Customer, int]]:
    people = Customer.objects.in_bulk([pk for pk, _number in found])
    return [(people[pk], number) for pk, number in found if pk in people and number > 1]
