"""From each number to its rows: addresses of the reading lists with the dashboard's filters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from analytics import rows_behind
from analytics.periods import Period
from analytics.reports import Filters
from analytics.slice_counts import AGENT, SEGMENT, TOPIC
from feedback import answer_filter
from feedback.choices import COUNTED, EXCLUDED
from ground.addresses import address_of
from surveys.resolved import RESOLVED


@dataclass(frozen=True)
class Links:
    """Addresses of the rows that the filters count; keyword arguments narrow them.

    A page is the name of an address, or the address itself when it needs more than a name.
    `kept` is what else stands in the page's own address, and stays; so does `asked`, its period and its comparison.
    """

    filters: Filters
    page: str = "analytics:dashboard"
    kept: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)

    def responses(self, period: Period | None = None, **more: Any) -> str:
        more = {"evidence": self.filters.evidence or COUNTED, "dated": self.filters.dated} | more
        if more.get("scale") == RESOLVED:
            more |= {"scale": "", "score": "", "answer": answer_filter.of_resolved(more.get("score", ""))}
        chosen = self.filters.slice
        if chosen and chosen.kind == TOPIC:  # what an answer is about is told of its comments
            more = {name: value for name, value in more.items() if name not in ("scale", "dated")}
            return self._address(
                "admin:feedback_comment_changelist", period, {"score": "0-10", "topic": chosen.value} | more
            )
        return self._address("admin:feedback_response_changelist", period, self._sliced() | more)

    def comments(self, period: Period | None = None, *, of_class: str = "", **more: Any) -> str:
        more = {"source": self.filters.source, "class": of_class} | self._sliced() | more
        return self._address("admin:feedback_comment_changelist", period, more)

    def left_out_responses(self) -> str:
        return self.responses(evidence=EXCLUDED)

    def left_out_comments(self) -> str:
        return self.comments(evidence=EXCLUDED)

    def contacts(self, period: Period | None = None, **more: Any) -> str:
        """The contacts that began in the period; keyword arguments are the list's own filters."""
        first, after = (period or self.filters.period).moments(self.filters.zone)
        chosen = {"channel__exact": self.filters.channel, "team__id__exact": self.filters.team}
        chosen |= self._contacts_of_slice() | {"counted": rows_behind.ALL}
        days = {"created_at__gte": first.isoformat(), "created_at__lt": after.isoformat()}
        return f"{address_of('admin:surveys_interaction_changelist')}?{_query(days, chosen | more)}"

    def open_contacts(self, **more: Any) -> str:
        """The contacts of whatever day that somebody still has to act on; `open` may be a day instead, as it ended."""
        chosen = {"channel__exact": self.filters.channel, "team__id__exact": self.filters.team, "open": "yes"}
        chosen |= {"counted": rows_behind.ALL}
        return f"{address_of('admin:surveys_interaction_changelist')}?{_query(chosen | more)}"

    def invitations(self, period: Period | None = None, **more: Any) -> str:
        """The invitations that left in the period; keyword arguments are the list's own filters."""
        first, after = (period or self.filters.period).moments(self.filters.zone)
        chosen = {"channel__exact": self.filters.channel, "team__id__exact": self.filters.team}
        chosen |= {"survey__id__exact": self.filters.survey, "is_test__exact": "0"}
        if self.filters.slice and self.filters.slice.kind == SEGMENT:
            chosen |= {"segment": self.filters.slice.value}
        params = {"sent_at__gte": first.isoformat(), "sent_at__lt": after.isoformat()} | chosen | more
        return f"{address_of('admin:surveys_invitation_changelist')}?{_query(params)}"

    def decisions(self, **more: Any) -> str:
        """The decisions of the period whether to ask; keyword arguments are the list's own filters."""
        first, after = self.filters.period.moments(self.filters.zone)
        chosen = {
            "interaction__channel__exact": self.filters.channel,
            "interaction__team__id__exact": self.filters.team,
        }
        chosen |= {"survey__id__exact": self.filters.survey}
        params = {"decided_at__gte": first.isoformat(), "decided_at__lt": after.isoformat()} | chosen
        # An empty reason narrows, too.
        return f"{address_of('admin:surveys_decision_changelist')}?{_query(params)}&{urlencode(more)}"

    def here(self, **more: Any) -> str:
        """This page with the scope and the period kept and `more` changed."""
        chosen = self.filters.slice
        kept = {
            "source": self.filters.source,
            "evidence": self.filters.evidence,
            "dated": self.filters.dated,
            "only": str(chosen) if chosen else "",
            **self.kept,
        }
        asked = dict(self.asked)
        if {"period", "from"} & more.keys():
            asked = {"compare": asked.get("compare")}
        return f"{_resolved(self.page)}?{_query(self._scope() | kept | asked | more)}"

    def there(self, page: str, **more: Any) -> str:
        """Another page about the same period, team, channel and survey, compared with the same days."""
        days = {"from": self.filters.period.start, "to": self.filters.period.end, "compare": self.asked.get("compare")}
        return f"{_resolved(page)}?{_query(days | self._scope() | more)}"

    def _address(self, name: str, period: Period | None, more: dict[str, Any]) -> str:
        days = period or self.filters.period
        params = self._scope() | {"evidence": COUNTED} | more
        return f"{address_of(name)}?{_query({'from': days.start, 'to': days.end}, params)}"

    def _sliced(self) -> dict[str, Any]:
        chosen = self.filters.slice
        return {chosen.kind: chosen.value} if chosen else {}

    def _contacts_of_slice(self) -> dict[str, Any]:
        """The filters of the list of contacts; by topic and language it has none."""
        chosen = self.filters.slice
        names = {AGENT: "agent__id__exact", SEGMENT: "segment"}
        return {names[chosen.kind]: chosen.value} if chosen and chosen.kind in names else {}

    def _scope(self) -> dict[str, Any]:
        chosen = self.filters
        return {"team": chosen.team, "channel": chosen.channel, "survey": chosen.survey}


def _resolved(page: str) -> str:
    return page if page.startswith("/") else address_of(page)


def _query(*params: dict[str, Any]) -> str:
    """Each of the parts is encoded by itself: rows of a table differ in one, weeks of a chart in another."""
    parts = (
        _encoded(tuple((name, str(value)) for name, value in part.items() if value not in (None, "")))
        for part in params
    )
    return "&".join(part for part in parts if part)


@lru_cache(maxsize=4096)
def _encoded(params: tuple[tuple[str, str], ...]) -> str:
    return urlencode(params)
