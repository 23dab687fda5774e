"""What happened in the demo's months, as its managers noted it on the charts."""

import datetime as dt

from analytics.models import Annotation
from config.demo.traffic import BAD_FROM
from ground.models import Team

RELEASE = "Новое голосовое меню на телефоне"
CAMPAIGN = "Распродажа"


def put_notes(*, now: dt.datetime) -> None:
    """A release after which the telephone went bad, and a campaign of one team."""
    today = now.date()
    changed = today - dt.timedelta(days=BAD_FROM)
    Annotation.objects.create(kind=Annotation.Kind.RELEASE, start=changed, end=changed, text=RELEASE)
    Annotation.objects.create(
        kind=Annotation.Kind.CAMPAIGN,
        team=Team.objects.filter(code="delivery").first(),
        start=today - dt.timedelta(days=62),
        end=today - dt.timedelta(days=49),
        text=CAMPAIGN,
    )
