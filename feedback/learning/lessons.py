"""The models that hold in this process: kept until others are promoted, looked up before each bunch of comments."""

import hashlib
import io
import logging
from collections.abc import Iterable

from feedback.models import LearnedModel
from feedback.understanding.learned import Learned, Lessons
from feedback.understanding.ngrams import Piece

log = logging.getLogger(__name__)
PROBE = [Piece("слово", "слово", False, 0), Piece("word", "word", False, 1)]
Keys = tuple[tuple[int, tuple[str, ...]], ...]
_kept: dict[str, tuple[Keys, Lessons | None]] = {}


def refresh() -> None:
    """Hold what is active: a promotion reaches every worker with its next bunch. One query while nothing changes."""
    found = LearnedModel.objects.active().order_by("pk").values_list("pk", "languages")
    keys = tuple((pk, tuple(languages)) for pk, languages in found)
    if _kept.get("here", ((), None))[0] != keys:
        _kept["here"] = keys, load(LearnedModel.objects.filter(pk__in=[pk for pk, _languages in keys]))


def held() -> Lessons | None:
    """What the last `refresh` found; None when nothing is active."""
    return _kept["here"][1] if "here" in _kept else None


def load(rows: Iterable[LearnedModel]) -> Lessons | None:
    """Those models that are whole; a broken one is named in its row and left out, and reading goes on without it."""
    whole = []
    for row in rows:
        try:
            whole.append((opened(row), row.languages))
        except Exception as error:  # whatever is wrong with it, comments have to be read
            log.exception("the learned model %s is left out", row.version)
            LearnedModel.objects.filter(pk=row.pk).update(error=type(error).__name__)
    return Lessons(whole) if whole else None


def opened(row: LearnedModel) -> Learned:
    """The model of a row, tried out. Raises whatever is wrong with it."""
    import numpy as np

    content = bytes(row.weights)
    if hashlib.sha256(content).hexdigest() != row.manifest["sha256"]:
        raise ValueError("these are not the weights that were stored")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        model = Learned({name: arrays[name] for name in arrays.files}, row.manifest, version=row.version)
    model.logits(PROBE, {})
    return model
