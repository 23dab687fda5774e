from collections.abc import Iterator

import pytest

from tests.browsing import needs_browser
from tests.e2e import stack
from tests.e2e.stack import Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in str(item.path):
            item.add_marker("e2e")
            item.add_marker(needs_browser)


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    started = stack.start(tmp_path_factory.mktemp("otklik"))
    yield started
    assert stack.stop(started) == 0
