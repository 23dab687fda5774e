from collections import Counter

import pytest

from feedback.understanding import lexicon
from feedback.understanding.constructive import CLASSES
from feedback.understanding.phrases import PhraseIndex, phrase_keys
from feedback.understanding.words import tokens


@pytest.mark.parametrize(("name", "least"), [("tone_ru", 1200), ("tone_en", 900)])
def test_tone_lists_are_rich_and_weighed(name: str, least: int) -> None:
    listed = lexicon.weights(name)
    assert len(listed) >= least
    assert all(-3 <= weight <= 3 for _, weight in listed)
    assert {weight > 0 for _, weight in listed if weight} == {True, False}


@pytest.mark.parametrize("name", ["tone_ru", "tone_en", "requests_ru", "requests_en"])
def test_no_phrase_is_listed_twice(name: str) -> None:
    times = Counter(tuple(phrase_keys(phrase)) for phrase, _ in lexicon.weights(name))
    assert [keys for keys, count in times.items() if count > 1] == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_plain_tone_phrase_is_found_in_itself(language: str) -> None:
    listed = lexicon.weights(f"tone_{language}")
    index = PhraseIndex(listed)
    plain = [phrase for phrase, _ in listed if not set(phrase) & set("=|.")]
    lost = [phrase for phrase in plain if not index.find([t for t in tokens(phrase) if t.kind in ("word", "number")])]
    assert lost == []


@pytest.mark.parametrize("name", ["requests_ru", "requests_en"])
def test_request_phrases_use_known_classes(name: str) -> None:
    named = {word for phrase, _ in lexicon.weights(name) for word in phrase.split() if word.startswith("{")}
    assert {choice.strip("{}") for word in named for choice in word.split("|")} <= set(CLASSES)


def test_both_languages_have_the_lists_that_are_asked_of_either() -> None:
    modifiers = lexicon.table("modifiers")
    assert set(modifiers["ru"]) - set(modifiers["en"]) == {"trailing"}
    assert set(modifiers["en"]) <= set(modifiers["ru"])
