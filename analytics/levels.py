"""Which service level holds for a contact."""

from collections.abc import Iterator
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from analytics.models import ServiceLevel, TellingSource
from analytics.periods import Period
from surveys.models import Interaction


class Levels:
    """All levels, read once; days are cut in `zone`."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    @cached_property
    def _known(self) -> list[ServiceLevel]:
        """The narrowest first: a complaint's, then those of a channel and a priority; of equals the newest."""
        return sorted(
            ServiceLevel.objects.all(),
            key=lambda level: (
                not level.is_for_complaints, not level.channel, not level.priority, -level.since.toordinal(),
            ),
        )  # fmt: skip

    @cached_property
    def _telling(self) -> frozenset[tuple[str, str, int | None]]:
        return frozenset(TellingSource.objects.values_list("source", "channel", "team"))

    def judges(self, contact: Interaction) -> bool:
        """Whether no response of it means that none came: its source tells of the team's in this channel."""
        return (contact.source, contact.channel, contact.team_id) in self._telling

    def __bool__(self) -> bool:
        return bool(self._known)

    def __iter__(self) -> Iterator[ServiceLevel]:
        """The first that fits a contact is the one that holds for it."""
        return iter(self._known)

    @cached_property
    def promise_solving(self) -> bool:
        """Whether any of them says how soon something has to be solved."""
        return any(level.seconds_to_solve for level in self._known)

    def holding(self) -> Iterator[tuple[ServiceLevel, Q]]:
        """Each with the condition on rows of contacts that it is the one that holds for them."""
        others = Q()
        for level in self:
            yield level, others & self.fits(level)
            others &= ~self.fits(level)

    def of(self, contact: Interaction) -> ServiceLevel | None:
        """The level that was in force for such a contact when it began; None when there was none."""
        if not self._known:
            return None
        began = contact.created_at.astimezone(self.zone).date()
        return next((level for level in self._known if level.since <= began and _fits(level, contact)), None)

    def fits(self, level: ServiceLevel) -> Q:
        """The condition on rows of contacts that this level is for."""
        since, _after = Period(level.since, level.since).moments(self.zone)
        condition = Q(created_at__gte=since)
        condition &= Q(channel=level.channel) if level.channel else Q()
        condition &= Q(priority=level.priority) if level.priority else Q()
        return condition & Q(is_complaint=True) if level.is_for_complaints else condition


def is_judged() -> Q:
    """`Levels.judges`, for the database."""
    known = TellingSource.objects.filter(source=OuterRef("source"), channel=OuterRef("channel"))
    return Q(Exists(known.filter(team=OuterRef("team")))) | Q(Exists(known.filter(team=None)), team=None)


def _fits(level: ServiceLevel, contact: Interaction) -> bool:
    return (
        level.channel in ("", contact.channel)
        and level.priority in ("", contact.priority)
        and (contact.is_complaint or not level.is_for_complaints)
    )
