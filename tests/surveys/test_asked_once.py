"""However many ask at once about one customer, one invitation is planned; of a day's places none is taken twice."""

import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection

from surveys import deciding
from surveys.models import Decision, Interaction, Invitation, RuleDay, SendingRule
from tests.factories import make_customer, make_interaction

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(calls: list[Callable[[], object]]) -> list[Exception]:
    """Run each in a thread of its own, begun together; one that waited too long for the database is rung again."""
    together, faults = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        try:
            together.wait()
            patiently(call)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def patiently(call: Callable[[], object]) -> None:
    for _ring in range(10):
        try:
            call()
            return
        except OperationalError:
            connection.close()
    call()


def consider(pk: int) -> None:
    deciding.consider(Interaction.objects.get(pk=pk))


def test_fifty_workers_about_one_interaction(rule) -> None:
    interaction = make_interaction()
    assert all_at_once([lambda: consider(interaction.pk)] * 50) == []
    assert Invitation.objects.count() == Decision.objects.count() == 1


def test_fifty_interactions_of_one_customer(rule) -> None:
    customer = make_customer()
    keys = [make_interaction(customer=customer).pk for _number in range(50)]
    assert all_at_once([lambda key=key: consider(key) for key in keys]) == []
    assert Invitation.objects.count() == 1
    assert Decision.objects.count() == 50
    assert Decision.objects.filter(reason="survey_rest").count() == 49


def test_fifty_customers_and_a_daily_maximum_of_ten(rule) -> None:
    SendingRule.objects.update(daily_maximum=10)
    keys = [make_interaction().pk for _number in range(50)]
    assert all_at_once([lambda key=key: consider(key) for key in keys]) == []
    assert list(RuleDay.objects.order_by("day").values_list("planned", flat=True)) == [10] * 5
    days = [invitation.due_at.astimezone(ZoneInfo("Europe/Moscow")).date() for invitation in Invitation.objects.all()]
    assert sorted(days.count(day) for day in set(days)) == [10] * 5
