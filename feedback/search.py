"""Finding comments by their words in any form: lemmas are indexed, and what is typed is read by the same lemmatiser.

Both databases get lexemes of plain letters and digits, so that neither's idea of a letter decides what is found:
SQLite in a full-text table beside the comments, PostgreSQL in a column that it makes of `lemmas` by itself.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_, or_
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

from feedback.models import Comment
from feedback.understanding import language, words

TABLE = "feedback_comment_search"
LONGEST, MOST_TERMS = 200, 20
BUNCH = 500
# Words are everywhere that stand in one of so many comments, judged by so many of the last ones. Looking at a comment
# costs a page less than a list of all hits does from there on.
APART, LOOKED_AT = 25, 1000
ROWS = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў")
QUOTES = re.compile('["«»“”„]')
WORDS = ("word", "number")


@dataclass(frozen=True)
class Phrase:
    """Lexemes that stand side by side; with `is_prefix`, the last is only a beginning."""

    lexemes: tuple[str, ...]
    is_prefix: bool = False

    def fits(self, found: Sequence[str]) -> bool:
        """Whether these lexemes, as many as the phrase has, are it."""
        *whole, last = self.lexemes
        return list(found[:-1]) == whole and (found[-1].startswith(last) if self.is_prefix else found[-1] == last)


Term = tuple[Phrase, ...]  # one of them must occur


class Along(Func):
    """A key that SQLite does not look rows up by: it walks them in their order and sees whether each was found."""

    template = "+%(expressions)s"
    arity = 1
    output_field = BigIntegerField()


class Vector(Func):
    """What PostgreSQL keeps of a comment's lemmas, in a column of its own that the models know nothing of."""

    arity = 1
    output_field = TextField()

    def as_sql(self, compiler: SQLCompiler, *_connection: Any, **_extra: Any) -> Any:
        (lemmas,) = self.get_source_expressions()
        return f"{compiler.quote_name_unless_alias(lemmas.alias)}.vector", []


def text(lemmas: str) -> str:
    """What is indexed of a comment's lemmas: lexemes joined by spaces. Its own result stays as it is."""
    return " ".join(lexeme for lemma in lemmas.split() for lexeme in lexemes(lemma))


@lru_cache(maxsize=16_384)
def lexemes(lemma: str) -> tuple[str, ...]:
    """A lemma cut at whatever is neither letter nor digit; letters beyond Russian and English become their numbers."""
    folded = unicodedata.normalize("NFKC", lemma).lower()
    kept = "".join(
        sign if sign in PLAIN else f"q{ord(sign):x}q" if sign.isalnum() else " "
        for sign in folded
        if unicodedata.category(sign)[0] != "M"
    )
    return tuple(kept.split())


def terms(typed: str) -> list[Term]:
    """What must occur, all of it: words in any form, beginnings (`word*`) and phrases in quotes.

    Empty when nothing can be looked for: no words, or more than a person would type.
    """
    if len(typed) > LONGEST:
        return []
    parts = QUOTES.split(typed)
    translit = language.detect(typed).translit
    found: list[Term] = []
    for number, part in enumerate(parts):
        is_closed = number < len(parts) - 1
        found += _phrase(part, translit) if number % 2 and is_closed else _words(part, translit)
    found = list(dict.fromkeys(found))
    return found if len(found) <= MOST_TERMS else []


def _words(part: str, translit: bool) -> Iterator[Term]:
    for token in words.tokens(part, translit=translit):
        if token.kind not in WORDS or not (whole := lexemes(token.word.lemma)):
            continue
        begun = lexemes(token.word.text) if part[token.end : token.end + 1] == "*" else ()
        # A lemma need not begin as its word does («ждал*», «delivery*»), so that the word itself counts too.
        yield (Phrase(begun, is_prefix=True), Phrase(whole)) if begun else (Phrase(whole),)


def _phrase(part: str, translit: bool) -> Iterator[Term]:
    if whole := tuple(text(words.lemma_text(words.tokens(part, translit=translit))).split()):
        yield (Phrase(whole),)


def matching(comments: QuerySet[Comment], typed: str, *, newest_first: bool = False) -> QuerySet[Comment]:
    """Those of the comments in which all terms of `typed` occur; none when it has no terms.

    A text that waits for its reading is not found: what is indexed tells of an older one. `newest_first` says that
    the words are many and only the first comments by time are wanted: they are looked for along that order.
    """
    asked = terms(typed)
    if not asked:
        return comments.none()
    read = comments.filter(classified_at__isnull=False)
    if connections[comments.db].vendor == "postgresql":
        return read.filter(_vector_matches(asked))
    key = Along("pk") if newest_first else F("pk")
    return read.filter(In(key, RawSQL(ROWS, [_fts5(asked)])))  # noqa: S611


def saying(comments: QuerySet[Comment], typed: str) -> QuerySet[Comment]:
    """The same comments as `matching` finds, by a look at each one's words: for words that are everywhere."""
    asked = terms(typed)
    return comments.filter(_says(asked), classified_at__isnull=False) if asked else comments.none()


