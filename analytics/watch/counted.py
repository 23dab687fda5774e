"""The days of every watched series, summed from the counts: a handful of queries, however many series there are."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from analytics import cuts, stored
from analytics.models import CommentDay, ContactDay, DurationDay, ScoreDay, TopicDay
from analytics.periods import Period
from analytics.quantiles import GAMMA
from analytics.reports import CES as CES_SCALE
from analytics.reports import CSAT as FIVE_STEPS
from analytics.reports import NPS as NPS_SCALE
from analytics.reports import PARTS, RESOLVED, SURE_CLASSES, THREE_STEPS, THUMBS, within
from analytics.unanswered import let_down
from analytics.watch.subjects import (
    ANSWERS,
    CES,
    CONSTRUCTIVE,
    CONTACTS,
    CSAT,
    NEGATIVE,
    NPS,
    RESPONSE,
    TOPIC,
    WITHIN,
    Parts,
    Subject,
)
from ground.models import Organisation

# Which topics are watched: those with most mentions of so many days, of the organisation and of each team.
RECENT = dt.timedelta(days=55)
MOST_TOPICS, MOST_OF_TEAM = 8, 4
SPAN = "response_working"
# A place has one series of CSAT, on the scale with most answers of the same days: scales are never mixed.
OF_CSAT = (FIVE_STEPS, THREE_STEPS, THUMBS)
# The logarithm of a bucket's duration is a straight line in its key.
LOG_BASE, LOG_STEP = math.log(2 / (GAMMA + 1)), math.log(GAMMA)

Days = dict[dt.date, Parts]
# A metric's sums of one day, team and channel.
Row = tuple[Subject, dt.date, Parts]


def read(period: Period, *, groups: Iterable[str] | None = None) -> dict[Subject, Days]:
    """The days of every series: of the organisation, of each team and of each channel; topics not by channel."""
    found: dict[Subject, Days] = defaultdict(dict)
    for group in groups or READERS:
        for subject, day, parts in READERS[group](period, Q()):
            for own in _holding(subject):
                days = found[own]
                known = days.get(day)
                days[day] = parts if known is None else tuple(map(sum, zip(known, parts, strict=True)))
    if TOPIC in (groups or READERS):
        _keep_topics(found, period)
    _keep_scales(found, period)
    return dict(found)


def rows_of(subject: Subject, period: Period) -> Iterator[Row]:
    """The sums of one series by team and channel."""
    chosen = {"team": subject.team, "channel": subject.channel}
    where = Q(**{name: value for name, value in chosen.items() if value})
    group = next(name for name, metrics in GROUPS.items() if subject.metric in metrics)
    wanted = OF_CSAT if subject.metric == CSAT else (subject.metric,)
    rows: dict[str, list[Row]] = {metric: [] for metric in wanted}
    for found, day, parts in READERS[group](period, where):
        # Under no topic stands how many comments there are.
        if found.metric in rows and found.topic in (None, subject.topic):
            rows[found.metric].append((found._replace(metric=subject.metric), day, parts))
    most = max(wanted, key=lambda metric: sum(parts[-1] for _found, _day, parts in rows[metric]))
    yield from rows[most]


def _holding(subject: Subject) -> list[Subject]:
    """The series that a row belongs to."""
    own = [subject._replace(team=None, channel="")]
    if subject.team:
        own.append(subject._replace(channel=""))
    if subject.channel and subject.metric != TOPIC:
        own.append(subject._replace(team=None))
    return own


def _keep_scales(found: dict[Subject, Days], period: Period) -> None:
    """Leave the scale of CSAT that most answer on."""
    since = period.end - RECENT
    places: dict[Subject, list[Subject]] = defaultdict(list)
    for subject in [one for one in found if one.metric in OF_CSAT]:
        places[subject._replace(metric=CSAT)].append(subject)
    for place, subjects in places.items():
        days = {subject: found.pop(subject) for subject in subjects}
        found[place] = max(
            (days[subject] for subject in sorted(subjects, key=lambda one: OF_CSAT.index(one.metric))),
            key=lambda own: sum(parts[1] for day, parts in own.items() if day >= since),
        )


def scales_of_csat(until: dt.date) -> dict[Subject, Counter[str]]:
    """How many answers of the recent days each place has on each scale of CSAT, the watched one first."""
    rows = cuts.narrowest(ScoreDay, {"team", "channel"}).filter(
        within(Period(until - RECENT, until)), scale__in=OF_CSAT
    )
    found: dict[Subject, Counter[str]] = defaultdict(lambda: Counter(dict.fromkeys(OF_CSAT, 0)))
    told = rows.values_list("team", "channel", "scale").annotate(rows=Sum("count")).order_by()
    for team, channel, scale, count in told:
        for place in _holding(Subject(CSAT, team, channel)):
            found[place][scale] += count
    return {place: Counter(dict(counts.most_common())) for place, counts in found.items()}


def _keep_topics(found: dict[Subject, Days], period: Period) -> None:
    """Leave the topics that are spoken of most; a day without a mention has none of that day's comments."""
    since = period.end - RECENT
    mentions: dict[int | None, list[tuple[float, Subject]]] = defaultdict(list)
    totals = {subject.team: days for subject, days in found.items() if subject.metric == TOPIC and not subject.topic}
    for subject, days in found.items():
        if subject.metric == TOPIC and subject.topic:
            mentions[subject.team].append((sum(parts[0] for day, parts in days.items() if day >= since), subject))
    kept = {
        subject
        for team, own in mentions.items()
        for _count, subject in sorted(own, key=lambda one: (-one[0], one[1].topic))[
            : MOST_OF_TEAM if team else MOST_TOPICS
        ]
    }
    for subject in [one for one in found if one.metric == TOPIC]:
        days = found.pop(subject)
        if subject in kept:
            found[subject] = {
                day: (days[day][0] if day in days else 0, total[1]) for day, total in totals[subject.team].items()
            }


