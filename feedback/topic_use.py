"""How often each topic was found of late, and when last."""

import datetime as dt
from typing import Any

from django.db.models import Count, Max, Q

from feedback import choices
from feedback.models import CommentTopic
from ground import remembered
from ground.models import Organisation

PERIODS = ("28d", "90d")


def counts() -> dict[int, dict[str, Any]]:
    """By topic and period, how many comments of that period have it: those that the reading list shows.

    Under "last", when the newest of them was said."""
    zone = Organisation.current().timezone
    begins = {period: dt.datetime.combine(choices.first_day(period, zone) or dt.date.min, dt.time(), zone)
              for period in PERIODS}  # fmt: skip

    def found() -> dict[int, dict[str, Any]]:
        rows = CommentTopic.objects.filter(comment__said_at__gte=min(begins.values())).order_by().values("topic")
        since = [Count("pk", filter=Q(comment__said_at__gte=at)) for at in begins.values()]
        told = rows.annotate(month=since[0], quarter=since[1], last=Max("comment__said_at"))
        columns = told.values_list("topic", "month", "quarter", "last")
        return {topic: dict(zip((*PERIODS, "last"), values, strict=True)) for topic, *values in columns}

    return remembered.while_costly(f"topics {begins}", found)
