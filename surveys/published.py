"""Published versions with their questions, kept by the process that shows them: a published version never changes."""

import datetime as dt
from functools import lru_cache

from surveys.models import SurveyVersion


def kept(version: SurveyVersion) -> SurveyVersion:
    """This version whole, whatever of it was loaded; a published one is read once. Nobody may change what it returns.

    A key alone would not name it for ever: a restored database may give the same key to another version.
    """
    if version.published_at is None:
        return SurveyVersion.objects.get(pk=version.pk)
    return _published(version.pk, version.published_at)


@lru_cache(maxsize=256)
def _published(pk: int, published_at: dt.datetime) -> SurveyVersion:
    version = SurveyVersion.objects.get(pk=pk, published_at=published_at)
    _ = version.asked, version.further
    return version
