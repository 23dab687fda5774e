"""The labelled set: valid, free of near-duplicates, each row written for itself."""

import re
from collections import defaultdict
from itertools import combinations

from feedback.understanding import labelled, topics

TOO_ALIKE = 0.8
SHORT = 4


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def alike(texts: list[str]) -> list[tuple[str, str]]:
    """Pairs whose sets of words overlap by more than `TOO_ALIKE`, of those with a rare word in common."""
    read = [(text, words(text)) for text in texts]
    count: dict[str, int] = defaultdict(int)
    for _text, own in read:
        for word in own:
            count[word] += 1
    by_rare: dict[str, list[int]] = defaultdict(list)
    for at, (_text, own) in enumerate(read):
        if len(own) >= SHORT:
            for word in sorted(own, key=lambda word: (count[word], word))[: len(own) // 3 + 1]:
                by_rare[word].append(at)
    pairs = {pair for places in by_rare.values() for pair in combinations(places, 2)}
    return [
        (read[a][0], read[b][0])
        for a, b in sorted(pairs)
        if len(read[a][1] & read[b][1]) > TOO_ALIKE * len(read[a][1] | read[b][1])
    ]


def test_no_two_comments_say_the_same_in_the_same_words() -> None:
    assert alike([row.text for row in labelled.every()]) == []
    assert alike(["the courier was late by an hour", "Courier was late by an hour, the", "ok"])


def test_the_set_is_large_and_its_labels_are_known() -> None:
    rows = list(labelled.every())
    keys = {(row.language, *row.text.casefold().split()) for row in rows}
    assert len(rows) == len(keys) >= 1500
    codes = {rule.code for rule in topics.default_rules()}
    assert {row.polarity for row in rows} == {"negative", "neutral", "positive"}
    assert all(row.topics <= codes for row in rows)
    assert min(sum(row.language == language for row in rows) for language in labelled.LANGUAGES) > 900


def test_sentences_are_labelled_and_differ() -> None:
    rows = list(labelled.sentences())
    assert len(rows) == len({labelled.key(row.text) for row in rows}) > 1000
    assert {row.polarity for row in rows} == {"negative", "neutral", "positive"}
    turned = ("I would not stay here again.", "I would stay here again.")
    assert alike([row.text for row in rows]) == [turned]
    assert not [row for row in labelled.for_teaching() if labelled.is_frozen(row.text)]


def test_what_praises_and_what_blames_the_same_thing_stay_together() -> None:
    """Else the one would tell of the other what it is measured by."""
    plain = [row.text for row in labelled.plain()]
    apart = {labelled.key(row.text) for row in (*labelled.every(), *labelled.sentences())}
    assert len({labelled.key(text) for text in plain} - apart) == len(plain) > 2000
    assert alike(plain) == []
    pairs: dict[str, list[str]] = defaultdict(list)
    for text in plain:
        if (first := labelled.stands_for(text)) != text:
            pairs[first].append(text)
    assert len(pairs) > 35
    for first, others in pairs.items():
        assert {labelled.is_frozen(text) for text in others} == {labelled.is_frozen(first)}
    assert 0.25 < sum(labelled.is_frozen(text) for text in plain) / len(plain) < 0.35
