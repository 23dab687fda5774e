"""What may be shown and how it is rounded: display states, complement hiding, half-away-from-zero rounding."""

from collections.abc import Hashable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeVar

DisplayState = Literal["hidden", "weak", "full"]
Unit = Literal["share", "points", "mean", "per_1000"]
Key = TypeVar("Key", bound=Hashable)

# Of the units that are printed with decimals.
DIGITS: Mapping[Unit, int] = {"mean": 2, "per_1000": 1}
SHOWN_FROM = 5
FULL_FROM = 30
ONE_DECIMAL_FROM = 1000
# Below this a quotient fits the decimal module's 28 digits whatever it is scaled by.
PLAIN = 1e12


def display_state(n: float) -> DisplayState:
    """State of a number with denominator `n`: hidden below 5, weak 5..29 (grey, no arrow, no rank), full from 30."""
    if n < SHOWN_FROM:
        return "hidden"
    return "weak" if n < FULL_FROM else "full"


def segment_states(counts: Mapping[Key, int]) -> dict[Key, DisplayState]:
    """State of each segment of a total shown beside them; the segments are disjoint and add up to the total.

    While the total less the shown segments would leave a single hidden segment or fewer than 5 answers, the next
    smallest segment is hidden too. Empty segments give nothing away and protect nothing.
    """
    states = {key: display_state(n) for key, n in counts.items()}
    remainder = [n for n in counts.values() if 0 < n < SHOWN_FROM]
    for key in sorted((key for key, state in states.items() if state != "hidden"), key=lambda key: counts[key]):
        if not remainder or sum(remainder) >= SHOWN_FROM:
            break
        states[key] = "hidden"
        remainder.append(counts[key])
    return states


def round_half_away(num: float | Fraction, den: int = 1, *, digits: int = 0, scale: int = 1) -> Decimal | None:
    """`scale * num / den` rounded to `digits` decimals, halves away from zero; None when `den` is 0.

    A float is read by its shortest decimal form, so a tie survives if the float is a correctly rounded ratio.
    """
    if den == 0:
        return None
    if isinstance(num, float) and den == 1 and abs(num) < PLAIN:
        return _rounded(num, digits, scale)
    exact = Fraction(repr(num)) if isinstance(num, float) else Fraction(num)
    scaled = exact * scale * 10**digits / den
    rounded = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    signed = -rounded if scaled < 0 else rounded
    # An integer has no negative zero, so a small negative value is shown as "0" and not as "-0".
    return Decimal(signed).scaleb(-digits)


@lru_cache(maxsize=20_000)  # a page has hundreds of numbers, and tells most of them twice
def _rounded(num: float, digits: int, scale: int) -> Decimal:
    """The same by the decimal module's own arithmetic, in a tenth of the time."""
    plain = (Decimal(repr(num)) * scale).quantize(Decimal((0, (1,), -digits)), ROUND_HALF_UP)
    return plain or abs(plain)


def displayed(value: float | None, *, unit: Unit, n: int) -> Decimal | None:
    """`value`, a limit or a difference as printed: share in percent with 0 decimals (1 from n = 1000), NPS points
    with 0, mean with 2. None stays None: it is a dash on screen, never 0."""
    if value is None:
        return None
    if unit == "share":
        return round_half_away(value, digits=1 if n >= ONE_DECIMAL_FROM else 0, scale=100)
    return round_half_away(value, digits=DIGITS.get(unit, 0))
