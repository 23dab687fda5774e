"""An export of a known help desk or CRM: how it names its columns, and how it says what."""

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from surveys.imports import channels
from surveys.imports.titles import plain
from surveys.models.customers import Channel
from surveys.shapes import LANGUAGE

LONGEST = {"reason": 100, "team_code": 64, "agent_external_id": 128, "agent_name": 200, "priority": 32}
ONE = ("customer_email", "customer_phone")  # of several, the first
# What stands in cells that hold nothing; a lone dash is nothing as well.
NOTHING = {"unassigned", "notassigned", "неназначен", "неназначена", "неназначено", "noagent", "nogroup", "незакрыта"}
UNRATED = {"offered", "notoffered", "unoffered", "notrated", "безоценки", "неоценено"}
PRIORITIES = {
    "low": "low, низкий", "normal": "normal, medium, средний, обычный, нормальный", "high": "high, высокий",
    "urgent": "urgent, critical, extreme, срочный, критический, чрезвычайный",
}  # fmt: skip
MEANT = {plain(word): code for code, words in PRIORITIES.items() for word in words.split(",")}
MOMENTS = ("created_at", "first_response_at", "resolved_at", "closed_at", "updated_at", "reopened_at")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class Product:
    """`titles` are ours to theirs, the best first; any of `signs` together in a header tells the product.

    `units` are seconds that a bare number stands for where it is no minute; `formats` how it writes moments, besides
    the usual ways; `one_less` are numbers of stations, of which the first is none of ours.
    """

    code: str
    name: str
    titles: Mapping[str, tuple[str, ...]]
    signs: tuple[tuple[str, ...], ...]
    formats: tuple[str, ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    tags_by: str = ","
    one_less: tuple[str, ...] = ()
    else_channel: str = Channel.WEB

    def is_of(self, header: list[str]) -> bool:
        """Whether a file with these titles is likely one of its exports."""
        titles = {plain(title) for title in header}
        return any({plain(title) for title in sign} <= titles for sign in self.signs)

    def columns(self, header: list[str]) -> dict[str, str]:
        """{field: column} of a file with these titles."""
        known = {plain(title): title for title in reversed(header)}
        found = {
            name: next((known[plain(title)] for title in titles if plain(title) in known), "")
            for name, titles in self.titles.items()
        }
        return {name: column for name, column in found.items() if column}

    def spare(self, header: list[str]) -> dict[str, list[str]]:
        """{field: the other columns it may stand in}: CRMs have a column for each kind of phone and address."""
        known = {plain(title): title for title in reversed(header)}
        return {
            name: [known[plain(title)] for title in self.titles.get(name, ()) if plain(title) in known] for name in ONE
        }

    def read(self, values: Mapping[str, str]) -> dict[str, str]:
        """A row in our words."""
        told = {name: cell.strip().lstrip("'") for name, cell in values.items()}
        told = {name: cell for name, cell in told.items() if plain(cell) and plain(cell) not in NOTHING}
        return {name: said for name, cell in told.items() if (said := self._said(name, cell))}

    def _said(self, name: str, cell: str) -> str:
        if name in MOMENTS:
            return self._moment(cell)
        if name in ONE:
            return re.split(r"[,;\s]+", cell.strip())[0] if name == "customer_email" else re.split("[,;]", cell)[0]
        if name in self.units and NUMBER.fullmatch(cell):
            return f"{float(cell) * self.units[name]:.0f} s"
        if name in self.one_less and cell.isdecimal():
            return str(max(int(cell) - 1, 0))
        if name == "tags":
            return ",".join(tag[:64] for tag in cell.split(self.tags_by if self.tags_by.strip() else None)[:50])
        return self._word(name, cell)[: LONGEST.get(name)]

    def _word(self, name: str, cell: str) -> str:
        if name == "channel":
            outbound = " outbound" if channels.is_outbound(cell) else ""
            return (channels.meant(cell) or self.else_channel) + outbound
        if name == "priority":
            return MEANT.get(plain(cell), cell)
        if name == "satisfaction":
            return "" if plain(cell) in UNRATED else cell
        if name == "customer_language":
            return cell if re.fullmatch(LANGUAGE, cell) else ""
        return cell

    def _moment(self, cell: str) -> str:
        for how in self.formats:
            with suppress(ValueError):
                return dt.datetime.strptime(cell, how).isoformat()
        return cell
