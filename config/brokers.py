"""What Celery does otherwise here, so that a broker that was away for long, or RabbitMQ, delays no ring."""

import logging
from typing import Any

import kombu
from celery.app import amqp
from celery.apps import worker
from kombu.transport.virtual import base

# Celery looks for a lost broker ever more rarely, every half a minute in the end: as long as that a mail would wait
# after the broker is back.
LONGEST_PAUSE = 4


class Message(base.Message):
    """A message of Redis or Valkey."""

    def ack_log_error(self, logger: logging.Logger, errors: Any, multiple: bool = False) -> None:
        """Take it off the broker; where that fails, the worker has to begin with a new connection.

        Kombu logs it and goes on. A worker takes one message at a time, and this one would stay that one: it would hear
        of nothing more for ever, though it lives.
        """
        try:
            self.ack(multiple=multiple)
        except errors as error:
            logger.error("the broker does not answer: %s", error)
            raise


base.Channel.Message = Message


class Connection(kombu.Connection):
    def ensure_connection(self, *args: Any, **kwargs: Any) -> kombu.Connection:  # type: ignore[override]
        return super().ensure_connection(*args, **{"interval_max": LONGEST_PAUSE} | kwargs)


class AMQP(amqp.AMQP):
    Connection = Connection


class Worker(worker.Worker):
    def should_use_eventloop(self) -> bool:
        """Whether messages are waited for by an event loop; not where the transport keeps a buffer of its own.

        A worker that is one process does its task within the loop. What RabbitMQ sent meanwhile then lies in the
        buffer already, and the loop sleeps over it for up to ten seconds.
        """
        transport = self._conninfo.transport  # type: ignore[attr-defined]
        return bool(super().should_use_eventloop()) and transport.driver_type != "amqp"
