"""How often each topic was found of late."""

import datetime as dt

from django.db.models import Count, Q

from feedback import choices
from feedback.models import CommentTopic
from ground import remembered
from ground.models import Organisation

PERIODS = ("28d", "90d")


def counts() -> dict[int, dict[str, int]]:
    """By topic and period, how many comments of that period have it: those that the reading list shows."""
    zone = Organisation.current().timezone
    begins = {period: dt.datetime.combine(choices.first_day(period, zone) or dt.date.min, dt.time(), zone)
              for period in PERIODS}  # fmt: skip

    def found() -> dict[int, dict[str, int]]:
        rows = CommentTopic.objects.filter(comment__said_at__gte=min(begins.values())).order_by().values("topic")
        since = [Count("pk", filter=Q(comment__said_at__gte=at)) for at in begins.values()]
        told = rows.annotate(month=since[0], quarter=since[1]).values_list("topic", "month", "quarter")
        return {topic: dict(zip(PERIODS, numbers, strict=True)) for topic, *numbers in told}

    return remembered.while_costly(f"topics {begins}", found)
