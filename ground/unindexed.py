"""A column without its indexes, where a narrower one leads: SQLite takes one team before the few rows in question."""

from django.db.models import Func


class Unindexed(Func):
    """The same value as the column's."""

    template = "+%(expressions)s"


class UnindexedText(Func):
    """The same of a column of text."""

    template = "(%(expressions)s || '')"
