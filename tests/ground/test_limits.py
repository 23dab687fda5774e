import datetime as dt
import threading

import pytest
from django.db import connection

from ground.limits import Limit, forget_old, hit
from ground.models import LimitCounter
from tests.campaign import accounts

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
@pytest.mark.parametrize(("limit", "hits"), [
    (THREE, 5), pytest.param(Limit("test", 500, 60), 250, marks=pytest.mark.campaign),
])  # fmt: skip
def test_parallel_hits_pass_exactly_the_limit(capsys: pytest.CaptureFixture[str], limit: Limit, hits: int) -> None:
    passed: list[bool] = []

    def work() -> None:
        passed.extend(hit(limit, "a", now=NOON) for _time in range(hits))
        connection.close()

    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = f"attempted {len(passed)}, let through {passed.count(True)} of {limit.count}"
    accounts.tell(capsys, f"limits, {connection.vendor}: {told}")
    assert (len(passed), passed.count(True)) == (8 * hits, limit.count)