def _grouped(table: Any, period: Period, where: Q, *columns: str, **sums: Any) -> Iterable[tuple[Any, ...]]:
    rows = table.objects.filter(within(period), where).values_list("day", "team", "channel", *columns)
    return rows.annotate(**(sums or {"rows": Sum("count")})).order_by().iterator(chunk_size=5000)


def _scores(period: Period, where: Q) -> Iterator[Row]:
    (good, _best), (fair, _top), _low = PARTS[NPS_SCALE]
    told = {scale: scale for scale in OF_CSAT} | {CES_SCALE: CES}
    shares = {scale: (metric, PARTS[scale][0][0]) for scale, metric in told.items()}
    for day, team, channel, scale, score, count in _grouped(
        ScoreDay, period, where & ~Q(scale=RESOLVED), "scale", "score"
    ):
        yield Subject(ANSWERS, team, channel), day, (count,)
        if scale in shares:
            metric, best_from = shares[scale]
            yield Subject(metric, team, channel), day, (count if score >= best_from else 0, count)
        elif scale == NPS_SCALE:
            part = 0 if score >= good else 1 if score >= fair else 2
            yield Subject(NPS, team, channel), day, tuple(count if at == part else 0 for at in range(3))


def _comments(period: Period, where: Q) -> Iterator[Row]:
    for day, team, channel, of_class, count in _grouped(CommentDay, period, where, "derived_class"):
        if of_class in SURE_CLASSES:
            for metric in (NEGATIVE, CONSTRUCTIVE):
                yield Subject(metric, team, channel), day, (count if of_class == metric else 0, count)


def _topics(period: Period, where: Q) -> Iterator[Row]:
    """Mentions by topic, and under no topic how many comments there are."""
    for day, team, channel, count in _grouped(CommentDay, period, where):
        yield Subject(TOPIC, team, channel), day, (0, count)
    for day, team, channel, topic, count in _grouped(TopicDay, period, where, "topic"):
        yield Subject(TOPIC, team, channel, topic), day, (count, 0)


def _contacts(period: Period, where: Q) -> Iterator[Row]:
    told = where & Q(fact__in=("contacts", "met", "late"))
    for day, team, channel, fact, count in _grouped(ContactDay, period, told, "fact"):
        if fact == "contacts":
            yield Subject(CONTACTS, team, channel), day, (count,)
        else:
            yield Subject(WITHIN, team, channel), day, (count if fact == "met" else 0, count)
    # Whom nobody answers is in no count: a team that stops replying would be seen by nothing.
    zone = Organisation.current().timezone
    for (day, team, channel), count in let_down(period, where, zone=zone, as_of=timezone.now()).items():
        yield Subject(WITHIN, team, channel), day, (0, count)


def _responses(period: Period, where: Q) -> Iterator[Row]:
    rows = DurationDay.objects.filter(where, within(period), span=SPAN)
    for (day, team, channel), hist in stored.histograms(rows, "day", "team", "channel").items():
        # Below a second a duration counts as one second, whose key is 0.
        keyed = [(max(0, bucket), count) for bucket, count in hist.items()]
        n, keys = hist.total(), sum(key * count for key, count in keyed)
        squares = sum(key * key * count for key, count in keyed)
        logs = n * LOG_BASE + keys * LOG_STEP
        of_squares = n * LOG_BASE**2 + 2 * LOG_BASE * LOG_STEP * keys + LOG_STEP**2 * squares
        yield Subject(RESPONSE, team, channel), day, (n, logs, of_squares)


READERS: Mapping[str, Callable[[Period, Q], Iterator[Row]]] = {
    "scores": _scores,
    "comments": _comments,
    TOPIC: _topics,
    "contacts": _contacts,
    RESPONSE: _responses,
}
GROUPS: Mapping[str, tuple[str, ...]] = {
    "scores": (CSAT, NPS, CES, ANSWERS),
    "comments": (NEGATIVE, CONSTRUCTIVE),
    TOPIC: (TOPIC,),
    "contacts": (CONTACTS, WITHIN),
    RESPONSE: (RESPONSE,),
}
