"""What was taken out of the index of words leaves no trace in the file once the index is written anew."""

import pytest
from django.db import connection

from feedback import search
from ground import holdings

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps lemmas in the row alone"),
]
# No two begin alike: of the second the index would keep the rest alone.
GONE, KEPT = "зюзюка", "wait"


def stored() -> bytes:
    """The index as it lies in the file."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT block FROM {search.TABLE}_data")
        return b"".join(block for (block,) in cursor.fetchall())


def test_words_that_were_erased_leave_the_index_with_its_rebuilding() -> None:
    search.remember({1: GONE})
    search.remember({2: KEPT})
    search.forget([1])
    assert GONE.encode() in stored()  # a deletion is only noted
    holdings.told("rebuild_indexes")
    assert GONE.encode() not in stored() and KEPT.encode() in stored()
    with connection.cursor() as cursor:
        cursor.execute(search.ROWS, [KEPT])
        assert cursor.fetchall() == [(2,)]
