import json

import pytest

from feedback.understanding import CHECK, TopicRule
from feedback.understanding.lexicon import FOLDER
from feedback.understanding.reading import by_rules as read
from feedback.understanding.topics import compile_rules, default_rules, read_cue


def codes(text: str, *cues: str) -> list[str]:
    rule = TopicRule("t", cues_ru=cues)
    return [topic.code for topic in read([text], topics=[rule])[0].topics]


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("очередь", "Три очереди подряд"),
        ("очереди", "длинная очередь"),
        ("решить вопрос", "вопрос сразу решили"),
        ("решить вопрос", "решили наконец мой вопрос"),
        ("дозвон*", "не дозвонился"),
        ("личный каб*", "в личном кабинете пусто"),
        ("wait", "we waited outside"),
        ("can't get through", "I cant get through"),
        ("{duration}", "ушло 40 минут"),
        ("{duration}", "жду вторую неделю"),
        ("{duration}", "полчаса"),
        ("{duration}", "for three hours"),
        ("{money}", "списали 300 рублей"),
        ("{money}", "it was $5"),
        ("ждать {duration}", "ждали почти два часа"),
        ("паста", "принесли пасту"),
    ],
)
def test_a_cue_fires_on(cue: str, text: str) -> None:
    assert codes(text, cue) == ["t"]


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("решить вопрос", "решили пойти домой и там задали вопрос"),
        ("?очередь", "длинная очередь"),
        ("до*", "дорого"),
        ("{duration}", "хороший день"),
        ("{money}", "дом 300"),
        ("долг", "долго"),
        ("", "что угодно"),
        ("?", "что угодно"),
        ("*", "что угодно"),
        ("- -", "что угодно"),
    ],
)
def test_a_cue_does_not_fire_on(cue: str, text: str) -> None:
    assert codes(text, cue) == []


def test_two_weak_cues_make_one() -> None:
    assert codes("оператор в чате", "?оператор", "?чат") == ["t"]
    assert codes("оператор, оператор", "?оператор", "?чат") == []


def test_a_negative_cue_takes_away() -> None:
    assert codes("горячая линия молчит", "линия") == ["t"]
    assert codes("линия метро", "линия", "-метро") == []


def test_the_same_cue_in_two_forms_counts_once() -> None:
    assert read_cue("не вернуть")[1] == read_cue("не вернули")[1]
    assert codes("касса", "?касса", "?кассы") == []


def test_confidence_grows_with_the_cues_and_starts_above_check() -> None:
    rule = TopicRule("t", cues_ru=("ждать", "очередь", "долго"))
    sure = [
        read([text], topics=[rule])[0].topics[0].confidence for text in ("ждал", "ждал, очередь", "долго ждал, очередь")
    ]
    assert CHECK < sure[0] < sure[1] < sure[2] < 1


def test_evidence_is_the_cue_words() -> None:
    text = "Стоял в очереди 40 минут!"
    (topic,) = read([text], topics=[TopicRule("speed", cues_ru=("очередь", "{duration}"))])[0].topics
    assert [text[span.start : span.end] for span in topic.spans] == ["очереди", "40", "минут"]
    assert {span.kind for span in topic.spans} == {"topic:speed"}


def test_the_shipped_taxonomy_is_the_default() -> None:
    shipped = json.loads((FOLDER / "topics.json").read_text(encoding="utf-8"))["topics"]
    assert [rule.code for rule in default_rules()] == [topic["code"] for topic in shipped]
    assert "delivery" in [topic.code for topic in read(["Курьер потерял посылку"])[0].topics]
    assert "price" in [topic.code for topic in read(["overpriced, I was charged twice"])[0].topics]
    assert read(["Курьер потерял посылку"], topics=[])[0].topics == ()


def test_every_shipped_cue_can_be_read() -> None:
    rules = default_rules()
    assert all(read_cue(cue)[1] for rule in rules for cue in (*rule.cues_ru, *rule.cues_en))


def test_a_taxonomy_is_compiled_once() -> None:
    rules = (TopicRule("a", cues_en=("one",)),)
    assert compile_rules(rules) is compile_rules((TopicRule("a", cues_en=("one",)),))
