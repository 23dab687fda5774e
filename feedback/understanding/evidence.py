"""Which words of a comment to show for what was decided: the rules' where they agree, else the student's own."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from feedback.understanding.ngrams import Piece
from feedback.understanding.verdicts import Span
from feedback.understanding.words import Token

MOST = 4
LEAST_SHARE = 0.35


def of_student(pull: Any, pieces: Sequence[Piece], found: Sequence[Token], kind: str) -> tuple[Span, ...]:
    """The words that pull hardest towards a decision, given each piece's pull; none when none does."""
    weights = pull.tolist()
    kept: list[int] = []
    least = 0.0
    for at in sorted(range(len(weights)), key=weights.__getitem__, reverse=True):
        weight, token = weights[at], pieces[at].token
        if weight <= 0 or weight < least or len(kept) == MOST:
            break
        if found[token].kind != "end":
            least = least or LEAST_SHARE * weight
            kept.append(token)
    return tuple([Span(found[token].start, found[token].end, kind) for token in sorted(kept)])


def towards(shares: Any, outputs: Sequence[str], name: str, against: Sequence[str] = ()) -> Any:
    """Each piece's pull towards an output, less the hardest towards one of the others."""
    pull = shares[:, outputs.index(name)]
    others = [shares[:, outputs.index(other)] for other in against if other != name]
    if not others:
        return pull
    import numpy as np

    return pull - reduce(np.maximum, others)
