"""The cast with its rows, made once for all tests of a file: each test undoes what it did to them.

A file has them by a fixture `cast` as wide as the module, and by `again` under the names of `tests/conftest.py`.
None of its tests may commit.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.db import models, transaction

from surveys.models import Agent
from surveys.starters import CSAT, start_survey
from tests import conftest


class Cast:
    """As `tests/conftest.py` has it."""

    def __init__(self) -> None:
        self.organisation = conftest.make_organisation()
        self.team, self.other_team = conftest.make_team(), conftest.make_other_team()
        self.agent = Agent.objects.create(external_id="a1", name="Д. Климов", team=self.team)
        self.survey = start_survey(CSAT, code="support", name="CSAT")


@contextmanager
def kept(blocker: Any, *, at: dt.datetime, fill: Callable[[Cast], Any]) -> Iterator[Cast]:
    """A cast and what `fill` adds to it at that moment, there until the end."""
    with blocker.unblock(), transaction.atomic():
        with time_machine.travel(at, tick=False):
            cast = Cast()
            fill(cast)
        yield cast
        transaction.set_rollback(True)


def again(name: str, *, called: str = "") -> Any:
    """The fixture of one of the cast, read anew for each test."""

    @pytest.fixture(name=called or name)
    def one(cast: Cast, db: None) -> models.Model:
        row: models.Model = getattr(cast, name)
        return type(row)._default_manager.get(pk=row.pk)

    return one
