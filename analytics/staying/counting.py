"""Counts all customers of a scope as a job: bunch by bunch, so that a million of them need no more memory than one."""

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.churn import window_of
from analytics.contact_counts import CONTACTS
from analytics.models import Staying
from analytics.periods import local_day, utc_range
from analytics.staying.tally import LOOK_BACK, SAID_WITHIN, Frame, Known, gaps, tally
from feedback.models import Response
from ground import jobs, notices
from ground.access import Scope
from ground.jobs import Progress
from ground.models import Job, Organisation, Team, reporting_day
from ground.unindexed import Unindexed
from surveys.models import Customer, Interaction

KIND = "staying"
VERSION = 3
BUNCH = 2000
WHOLE = "all"
# The name of some hundred teams is longer than what the column holds.
LONGEST = 1000


def name_of(scope: Scope, team: int | None) -> str:
    """What the counts of a reader are kept under: the whole organisation, or the teams by their keys."""
    if team:
        return str(team)
    return WHOLE if scope.covers_all() else ",".join(map(str, sorted(scope.team_ids())))


def newest(name: str) -> Staying | None:
    """The counts of a scope as they were made last, under its whole name."""
    known = Staying.objects.filter(scope=_kept_as(name)).first()
    if known:
        known.scope = name
    return known


def _kept_as(name: str) -> str:
    return name if len(name) <= LONGEST else hashlib.sha256(name.encode()).hexdigest()


def ask(name: str) -> Job | None:
    """Have the counts of a scope made, unless they are as of yesterday or being made; the job, if one waits."""
    last = reporting_day(timezone.now()) - dt.timedelta(days=1)
    if _holds(newest(name), last):
        return None
    waiting = jobs.waiting().filter(kind=KIND, params__scope=name, params__day=last.isoformat()).first()
    return waiting or jobs.start(KIND, params={"scope": name, "day": last.isoformat()}, author=None)


def of_last_month(name: str) -> Staying | None:
    """The counts of a scope that tell of the last month that is over, for who shows nothing else of them."""
    known = newest(name)
    over = reporting_day(timezone.now()).replace(day=1) - dt.timedelta(days=1)
    return known if _holds(known, over) else None


def _holds(known: Staying | None, day: dt.date) -> bool:
    """Whether they tell of all up to this day. Those of days ahead were made by a clock that has been set back since:
    by them, everybody is silent."""
    latest = reporting_day(timezone.now()) + dt.timedelta(days=1)
    return known is not None and known.version == VERSION and day <= known.day <= latest


def ask_for_last_month() -> None:
    """Have the month that is over counted for every scope that somebody sees: the first page to look told of none."""
    teams = list(Team.objects.values_list("pk", flat=True))
    names = {WHOLE, *map(str, teams)} | {name_of(scope, None) for _user, scope in notices.audience(teams)}
    for name in sorted(names - {""}):
        if of_last_month(name) is None:
            ask(name)


def _step(job: Job) -> Progress:
    """The next bunch: first all gaps between contacts, which tell the window, then everything else."""
    at = job.cursor or {"after": 0, "gaps": {}, "window": None, "found": {}}
    last = dt.date.fromisoformat(job.params["day"])
    keys = list(Customer.objects.filter(pk__gt=at["after"]).order_by("pk").values_list("pk", flat=True)[:BUNCH])
    known = list(_known(keys, job.params["scope"], last)) if keys else []
    if at["window"] is None:
        found = Counter({int(key): count for key, count in at["gaps"].items()}) + gaps(known)
        at["gaps"] = {str(key): count for key, count in found.items()}
        if len(keys) < BUNCH:
            at |= {"after": 0, "window": window_of(found)}
            return Progress(cursor=at, rows=len(keys))
    else:
        for name, counts in tally(known, Frame(last=last, window=at["window"])).items():
            at["found"][name] = dict(Counter(at["found"].get(name, {})) + counts)
        if len(keys) < BUNCH:
            _keep(job.params["scope"], last, at)
            return Progress(cursor=None, rows=len(keys), finished=True)
    return Progress(cursor=at | {"after": keys[-1]}, rows=len(keys))


def _keep(scope: str, last: dt.date, at: dict[str, Any]) -> None:
    first = Interaction.objects.filter(CONTACTS, of_scope(scope)).aggregate(at=Min("created_at"))["at"]
    if first:
        at["found"]["since"] = local_day(first, Organisation.current().timezone).isoformat()
    told = {"day": last, "version": VERSION, "window": at["window"], "found": at["found"], "made_at": timezone.now()}
    Staying.objects.update_or_create(scope=_kept_as(scope), defaults=told)


def _known(keys: list[int], scope: str, last: dt.date) -> Iterator[Known]:
    """Customers with a contact of these teams up to the day; of the whole organisation those under contract, too."""
    zone = Organisation.current().timezone
    until = utc_range(last, last + dt.timedelta(days=1), zone)[1]
    within = {"customer__gte": keys[0], "customer__lte": keys[-1]}
    rows = Interaction.objects.filter(CONTACTS, of_scope(scope), **within, created_at__lt=until).order_by()
    days: dict[int, set[dt.date]] = defaultdict(set)
    for customer, began in rows.values_list("customer", "created_at").iterator():
        days[customer].add(local_day(began, zone))
    contracts = Customer.objects.filter(pk__gte=keys[0], pk__lte=keys[-1])
    contracts = contracts.filter(Q(contract_start__isnull=False) | Q(contract_end__isnull=False))
    told = contracts.values_list("pk", "contract_start", "contract_end", "created_at").iterator()
    of_contract = {pk: (since, end, local_day(at, zone)) for pk, since, end, at in told}
    scores = _scores(within, scope, last)
    # Contacts alone tell of which team somebody is a customer.
    for customer in days.keys() | (of_contract.keys() if scope == WHOLE else ()):
        since, end, entered = of_contract.get(customer, (None, None, None))
        on = sorted(days.get(customer, ()))
        yield Known(days=on, since=since, until=end, entered=entered, score=scores.get(customer))


def _scores(within: dict[str, int], scope: str, last: dt.date) -> dict[int, int]:
    """The last loyalty score that each of them had given before the days that are looked at."""
    zone = Organisation.current().timezone
    end = last - dt.timedelta(days=LOOK_BACK)
    first, after = utc_range(end - dt.timedelta(days=SAID_WITHIN), end, zone)
    said = scored(scope).filter(**within)
    # Told apart here: SQLite would walk a year of everybody's answers for each bunch of customers.
    told = [row for row in said.order_by().values_list("answered_at", "customer", "score") if first <= row[0] < after]
    return {customer: score or 0 for _at, customer, score in sorted(told)}


def scored(scope: str) -> QuerySet[Any]:
    """The loyalty scores of a scope that count and tell who gave them."""
    return Response.objects.annotate(of_team=Unindexed("team")).filter(
        of_scope(scope, team="of_team"), scale="nps", score__isnull=False, evidence__in=Response.COUNTED,
        is_excluded=False, survey__is_anonymous=False,
    )  # fmt: skip


def of_scope(scope: str, *, team: str = "team") -> Q:
    """The condition on rows of a scope that is told by its name."""
    return Q() if scope == WHOLE else Q(**{f"{team}__in": [int(key) for key in scope.split(",") if key]})


jobs.register(jobs.Kind(name=KIND, title=lambda job: _("Count who stays and who leaves"), step=_step))
