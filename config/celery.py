"""Celery carries doorbells: every task finds its work as rows, so a lost or doubled message does no harm."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("otklik")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe(**given: Any) -> None:
    """Before anything is taken up: Celery looks at the checks and goes on whatever they say."""
    from config import checks

    checks.refuse()
