"""Which words of a comment to show for what was decided: the rules' where they agree, else the student's own."""

from collections.abc import Sequence
from typing import Any

from feedback.understanding.ngrams import Piece
from feedback.understanding.verdicts import Span
from feedback.understanding.words import Token

MOST = 4
LEAST_SHARE = 0.35


def of_student(pull: Any, pieces: Sequence[Piece], found: Sequence[Token], kind: str) -> tuple[Span, ...]:
    """The words that pull hardest towards a decision, given each piece's pull; none when none does."""
    each = zip(pull.tolist(), pieces, strict=True)
    told = [(weight, piece) for weight, piece in each if weight > 0 and found[piece.token].kind != "end"]
    if not told:
        return ()
    least = LEAST_SHARE * max(weight for weight, _piece in told)
    kept = sorted((item for item in told if item[0] >= least), key=lambda item: -item[0])[:MOST]
    tokens = sorted(found[piece.token].start for _weight, piece in kept)
    ends = {found[piece.token].start: found[piece.token].end for _weight, piece in kept}
    return tuple(Span(start, ends[start], kind) for start in tokens)


def towards(shares: Any, outputs: Sequence[str], name: str, against: Sequence[str] = ()) -> Any:
    """Each piece's pull towards an output, less the hardest towards one of the others."""
    pull = shares[:, outputs.index(name)]
    others = [outputs.index(other) for other in against if other != name]
    return pull - shares[:, others].max(axis=1) if others else pull
