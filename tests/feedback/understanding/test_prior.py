"""Topics that ship are found by more words than their cues; a topic that a manager has changed is his alone."""

from dataclasses import replace

import pytest

pytest.importorskip("numpy")

from feedback.understanding import (  # noqa: E402
    CHECK,
    RULE_SOURCE,
    Reading,
    labelled,
    prior,
    read,
    read_topics,
    student,
    topics,
    words,
)
from feedback.understanding.ngrams import pieces  # noqa: E402
from feedback.understanding.schemes import measure  # noqa: E402

SHIPPED = topics.default_rules()
OWN = tuple(replace(rule, is_shipped=False) for rule in SHIPPED)
TEXTS = [row.text for row in labelled.for_training()[::7]]


def codes(found: Reading) -> set[str]:
    return {topic.code for topic in found.topics}


def test_words_add_topics_and_take_some_away() -> None:
    added, taken = 0, 0
    for text, cued, found in zip(TEXTS, read(TEXTS, topics=OWN), read(TEXTS), strict=True):
        for topic in found.topics:
            assert topic.confidence >= CHECK and topic.spans, text
            assert all(text[span.start : span.end].strip() for span in topic.spans)
            assert topic.source == RULE_SOURCE if topic.code in codes(cued) else topic.source.startswith(prior.SOURCE)
        added += len(codes(found) - codes(cued))
        taken += len(codes(cued) - codes(found))
    assert added > taken > 10


def test_where_a_manager_added_cues_they_decide() -> None:
    """A cue of his own that fires names the topic, whatever words say, and so do those that it came with."""
    longer = tuple(replace(rule, has_own_cues=True) for rule in SHIPPED)
    for text, cued, found in zip(TEXTS, read(TEXTS, topics=OWN), read(TEXTS, topics=longer), strict=True):
        assert codes(found) >= codes(cued), text


def test_a_topic_of_the_managers_own_is_read_by_its_cues() -> None:
    mixed = (*OWN[:1], *SHIPPED[1:])
    own = OWN[0].code
    for cued, found in zip(read(TEXTS, topics=OWN), read(TEXTS, topics=mixed), strict=True):
        assert (own in codes(found)) == (own in codes(cued))


def test_a_cue_against_a_topic_keeps_it_away() -> None:
    text = next(
        text for text, cued, found in zip(TEXTS, read(TEXTS, topics=OWN), read(TEXTS), strict=True)
        if codes(found) - codes(cued) and found.language.value == "ru"
    )  # fmt: skip
    (found,) = read([text])
    added = next(topic for topic in found.topics if topic.code not in codes(read([text], topics=OWN)[0]))
    word = text[added.spans[0].start : added.spans[0].end]
    against = tuple(
        replace(rule, cues_ru=(*rule.cues_ru, f"-{word}")) if rule.code == added.code else rule for rule in SHIPPED
    )
    assert added.code not in codes(read([text], topics=against)[0])


def test_old_comments_are_searched_as_new_ones_are_read() -> None:
    for read_whole, alone in zip(read(TEXTS), read_topics(TEXTS, rules=SHIPPED), strict=True):
        assert read_whole.topics == alone


def test_a_text_alone_says_what_it_says_among_others() -> None:
    model = student.load()
    assert model is not None
    seen = [pieces(words.tokens(text)) for text in TEXTS]
    for own, among in zip(seen, model.read(seen), strict=True):
        alone = model.read([own])[0]
        assert (alone.sensed == among.sensed).all() and len(alone.sensed) == len(SHIPPED)


def test_without_the_student_cues_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cued = [codes(found) for found in read(TEXTS, topics=OWN)]
    monkeypatch.setattr(student, "load", lambda: None)
    assert [codes(found) for found in read(TEXTS)] == cued


def test_words_find_more_of_the_benchmark() -> None:
    rows = labelled.frozen()
    labels, texts = [" ".join(row.topics) for row in rows], [row.text for row in rows]
    cued, found = (measure("topics", labels, read(texts, topics=rules)) for rules in (OWN, SHIPPED))
    assert found["micro_f1"] >= cued["micro_f1"] + 0.1
    assert found["p_at_1"] >= cued["p_at_1"] - 0.01
