import datetime as dt

import pytest
from django.utils import timezone

from config.celery import app
from ground import idempotency
from ground.models import IdempotencyRecord
from ground.tasks import forget_old

pytestmark = pytest.mark.django_db


def test_replies_are_kept_for_seven_days() -> None:
    for key in ("old", "young"):
        idempotency.once(caller="crm", key=key, mark="m", act=lambda: (202, {}))
    IdempotencyRecord.objects.filter(key="old").update(created_at=timezone.now() - dt.timedelta(days=7, seconds=1))
    forget_old()
    assert IdempotencyRecord.objects.get().key == "young"


def test_every_tick_names_a_task_that_exists(settings) -> None:
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks


def test_every_task_has_a_queue_that_is_served(settings) -> None:
    app.loader.import_default_modules()
    served = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    for name in app.tasks:
        if not name.startswith("celery."):
            assert app.amqp.router.route({}, name)["queue"].name in served, name
            assert name in settings.CELERY_TASK_ROUTES or name.endswith(".ring_due"), name
