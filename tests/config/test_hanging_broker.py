"""A broker that takes connections and never answers: the scheduler and a worker give it up in seconds, and say so."""

import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import kombu.exceptions
import pytest
from kombu.transport.redis import Channel

from config.brokers import Message
from config.celery import App
from config.up.ticking import SteadyScheduler

# The time-out of a socket twice, and a busy machine.
PATIENCE = 30


@pytest.fixture(params=["redis", "amqp"])
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    """The product's with a broker behind whose port the system alone takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        made = App("hanging", set_as_current=False)
        made.config_from_object("django.conf:settings", namespace="CELERY")
        made.conf.broker_url = f"{request.param}://127.0.0.1:{hanging.getsockname()[1]}"
        yield made
        made.close()


def test_it_is_given_up_and_told_of(app: App, caplog: pytest.LogCaptureFixture) -> None:
    scheduler, began = SteadyScheduler(app=app, lazy=True), time.monotonic()
    scheduler.setup_schedule()
    with caplog.at_level(logging.ERROR):
        scheduler.apply_entry(scheduler.schedule["ground"])
    assert [record.getMessage()[:25] for record in caplog.records] == ["no broker takes the ticks"]
    said: list[Any] = []
    with pytest.raises((kombu.exceptions.OperationalError, OSError)):
        app.connection_for_read().ensure_connection(errback=lambda *told: said.append(told), max_retries=1)
    assert said
    assert time.monotonic() - began < 2 * PATIENCE


class Hanging:
    """A channel of a broker that was about to be told that a message is done with."""

    no_ack_consumers: tuple[str, ...] = ()

    def basic_ack(self, _tag: str, multiple: bool = False) -> None:
        raise TimeoutError("Timeout reading from socket")


def test_a_worker_that_cannot_take_a_message_off_it_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    """Or it would wait for ever for the only message that it may have."""
    assert Channel.Message is Message
    message = Message({"properties": {"delivery_tag": "1"}}, channel=Hanging())
    with pytest.raises(TimeoutError):
        message.ack_log_error(logging.getLogger("worker"), (OSError, TimeoutError))
    assert "the broker does not answer" in caplog.text
