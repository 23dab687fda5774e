import datetime as dt
import threading

import pytest
from django.db import connection

from ground.limits import Limit, forget_old, hit
from ground.models import LimitCounter

pytestmark = pytest.mark.django_db
THREE = Limit(name="test", count=3, seconds=60)
NOON = dt.datetime(2026, 5, 12, 12, tzinfo=dt.UTC)


def test_the_fourth_in_a_window_is_refused_and_the_next_window_is_fresh() -> None:
    assert [hit(THREE, "a", now=NOON) for _time in range(4)] == [True, True, True, False]
    assert hit(THREE, "a", now=NOON + dt.timedelta(seconds=60))


def test_subjects_do_not_share() -> None:
    for _time in range(4):
        hit(THREE, "a", now=NOON)
    assert hit(THREE, "b", now=NOON)


def test_old_windows_are_forgotten() -> None:
    hit(THREE, "a", now=NOON)
    assert forget_old() == 1
    assert not LimitCounter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_parallel_hits_pass_exactly_the_limit() -> None:
    passed: list[bool] = []

    def work() -> None:
        passed.extend(hit(THREE, "a", now=NOON) for _time in range(5))
        connection.close()

    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 3
