"""The register of what is kept of people: every column that may name somebody is in it."""

import pytest

from feedback import privacy
from ground import holdings


def test_every_column_that_may_name_somebody_is_declared() -> None:
    """Whoever adds a column for texts says in the room's `privacy.py` what becomes of it."""
    assert holdings.undeclared() == []
    for holding in holdings.every():
        columns = {column.name for column in holding.table._meta.concrete_fields}
        assert {*holding.empty, *holding.said, *holding.plain, *holding.secret} <= columns, holding.model


def test_an_undeclared_column_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [holding for holding in privacy.HOLDINGS if holding.model != "feedback.Note"]
    monkeypatch.setattr(privacy, "HOLDINGS", kept)
    assert holdings.undeclared() == ["feedback.Note.text"]
