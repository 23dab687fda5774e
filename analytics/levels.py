"""Which service level holds for a contact."""

from functools import cached_property
from zoneinfo import ZoneInfo

from analytics.models import ServiceLevel
from surveys.models import Interaction


class Levels:
    """All levels, read once; days are cut in `zone`."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    @cached_property
    def _known(self) -> list[ServiceLevel]:
        """The narrowest first: a complaint's, then those of a channel and a priority; of equals the newest."""
        return sorted(
            ServiceLevel.objects.all(),
            key=lambda level: (
                not level.is_for_complaints, not level.channel, not level.priority, -level.since.toordinal(),
            ),
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self._known)

    def of(self, contact: Interaction) -> ServiceLevel | None:
        """The level that was in force for such a contact when it began; None when there was none."""
        if not self._known:
            return None
        began = contact.created_at.astimezone(self._zone).date()
        return next((level for level in self._known if level.since <= began and _fits(level, contact)), None)


def _fits(level: ServiceLevel, contact: Interaction) -> bool:
    return (
        level.channel in ("", contact.channel)
        and level.priority in ("", contact.priority)
        and (contact.is_complaint or not level.is_for_complaints)
    )
