"""What the answers that there are can show: the smallest change that would be found, and how many a closer look takes
(M13)."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from analytics import formats
from analytics.display import SHOWN_FROM, Unit
from analytics.reports import ScoreCard
from analytics.sample_size import answers_for_half_width, minimum_detectable_change

# So close, 0..1, that the number of answers is told for it.
CLOSE = 0.05


@dataclass(frozen=True, kw_only=True)
class Detectable:
    """The smallest rise and fall of a share that as many answers would show; None: not even the largest."""

    rise: float | None
    fall: float | None
    answers: int


def detectable(card: ScoreCard) -> Detectable | None:
    """Against as many answers as the comparison has, or as many again without one; None of what is no shown share."""
    metric = card.metric
    if metric.unit != "share" or metric.state == "hidden" or metric.value is None:
        return None
    before = card.n_before if card.n_before and card.n_before >= SHOWN_FROM else metric.n
    return _of(metric.value, before, metric.n, metric.n / metric.n_eff if metric.n_eff else 1.0)


@lru_cache(maxsize=500)
def _of(p: float, before: int, now: int, deff: float) -> Detectable:
    rise, fall = (minimum_detectable_change(p=p, n0=before, n1=now, sign=sign, deff=deff) for sign in (1, -1))
    return Detectable(rise=rise, fall=fall, answers=round(deff * answers_for_half_width(p, CLOSE)))


def words(card: ScoreCard) -> str:
    """For the card; empty where nothing can be said."""
    found = detectable(card)
    if found is None:
        return ""
    unit: Unit = "share"
    told = {
        "rise": formats.difference(found.rise, unit=unit) if found.rise is not None else "",
        "fall": formats.difference(-found.fall, unit=unit) if found.fall is not None else "",
    }
    if told["rise"] and told["fall"]:
        first = _("A change of %(rise)s or %(fall)s and more would be found four times in five.") % told
    elif told["rise"]:
        first = _("A rise of %(rise)s and more would be found four times in five; no fall can be measured.") % told
    elif told["fall"]:
        first = _("A fall of %(fall)s and more would be found four times in five; no rise can be measured.") % told
    else:
        first = _("No change can be measured with so few answers.")
    closer = _("To know the share to ±5 pp takes %s answers.") % formats.number(found.answers)
    return f"{first} {closer}"
