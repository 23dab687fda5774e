"""Everything about a comment in one pass."""

from collections.abc import Sequence

from feedback.understanding import constructive, english, language, tone, words
from feedback.understanding import topics as taxonomy
from feedback.understanding.verdicts import Reading, TopicRule, Verdict


def read(texts: Sequence[str], *, topics: Sequence[TopicRule] | None = None) -> list[Reading]:
    """A reading per text, in order; without `topics`, the default taxonomy.

    Of each text the first 5,000 characters are read. Never raises for any string.
    """
    rules = taxonomy.default_rules() if topics is None else tuple(topics)
    matcher = taxonomy.compile_rules(rules)
    return [read_one(text, matcher) for text in texts]


def read_one(text: str, matcher: taxonomy.Matcher) -> Reading:
    """The reading of one text."""
    spoken = language.detect(text)
    found = words.tokens(text, translit=spoken.translit)
    if not spoken.readable:
        return unread(spoken.verdict, found)
    asked = constructive.read(found)
    felt = tone.read(text[: words.LONGEST_TEXT], found, asked)
    opinion = english.second_opinion(text) if spoken.verdict.value == "en" else None
    return Reading(
        language=spoken.verdict,
        tone=felt.verdict if opinion is None else english.confirmed(felt.verdict, opinion),
        polarity=felt.polarity,
        constructive=asked.verdict,
        topics=taxonomy.read(found, matcher),
        second_opinion=opinion,
        lemmas=words.lemma_text(found),
    )


def unread(spoken: Verdict, found: Sequence[words.Token]) -> Reading:
    """The reading of a text in a language that is not read: everything unsure, words kept for searching."""
    return Reading(
        language=spoken,
        tone=Verdict("", 0.0),
        polarity=0.0,
        constructive=Verdict("no", 0.0),
        topics=(),
        second_opinion=None,
        lemmas=words.lemma_text(found),
    )
