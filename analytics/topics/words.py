"""What people say of a topic: words that set its comments apart, and a few of the comments (M33)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise

from django.db.models import QuerySet

from analytics.emerging_words import PRIOR_TOTAL, log_odds, prior, telling
from analytics.reports import Filters
from feedback.models import Comment, CommentTopic, Topic
from feedback.themes import spoken
from feedback.understanding import lexicon
from ground import remembered

# So many of the newest comments are read on each side: their words change slowly.
READ = 1500
MOST_WORDS, SHORTEST, QUOTES = 12, 3, 3


def quotes(filters: Filters, topic: Topic) -> list[Comment]:
    """The newest comments of the period that mention it."""
    keys = _mentioning(filters, topic).values_list("comment", flat=True)[:QUOTES]
    said = Comment.objects.filter(pk__in=list(keys)).select_related("team", "response")
    return sorted(said, key=lambda one: (one.said_at, one.pk), reverse=True)


def telling_words(filters: Filters, topic: Topic) -> list[str]:
    """Words and pairs of words that its comments use more often than the other comments of the period, but for those
    that the comments hide."""

    def found() -> list[str]:
        own = dict(_mentioning(filters, topic).values_list("comment", "comment__lemmas")[:READ])
        first, last = filters.period.moments(filters.zone)
        rows = Comment.objects.filter(
            filters.of_comments(), is_counted=True, said_at__gte=first, said_at__lt=last
        ).order_by("-said_at", "-pk")
        others = {pk: lemmas for pk, lemmas in rows.values_list("pk", "lemmas")[:READ] if pk not in own}
        one, other = _count(own.values()), _count(others.values())
        both = one + other
        # Of few texts a strong prior would leave nothing that stands out.
        weight = min(max(both.total() / 10, 100.0), PRIOR_TOTAL)
        marked = _without_repeats(telling(log_odds(one, other, prior(both, total=weight)), one))
        return _for_people(marked[: 2 * MOST_WORDS], own)[:MOST_WORDS]

    return remembered.while_costly(f"words {filters} {topic.pk}", found)


def _mentioning(filters: Filters, topic: Topic) -> QuerySet[CommentTopic]:
    """The mentions, the newest comment first."""
    first, last = filters.period.moments(filters.zone)
    return CommentTopic.objects.filter(
        filters.of_comments("comment__"),
        topic=topic,
        comment__is_counted=True,
        comment__said_at__gte=first,
        comment__said_at__lt=last,
    ).order_by("-comment")


def _count(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each word and each pair of neighbours stands."""
    found: Counter[str] = Counter()
    for text in texts:
        words = text.split()
        found.update({*words, *(" ".join(pair) for pair in pairwise(words))})
    return found


def _for_people(marked: Sequence[str], own: Mapping[int, str]) -> list[str]:
    """Those of the words that are nobody's name, given the lemmas of the comments.

    A Russian lemma is a word; instead of an English stem stands what customers write.
    """
    places = {
        word: list(islice((pk for pk, lemmas in own.items() if f" {word} " in f" {lemmas} "), spoken.LOOKED_AT))
        for word in marked
    }
    texts = spoken.texts({pk for keys in places.values() for pk in keys}) if marked else {}
    said = {word: [texts[pk] for pk in keys if pk in texts] for word, keys in places.items()}
    kept = [word for word in marked if not spoken.is_personal(word, said[word])]
    return [spoken.in_words(word, said[word]) if word.isascii() else word for word in kept]


def _without_repeats(words: Sequence[str]) -> list[str]:
    """A word is not said again after a pair that holds it, nor a pair after one of its words; words that join say
    nothing."""
    empty = lexicon.stopwords()
    kept: list[str] = []
    for word in words:
        ends = word.split()
        if ends[0] in empty or ends[-1] in empty or len(word) < SHORTEST:
            continue
        if not any(set(word.split()) & set(known.split()) for known in kept):
            kept.append(word)
    return kept
