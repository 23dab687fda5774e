"""What was out of the ordinary, as the API reads it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from analytics.api.question import Question, Told, figure
from analytics.display import display_state
from analytics.models import Incident
from analytics.watch import incidents, words
from analytics.watch.subjects import METRICS


def deviations(asked: Question) -> Iterable[Told]:
    """Those that went on in the period, the newest first, each in the unit of what is watched."""
    filters = asked.filters
    chosen = {"team": filters.team, "channel": filters.channel}
    rows = incidents.visible(filters.scope).filter(**{name: value for name, value in chosen.items() if value})
    rows = rows.filter(
        Q(over_on=None) | Q(last_day__gte=filters.period.start), began_on__lte=filters.period.end
    )  # fmt: skip
    for row in rows.select_related("team", "topic").order_by("-last_day", "-pk"):
        yield Told(
            _key(row),
            _numbers(row),
            row.began_on,
            verdict="over" if row.over_on else row.state,
            name=f"{words.title(row)} ({words.place(row)})",
        )


def _key(row: Incident) -> str:
    """What is watched, and where: "csat", "csat/first-line", "csat/phone", "topic/waiting"."""
    parts = (row.metric, row.topic and row.topic.code, row.team and row.team.code, row.channel)
    return "/".join(str(part) for part in parts if part)


def _numbers(row: Incident) -> dict[str, Any]:
    told = row.extent
    n = int(told.get("n", 0))
    # How many there were is nobody's answer.
    state = "full" if METRICS[row.metric].kind == "count" else display_state(n)
    if state == "hidden":
        return figure(None, n)
    more = {"prev": told.get("before"), "diff": told.get("diff"), "diff_lo": told.get("lo"), "diff_hi": told.get("hi")}
    return figure(told.get("now"), n, told.get("now_lo"), told.get("now_hi"), state=state, flag=row.direction, **more)
