"""How customers say a phrase of lemmas; and whether it is somebody's name, which stands bare on no page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from feedback import search
from feedback.models import Comment
from ground import personal
from ground.personal import Span

# So many comments tell how a phrase is said.
LOOKED_AT = 20
# Of the comments with a phrase, so many in which it is hidden make it personal data: one alone may be a mistake.
HIDDEN_IN = 0.2


class Said(NamedTuple):
    """A comment's text, its language, and where personal data stands in it."""

    text: str
    language: str
    hidden: list[Span]


def of(comment: Comment) -> Said:
    """A comment that is loaded already."""
    return Said(comment.text, comment.language, personal.find(comment.text))


def texts(keys: Iterable[int]) -> dict[int, Said]:
    """The comments of these keys, in the order of the keys."""
    rows = Comment.objects.filter(pk__in=list(keys)).order_by("pk").only("text", "language")
    return {row.pk: of(row) for row in rows}


def is_personal(phrase: str, said: Sequence[Said]) -> bool:
    """Whether these comments, which have the phrase, hide it or a part of it."""
    hidden = sum(any(_hides(one, *place) for place in _places(phrase, one)) for one in said if one.hidden)
    return bool(said) and hidden >= HIDDEN_IN * len(said)


def in_words(phrase: str, said: Iterable[Said]) -> str:
    """How the phrase is said most often in these comments, whatever hides nothing; else the phrase itself."""
    spoken = Counter[str]()
    for one in said:
        for start, end in _places(phrase, one)[:1]:
            if not _hides(one, start, end):
                spoken[" ".join(one.text[start:end].lower().split())[:200]] += 1
    return min(spoken, key=lambda words: (-spoken[words], words), default=phrase)


def _places(phrase: str, said: Said) -> list[tuple[int, int]]:
    wanted = [(search.Phrase(tuple(phrase.split())),)]
    return [(start, end) for start, end, _kind in search.hits(said.text, wanted)]


def _hides(said: Said, start: int, end: int) -> bool:
    return any(span.start < end and start < span.end for span in said.hidden)
