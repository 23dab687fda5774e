import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign import disks, running
from tests.campaign.running import Product


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They run whole process trees, like the tests with a browser, and beside those."""
    for item in items:
        if "tests/campaign/" in str(item.path):
            item.add_marker("e2e")


@pytest.fixture(scope="package", params=["SQLite", "PostgreSQL"])
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    """Everything on one database, on a small disk where one can be had; whoever breaks it mends it."""
    # Not in the directory that pytest closes to every other user: PostgreSQL's has to come in.
    with (
        tempfile.TemporaryDirectory(prefix="otklik-product-") as name,
        disks.small(Path(name)),
        running.product(Path(name), with_postgres=request.param == "PostgreSQL") as started,
    ):
        yield started
