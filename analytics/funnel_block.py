"""What the funnel shows: the report with its words, bars and links, ready for the templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from analytics import blocks, formats
from analytics import tables as of_file
from analytics.annotations import Note
from analytics.asked_counts import ANSWERED, COMMENTED, COMPLETED, CSATS, RECOMMENDED, SENT, STARTED
from analytics.display import Unit, display_state
from analytics.funnel import DELIVERED, NEEDS_NAMES, Outcome, Parts, Reach, Silent
from analytics.links import Links
from analytics.metrics import Metric
from analytics.periods import Period
from analytics.reports import NPS, Week
from analytics.revenue import ByRevenue
from analytics.wording import NAMES
from surveys.eligibility import REASONS
from surveys.models import Decision, Invitation, Segment

HOW = gettext_lazy(
    "By the day of sending; reminders add nothing. Opened and answered are shares of those delivered, answered in full "
    "(every question that has to be) is a share of those opened, with a comment of those answered. An opened mail is "
    "not counted, since mail programs open mails by themselves; an opened page is, unless a program opened it. "
    "Anonymous surveys do not keep who opened a page or wrote a comment: they are in the other steps only."
)
NAME = gettext_lazy("Response rate")
STEPS: dict[str, tuple[Any, str]] = {
    SENT: (gettext_lazy("Sent"), ""),
    DELIVERED: (gettext_lazy("Delivered"), "delivery_rate"),
    STARTED: (gettext_lazy("Opened the page"), "start_rate"),
    ANSWERED: (gettext_lazy("Answered"), "response_rate"),
    COMPLETED: (gettext_lazy("Answered in full"), "completion_rate"),
    COMMENTED: (gettext_lazy("With a comment"), "comment_rate"),
}
ASKED: dict[str, Any] = {
    Decision.Outcome.SEND: gettext_lazy("Asked"),
    Decision.Outcome.POSTPONE: gettext_lazy("Asked later"),
}
LEAD = gettext_lazy("By number of invitations, not by rate.")
OF_MOOD = gettext_lazy("By what the customer had last said when the invitation left. Without anonymous surveys.")
MOOD_NAMES: dict[str, Any] = {
    "high": gettext_lazy("satisfied"),
    "mid": gettext_lazy("in between"),
    "low": gettext_lazy("dissatisfied"),
    "none": gettext_lazy("no score before"),
}
# So many values of a segment are shown.
MOST_VALUES = 12
HEADS = {
    "team": (gettext_lazy("By team"), gettext_lazy("Team")),
    "channel": (gettext_lazy("By channel"), gettext_lazy("Channel")),
    "survey": (gettext_lazy("By survey"), gettext_lazy("Survey")),
}


@dataclass(frozen=True)
class Step:
    """One bar: `width` is a percentage of those sent; without a metric the step has no share."""

    name: Any
    count: int
    width: str
    metric: Metric | None
    is_key: bool
    href: str


def steps(reach: Reach, *, links: Links) -> list[Step]:
    """The bars from "sent" to "with a comment"; those that anonymous surveys do not keep go by the other surveys."""
    sent = reach.facts[SENT]
    known = [fact for fact, (_name, rate) in STEPS.items() if not rate or rate in reach.rates]
    return [_step(fact, reach, sent=sent, links=links) for fact in known if sent]


def _step(fact: str, reach: Reach, *, sent: int, links: Links) -> Step:
    name, rate = STEPS[fact]
    count = (reach.named if rate in NEEDS_NAMES else reach.facts)[fact]
    behind: dict[str, dict[str, Any]] = {SENT: {}, ANSWERED: {"answer_state__in": ",".join(Invitation.COUNTED)}}
    return Step(
        name=name,
        count=count,
        width=f"{100 * min(count / sent, 1):.2f}%",
        metric=reach.rates[rate] if rate else None,
        is_key=fact == ANSWERED,
        href=links.invitations(**behind.get(fact, {"counted": fact})),
    )


def strict(reach: Reach, *, links: Links) -> dict[str, Any]:
    """The answered of all that were sent, those that never arrived among them."""
    return {
        "strict": reach.rates["response_rate_strict"],
        "answered_href": links.invitations(answer_state__in=",".join(Invitation.COUNTED)),
        "sent_href": links.invitations(),
    }


def decisions(found: Sequence[Outcome], *, links: Links) -> list[dict[str, Any]]:
    """Who was asked and who was not, and why, each line with its decisions."""
    return [
        {
            "name": ASKED.get(one.outcome) or capfirst(str(REASONS.get(one.reason, one.reason))),
            "is_asked": one.outcome in ASKED,
            "count": one.count,
            "share": one.share,
            "href": links.decisions(outcome__exact=one.outcome, reason__exact=one.reason),
        }
        for one in found
    ]


def tables(
    parts: Parts, *, is_preliminary: bool, names: Mapping[str, Mapping[Any, str]], links: Links
) -> list[blocks.Where]:
    """The response rate by survey, team, channel, last score and segment, where there are several."""
    found = {"survey": parts.surveys, "team": parts.teams, "channel": parts.channels}
    return [
        blocks.where(
            HEADS[column][0], segments, lead=LEAD, head=HEADS[column][1], name=NAME, names=names[column],
            href=partial(_rows_of, column, links),
            is_compared=links.filters.before is not None and not is_preliminary, key="response_rate",
        )
        for column, segments in found.items()
        if segments
    ] + _sliced(parts, links=links, is_compared=links.filters.before is not None and not is_preliminary)  # fmt: skip


def _sliced(parts: Parts, *, links: Links, is_compared: bool) -> list[blocks.Where]:
    """The response rate by what customers last said, and by segments of them."""
    found = []
    if parts.moods:
        # A team's reader is told of what was said to the team; that has no list of its own.
        is_whole = links.filters.scope.covers_all()
        found.append(blocks.where(
            _("By the last score before"), parts.moods, lead=OF_MOOD, head=_("Last score"), name=NAME, names=MOOD_NAMES,
            href=lambda mood: links.invitations(counted=f"mood_{mood}") if is_whole else "", is_compared=is_compared,
            key="response_rate",
        ))  # fmt: skip
    names = {segment.attribute: str(segment) for segment in Segment.objects.all()}
    for attribute, segments in parts.attributes.items():
        if attribute in names:
            found.append(blocks.where(
                _("By segment: %s") % names[attribute], segments[:MOST_VALUES], lead=LEAD, head=names[attribute],
                name=NAME, names={one.key: one.key for one in segments},
                href=partial(_of_segment, attribute, links), is_compared=is_compared, key="response_rate",
            ))  # fmt: skip
    return found


def _of_segment(attribute: str, links: Links, value: str) -> str:
    return links.invitations(counted=DELIVERED, segment=f"{attribute}={value}")


def _rows_of(column: str, links: Links, key: Any) -> str:
    narrowed = {"channel__exact": key} if column == "channel" else {f"{column}__id__exact": key}
    return links.invitations(counted=DELIVERED, **narrowed if key else {f"{column}__isnull": "True"})


def weekly(weeks: Sequence[Week], *, period: Period, links: Links, notes: Sequence[Note]) -> blocks.Weekly:
    """The trend of the response rate."""
    return blocks.weekly(
        NAME, weeks, unit="share", period=period, notes=notes,
        href=lambda week: links.invitations(week.period, counted=DELIVERED),
    )  # fmt: skip


def silent_words(every: Sequence[Silent], *, links: Links) -> list[dict[str, Any]]:
    """What weighting by who was asked makes of the scores, and what the silent could make of them."""
    return [_silent_words(found, links=links) for found in every if display_state(found.answered) != "hidden"]


def _silent_words(found: Silent, *, links: Links) -> dict[str, Any]:
    told, n = found.score, found.answered
    unit: Unit = "points" if found.scale == NPS else "share"
    words = {
        "name": NAMES[found.scale],
        "key": "weighted_points" if found.scale == NPS else "weighted_score",
        "plain": formats.score(told.unweighted, unit=unit, n=n),
        "n": formats.number(n),
        "href": links.invitations(counted=RECOMMENDED if found.scale == NPS else CSATS[found.scale][0]),
        "bounds": "",
        "weighted": "",
        "note": "",
    }
    if found.bounds:
        limits = formats.interval(found.bounds.lo, found.bounds.hi, unit=unit, n=n)
        words["bounds"] = formats.percent(limits) if unit == "share" else limits
    if found.can_be_weighted:
        words |= {
            "weighted": formats.score(told.weighted, unit=unit, n=n),
            "limits": formats.interval(told.lo, told.hi, unit=unit, n=n),
            "n_eff": formats.number(round(told.n_eff)),
            "is_weak": display_state(told.n_eff) == "weak",
        }
        if told.needs_note:
            words["note"] = _(
                "The difference is larger than the uncertainty: whom you ask and who answers are not alike."
            )
    return words


def revenue_words(found: ByRevenue | None, *, links: Links) -> dict[str, Any]:
    """The NPS by revenue beside that by heads; empty where no customer's worth is known, or too few make up most."""
    if found is None or display_state(found.plain.n) == "hidden":
        return {}
    told, n = found.weighted, found.plain.n
    words: dict[str, Any] = {
        "plain": formats.score(found.plain.value, unit="points", n=n),
        "plain_limits": formats.interval(found.plain.lo, found.plain.hi, unit="points", n=n),
        "n": formats.number(n),
        "answered": formats.number(found.answered),
        "href": links.responses(scale=NPS),
        "weighted": "",
    }
    if found.is_shown:
        words |= {
            "weighted": formats.score(told.value, unit="points", n=n),
            "limits": formats.interval(told.lo, told.hi, unit="points", n=n),
            "n_eff": formats.number(round(told.n_eff)),
            "is_weak": display_state(told.n_eff) == "weak",
        }
    return words


