import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They run whole process trees, like the tests with a browser, and beside those."""
    for item in items:
        if "tests/campaign/" in str(item.path):
            item.add_marker("e2e")
