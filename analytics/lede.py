"""The three sentences on top of the dashboard: better or worse, what costs most, who is late."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from analytics import formats, impact_block
from analytics.focus import Focus
from analytics.impact import Effect, Impact
from analytics.links import Links
from analytics.metrics import Metric
from analytics.reports import TopicRow
from analytics.wording import NAMES, Sentence, most_negative


def costs_most(found: Impact | None, topics: Sequence[TopicRow], *, links: Links, href: str) -> Sentence:
    """The topic that certainly costs most points; while none does, the one with most negative comments."""
    names = {row.topic.pk: row.topic for row in topics}
    worst = _worst(found, names) if found else None
    if found is None or worst is None:
        told = most_negative(topics, links)
        unproven = _("What it costs in points is not proven.")
        rest = f"{told.rest} {unproven}" if told.rest else ""
        return Sentence(title=_("What costs most?"), lead=told.lead, rest=rest, href=told.href)
    words = {
        "points": impact_block.points(worst.points),
        "limits": f"{impact_block.points(worst.lo)}…{impact_block.points(worst.hi)}",
        "name": NAMES[found.scale],
        "n": formats.number(worst.mentions),
    }
    rest = _("%(points)s %(name)s points among those who wrote (%(limits)s), %(n)s mentions.") % words
    return Sentence(title=_("What costs most?"), lead=f"{names[worst.topic]}:", rest=rest, href=href)


def _worst(found: Impact, names: Mapping[int, Any]) -> Effect | None:
    sure = [one for one in found.effects if one.verdict in ("fix_first", "fix_next") and one.topic in names]
    return min(sure, key=lambda one: one.points or 0.0, default=None)


def who_is_late(found: Focus, *, whole: Metric | None, names: Mapping[Any, str], href: str) -> Sentence:
    """The teams whose share within the service level is certainly below that of all others, the lowest first."""
    title = _("Who is late?")
    if found.late is None or whole is None:
        return Sentence(
            title=title, lead=_("Not known."), rest=_("No service level says how soon a response has to come.")
        )
    if whole.state == "hidden" or whole.value is None:
        return Sentence(title=title, lead=_("Too early to say."), rest=_("Too few contacts are old enough to tell."))
    words = {"value": formats.value_of(whole), "limits": _limits(whole)}
    if len(found.late) < 2:
        rest = _("%(value)s of first responses within the service level (%(limits)s).") % words
        return Sentence(title=title, lead=_("In one team:"), rest=rest, href=href)
    late = [(team, one) for team, one in found.late.items() if one.state == "full" and team in found.behind]
    if not late:
        rest = (
            _("No team is certainly below the others: %(value)s of all within the service level (%(limits)s).") % words
        )
        return Sentence(title=title, lead=_("Nobody stands out."), rest=rest, href=href)
    late.sort(key=lambda pair: pair[1].value or 0)
    told = [
        _said_of(one) if not place else f"{names[team]}: {_said_of(one)}" for place, (team, one) in enumerate(late[:2])
    ]
    rest = _("%(teams)s of first responses within the service level, all teams %(value)s.") % {
        "teams": ", ".join(told), "value": words["value"],
    }  # fmt: skip
    return Sentence(title=title, lead=f"{names[late[0][0]]}:", rest=rest, href=href)


def _limits(one: Metric) -> str:
    return f"{formats.limits_of(one)}, n={formats.number(one.n)}"


def _said_of(one: Metric) -> str:
    said = f"{formats.value_of(one)} ({_limits(one)})"
    if one.flag in ("up", "down") and one.prev is not None:
        before = formats.score(one.prev, unit=one.unit, n=one.n)
        return _("%(now)s, was %(before)s,") % {"now": said, "before": before}
    return said