def open_words(reach: Reach) -> str:
    """That the rates can still rise, and from which day of sending on."""
    if reach.open_from is None:
        return ""
    words = _("Invitations sent since %(day)s can still be answered: the shares are preliminary and can only rise.")
    return words % {"day": formats.day(reach.open_from)}


def as_tables(
    steps: Sequence[Step],
    decided: Sequence[Mapping[str, Any]],
    divided: Sequence[blocks.Where],
    weeks: Sequence[Week],
    silent: Sequence[Silent],
    revenue: ByRevenue | None,
    strict: Metric,
) -> list[of_file.Table]:
    """What the page shows, for a file."""
    weekly = of_file.weeks(_("%s by week") % NAME, weeks, unit="share")
    rows = [(row["name"], row["count"], row["share"].value) for row in decided]
    why = of_file.Table(_("Decisions"), (_("Reason"), _("Decisions"), _("Share")), rows)
    return [
        steps_table(steps, strict), weekly, why, *(of_file.segments(block) for block in divided),
        _weighted_table(silent), *_revenue_table(revenue),
    ]  # fmt: skip


def _revenue_table(found: ByRevenue | None) -> list[of_file.Table]:
    if found is None or not found.is_shown:
        return []
    told = found.weighted
    row = (NAMES[NPS], found.answered, *of_file.number(found.plain, unit="points")[1:], told.value, told.lo, told.hi,
           told.n_eff)  # fmt: skip
    head = (
        _("Score"), _("Answers"), _("By heads"), _("from"), _("until"), "n", _("By revenue"), _("from"), _("until"),
        _("Effective number of answers"),
    )  # fmt: skip
    return [of_file.Table(_("NPS by revenue"), head, [row])]


def _weighted_table(silent: Sequence[Silent]) -> of_file.Table:
    rows = [
        (NAMES[one.scale], one.answered, one.score.unweighted, one.score.weighted, one.score.lo, one.score.hi,
         one.score.n_eff)
        for one in silent
        if one.can_be_weighted
    ]  # fmt: skip
    head = (
        _("Score"), "n", _("As answered"), _("Weighted by who was asked"), _("from"), _("until"),
        _("Effective number of answers"),
    )  # fmt: skip
    return of_file.Table(_("Weighted scores"), head, rows)


def steps_table(steps: Sequence[Step], strict: Metric | None = None) -> of_file.Table:
    """The bars, and the answered of all that were sent."""
    told = [(step.name, step.count, step.metric) for step in steps]
    told += [(_("Answered, of all sent"), strict.num or 0, strict)] if strict and strict.n else []
    rows = [
        (name, count, *of_file.number(metric, unit="share"), *of_file.change(metric)) for name, count, metric in told
    ]
    columns = (pgettext("of the funnel", "Step"), _("Invitations"), *of_file.NUMBER, *of_file.CHANGE)
    return of_file.Table(_("Asked and answered"), columns, rows)
