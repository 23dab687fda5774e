"""Celery carries doorbells: every task finds its work as rows, so a lost or doubled message does no harm."""

import os
from functools import cached_property
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, task_prerun, worker_ready

from ground import request_ids

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class App(Celery):
    amqp_cls = "config.brokers:AMQP"

    @cached_property
    def Worker(self) -> Any:  # noqa: N802 (Celery's name)
        return self.subclass_with_self("config.brokers:Worker")  # type: ignore[arg-type]


app = App("otklik")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _show_life(sender: Any, **_: Any) -> None:
    from ground import pulses

    pulses.go_on(sender.app.amqp.queues.consume_from)


@before_task_publish.connect
def _send_along(headers: dict[str, Any], **_: Any) -> None:
    headers["otklik_request"] = request_ids.current()


@task_prerun.connect
def _take_up(task: Any, **_: Any) -> None:
    request_ids.begin(getattr(task.request, "otklik_request", None))
