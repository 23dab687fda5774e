"""What all hostile tests have in common: a hundred thousand refusals."""

import logging

import pytest


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest keeps each line with its request until a test is over, a gigabyte of them."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
