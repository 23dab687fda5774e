"""Words that stand out in the comments people have given a topic, as cues for it; and those that speak against it.

One-sided hypergeometric tests on how many comments hold a word or a pair, Benjamini and Hochberg at 5 %.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from feedback import cue_hits
from feedback.models import Comment, CommentTopic, Topic
from feedback.search import WORDS, lexemes
from feedback.themes import spoken
from feedback.themes.chance import benjamini_hochberg, hypergeometric_tail
from feedback.understanding import lexicon
from feedback.understanding import topics as grammar
from feedback.understanding.words import Token

FEWEST_COMMENTS, FEWEST_HITS, LEAST_LIFT, FALSE_DISCOVERY_RATE = 5, 3, 2.0, 0.05
MOST = 8
# A word of so many of the other comments is no cue, however much oftener it stands in these.
MOST_COMMON = 0.05
SHORTEST = 3
LANGUAGES = ("ru", "en")


@dataclass(frozen=True)
class Suggestion:
    """A cue for one language, and in how many comments of those that were confirmed it stands."""

    cue: str
    language: str
    hits: int
    comments: int


def of(topic: Topic) -> list[Suggestion]:
    """Cues for a topic, those that tell most first, then those that speak against it; each from five comments on.

    Comments are compared with others in their own language. What they hide is no cue.
    """
    told = cue_hits.checked(topic)
    has = CommentTopic.objects.filter(topic=topic).values("comment")
    others = Comment.objects.exclude(classified_at=None).exclude(pk__in=has)
    others = others.exclude(pk__in=[row.pk for _is_about, row, _found in told]).order_by("-said_at", "-pk")
    rest: dict[str, list[set[str]]] = {language: [] for language in LANGUAGES}
    for language, lemmas in others.values_list("language", "lemmas")[: cue_hits.LOOKED] if told else ():
        if language in rest:
            rest[language].append(terms(lemmas.split()))
    known = {grammar.read_cue(cue)[1] for cues in topic.cues.values() for cue in cues}
    suggested: list[Suggestion] = []
    for sign, wanted in (("", True), ("-", False)):
        for language in LANGUAGES:
            said = {is_about: [(row, found) for about, row, found in told
                               if about is is_about and row.language == language]
                    for is_about in (True, False)}  # fmt: skip
            against = rest[language] + [_terms_of(found) for _row, found in said[True]] * (not wanted)
            suggested += _cues(said[wanted], against, known, language=language, sign=sign)
    return suggested


def _cues(
    about: list[tuple[Comment, Sequence[Token]]], rest: list[set[str]], known: Set[object], *, language: str, sign: str
) -> list[Suggestion]:
    spelled: dict[str, Counter[str]] = {}
    for _row, found in about:
        for token in found:
            if token.kind in WORDS:
                for lexeme in lexemes(token.word.lemma):
                    # A Russian lemma is a word; an English stem need not be one.
                    shown = token.word.lemma if token.word.language == "ru" else token.word.text
                    spelled.setdefault(lexeme, Counter())[shown] += 1
    suggestions: list[Suggestion] = []
    held = [_terms_of(found) for _row, found in about]
    for term, hits in outstanding(held, rest):
        if len(suggestions) == MOST:
            break
        cue = sign + " ".join(spelled[part].most_common(1)[0][0] for part in term.split())
        having = [row for (row, _found), terms_of_it in zip(about, held, strict=True) if term in terms_of_it]
        told = [spoken.of(row) for row in having[: spoken.LOOKED_AT]]
        if grammar.read_cue(cue)[1] not in known and not spoken.is_personal(term, told):
            suggestions.append(Suggestion(cue, language, hits, len(about)))
    return suggestions


def _terms_of(found: Iterable[Token]) -> set[str]:
    return terms([part for token in found if token.kind in WORDS for part in lexemes(token.word.lemma)])


def terms(words: Sequence[str]) -> set[str]:
    """The words and the pairs of neighbours that say something by themselves."""
    empty = lexicon.stopwords()
    told = [word if len(word) >= SHORTEST and not word[0].isdigit() and word not in empty else "" for word in words]
    pairs = {f"{one} {other}" for one, other in zip(told, told[1:], strict=False) if one and other}
    return {word for word in told if word} | pairs


def outstanding(about: Sequence[set[str]], rest: Sequence[set[str]]) -> list[tuple[str, int]]:
    """The terms that significantly more of the comments `about` hold, the surest first, and how many hold each."""
    own, others = Counter(term for held in about for term in held), Counter(term for held in rest for term in held)
    n, whole = len(about), len(about) + len(rest)
    if n < FEWEST_COMMENTS or not rest:
        return []
    tested = [(hits, term) for term, hits in own.items() if hits >= FEWEST_HITS]
    chances = [hypergeometric_tail(hits, drawn=n, marked=hits + others[term], total=whole) for hits, term in tested]
    surest = sorted(
        (p, -hits, term) for p, adjusted, (hits, term) in zip(chances, benjamini_hochberg(chances), tested, strict=True)
        if adjusted <= FALSE_DISCOVERY_RATE
    )  # fmt: skip
    found = [(term, own[term]) for _p, _hits, term in surest
             if own[term] / n >= LEAST_LIFT * (own[term] + others[term]) / whole
             and others[term] <= MOST_COMMON * len(rest)]  # fmt: skip
    singles = {term for term, _hits in found if " " not in term}
    # A pair says no more than a word of it that stands out by itself.
    return [(term, hits) for term, hits in found if " " not in term or singles.isdisjoint(term.split())]
