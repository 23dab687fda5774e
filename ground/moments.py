"""Which moments a report may name: far ones overflow as soon as somebody adds days or another zone to them."""

import datetime as dt

EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def is_usable(moment: dt.datetime) -> bool:
    """True for an aware moment from 1970 to 2099."""
    return EARLIEST <= moment < LATEST
