"""Whom a rule asks when it does not ask all: a lot that always falls the same way, drawn in each cell by its share.

The lot hangs on the rule, the customer and the interaction alone, so that asking again or changing the rule's other
parts changes nobody's luck. One asked customer of a cell stands for 1 / share of it: that weight is stored.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from surveys.models import Customer, Interaction, SendingRule

# Important customers whom a rule asks without sampling are a cell of their own.
VIP = "vip"
WEIGHT_DIGITS = Decimal("0.0001")


@dataclass(frozen=True)
class Lot:
    """The cell, its share in [0, 1], the lot in [0, 1), and how many customers one that is asked stands for."""

    cell: str = ""
    share: float = 1.0
    draw: float = 0.0
    weight: Decimal = Decimal(1)


ALL_ALIKE = Lot()


def draw_lot(rule: SendingRule | None, interaction: Interaction, customer: Customer) -> Lot:
    """The lot of this interaction under this rule."""
    if rule is None:
        return ALL_ALIKE
    if rule.vip_unsampled and customer.is_vip:
        return Lot(cell=VIP)
    cell = cell_of(rule, interaction, customer)
    percent = share_of(rule, cell)
    if percent >= 100:
        return Lot(cell=cell)
    weight = (Decimal(100) / Decimal(percent)).quantize(WEIGHT_DIGITS) if percent > 0 else Decimal(1)
    return Lot(cell=cell, share=percent / 100, draw=draw(f"sample|{rule.pk}", interaction), weight=weight)


def cell_of(rule: SendingRule, interaction: Interaction, customer: Customer) -> str:
    """The value by which the rule has other shares, "" for a rule that treats all alike."""
    values = {
        SendingRule.SampleBy.CHANNEL: interaction.channel,
        SendingRule.SampleBy.TEAM: str(interaction.team_id or ""),
        SendingRule.SampleBy.REASON: interaction.reason,
        SendingRule.SampleBy.LANGUAGE: _language(rule, customer.language),
    }
    return values.get(SendingRule.SampleBy(rule.sample_by), "")[:64]


def _language(rule: SendingRule, code: str) -> str:
    """Who speaks ru-RU speaks ru, unless the rule has a share for ru-RU."""
    return code if code in rule.sample_cells else code.split("-")[0]


def share_of(rule: SendingRule, cell: str) -> float:
    """How many of a hundred are asked in this cell."""
    return float(rule.sample_cells.get(cell, rule.sample_percent)) if rule.sample_by else float(rule.sample_percent)


def draw(seed: str, interaction: Interaction) -> float:
    """A number in [0, 1), the same for ever for the same seed, customer and interaction, even over all of them."""
    named = f"{seed}|{interaction.customer_id}|{interaction.pk}"
    digest = hashlib.blake2b(named.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53
