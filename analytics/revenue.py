"""NPS by revenue: each answer weighs as much as its customer is worth in a year (M3). Never the headline.

Read from the answers themselves: a customer's worth changes without a word to the counts by day.
"""

from dataclasses import dataclass

from django.db.models import Case, Count, F, FloatField, Q, Sum, Value, When
from django.db.models.functions import Cast

from analytics.display import display_state
from analytics.reports import NPS, Filters
from analytics.scores import SCALES, Nps, WeightedNps, nps, weighted_nps_of_sums
from feedback.models import Response
from surveys.models import Customer

WORTH = "invitation__customer__value"
PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"


@dataclass(frozen=True, kw_only=True)
class ByRevenue:
    """The NPS of those whose worth is known, by revenue and by heads; `answered` are all who answered."""

    weighted: WeightedNps
    plain: Nps
    answered: int

    @property
    def is_shown(self) -> bool:
        """One large account can leave few effective answers."""
        return display_state(min(self.plain.n, self.weighted.n_eff)) != "hidden"


def nps_by_revenue(filters: Filters) -> ByRevenue | None:
    """Of the answers of the period to surveys that are not anonymous; None where no worth is known."""
    if not Customer.objects.filter(value__gt=0).exists():
        return None
    first, after = filters.period.moments(filters.zone)
    rows = Response.objects.filter(
        filters.rows(), filters.of_evidence(), answered_at__gte=first, answered_at__lt=after, scale=NPS,
        score__isnull=False, evidence__in=Response.COUNTED, is_excluded=False, survey__is_anonymous=False,
    ).order_by()  # fmt: skip
    boxes, known = SCALES[NPS], Q(**{f"{WORTH}__gt": 0})
    worth = Cast(F(WORTH), FloatField())
    part = Case(
        When(score__in=boxes.top, then=Value(PROMOTER)),
        When(score__in=boxes.bottom, then=Value(DETRACTOR)),
        default=Value(PASSIVE),
    )
    found = {
        name: (of_known, weight or 0.0, squares or 0.0, count)
        for name, of_known, weight, squares, count in rows.annotate(part=part).values_list("part").annotate(
            of_known=Count("pk", filter=known), weight=Sum(worth, filter=known),
            squares=Sum(worth * worth, filter=known), told=Count("pk"),
        )
    }  # fmt: skip
    counts, weights = (
        {name: found.get(name, (0, 0.0, 0.0, 0))[at] for name in (PROMOTER, PASSIVE, DETRACTOR)} for at in (0, 1)
    )
    if not sum(counts.values()):
        return None
    return ByRevenue(
        weighted=weighted_nps_of_sums(
            promoters=weights[PROMOTER], passives=weights[PASSIVE], detractors=weights[DETRACTOR],
            squares=sum(squares for _known, _weight, squares, _count in found.values()),
        ),
        plain=nps(
            promoters=int(counts[PROMOTER]), passives=int(counts[PASSIVE]), detractors=int(counts[DETRACTOR])
        ),
        answered=sum(count for *_sums, count in found.values()),
    )  # fmt: skip