def is_everywhere(typed: str) -> bool:
    """Whether so many of the last comments have all terms of `typed` that the next one is found by looking at each."""
    asked = terms(typed)
    if not asked:
        return False
    last = Comment.objects.order_by("-said_at", "-pk").annotate(says=_says(asked))[:LOOKED_AT]
    found = last.aggregate(number=Count("pk", filter=Q(says=True)))
    return bool(found["number"] >= LOOKED_AT / APART)


def keys(typed: str, *, most: int) -> list[int]:
    """The keys of comments in which all terms of `typed` occur, in no order, at most so many."""
    asked = terms(typed)
    if not asked:
        return []
    if connection.vendor == "postgresql":
        return list(Comment.objects.filter(_vector_matches(asked)).order_by().values_list("pk", flat=True)[:most])
    with connection.cursor() as cursor:
        cursor.execute(f"{ROWS} LIMIT {most:d}", [_fts5(asked)])
        return [key for (key,) in cursor.fetchall()]


def _vector_matches(asked: list[Term]) -> Func:
    return Func(
        Vector("lemmas"), Value(_tsquery(asked)), template="(%(expressions)s::tsquery)", arg_joiner=" @@ ",
        output_field=BooleanField(),
    )  # fmt: skip


def _says(asked: list[Term]) -> Any:
    """A condition that is decided by the row alone, and that no index is asked about."""
    if connection.vendor == "postgresql":
        return Func(_vector_matches(asked), template="(%(expressions)s IS TRUE)", output_field=BooleanField())

    def of(phrase: Phrase) -> Q:
        sought = Value(f" {' '.join(phrase.lexemes)}" + ("" if phrase.is_prefix else " "))
        return Q(Func("lemmas", sought, template="(instr(' ' || %(expressions)s) > 0)", arg_joiner=" || ' ', ",
                      output_field=BooleanField()))  # fmt: skip

    every = (reduce(or_, map(of, term)) for term in asked)
    return ExpressionWrapper(reduce(and_, every), output_field=BooleanField())


def _tsquery(asked: list[Term]) -> str:
    def of(phrase: Phrase) -> str:
        quoted = [f"'{lexeme}'" for lexeme in phrase.lexemes]
        return " <-> ".join(quoted) + (":*" if phrase.is_prefix else "")

    return " & ".join("(" + " | ".join(f"({of(phrase)})" for phrase in term) + ")" for term in asked)


def _fts5(asked: list[Term]) -> str:
    def of(phrase: Phrase) -> str:
        return f'"{" ".join(phrase.lexemes)}"' + (" *" if phrase.is_prefix else "")

    return " AND ".join("(" + " OR ".join(of(phrase) for phrase in term) + ")" for term in asked)


def hits(said: str, asked: Iterable[Term]) -> list[tuple[int, int, str]]:
    """Where the terms occur in a comment's text, as spans of the kind "hit"."""
    phrases = [phrase for term in asked for phrase in term]
    if not phrases:
        return []
    translit = language.detect(said).translit
    found = [
        (lexeme, token.start, token.end)
        for token in words.tokens(said, translit=translit)
        if token.kind in WORDS
        for lexeme in lexemes(token.word.lemma)
    ]
    spans: dict[tuple[int, int, str], None] = {}
    for phrase in phrases:
        length = len(phrase.lexemes)
        for at in range(len(found) - length + 1):
            run = found[at : at + length]
            if phrase.fits([lexeme for lexeme, _start, _end in run]):
                spans[run[0][1], run[-1][2], "hit"] = None
    return list(spans)


def remember(lemmas: Mapping[int, str]) -> None:
    """Index comments, by primary key, under what `text` made of their lemmas; call in the transaction that reads them.

    PostgreSQL keeps its index by itself.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT OR REPLACE INTO {TABLE} (rowid, lemmas) VALUES (%s, %s)", list(lemmas.items()))  # noqa: S608


def forget(ids: Iterable[int]) -> None:
    """Take comments out of the index; call in the transaction that deletes them."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(pk,) for pk in ids])  # noqa: S608


def squeeze() -> None:
    """Write the index anew, without what was taken out of it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608


def rebuild(*, after: int = 0) -> Iterator[int]:
    """Index all comments anew from their lemmas, in the order of their keys from the one after `after` on.

    Yields the last key of each bunch once it is stored: what a run that was stopped goes on after.
    """
    while True:
        with transaction.atomic():
            rows = dict(_next(after))
            last = max(rows, default=None)
            _clear(after, last)
            fresh = {pk: text(lemmas) for pk, lemmas in rows.items()}
            for pk, lemmas in fresh.items():
                if lemmas != rows[pk]:
                    Comment.objects.filter(pk=pk).update(lemmas=lemmas)
            remember({pk: lemmas for pk, lemmas in fresh.items() if lemmas})
        if last is None:
            return
        after = last
        yield last


def _next(after: int) -> Iterable[Any]:
    found = Comment.objects.select_for_update().filter(pk__gt=after).order_by("pk")
    return found.values_list("pk", "lemmas")[:BUNCH]


def _clear(after: int, last: int | None) -> None:
    """Rows of comments that are gone go too."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if last is None:
            cursor.execute(f"DELETE FROM {TABLE} WHERE rowid > %s", [after])  # noqa: S608
        else:
            cursor.execute(f"DELETE FROM {TABLE} WHERE rowid > %s AND rowid <= %s", [after, last])  # noqa: S608
