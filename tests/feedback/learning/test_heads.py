"""The learner: without labels it is the rules, with labels it learns, and a broken one is never used."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback import understanding
from feedback.understanding import artefact, labelled, reading
from feedback.understanding.learned import Learned, Lessons, features, priors
from feedback.understanding.ngrams import pieces
from feedback.understanding.topics import default_rules

np = pytest.importorskip("numpy")

from feedback.learning import fitting, trial  # noqa: E402
from feedback.learning.fitting import Example  # noqa: E402

CODES = [rule.code for rule in default_rules()]
NAMES = {"topic": CODES, "tone": ["negative", "neutral", "positive"], "constructive": ["yes"]}
LANGUAGES = ("ru", "en")


def model(scheme: str, examples: list[Example], names: list[str] | None = None) -> Learned:
    arrays, manifest = fitting.heads(examples, scheme, names or NAMES[scheme])
    return Learned(arrays, manifest, version=f"{scheme}-1")


UNTAUGHT = Lessons([(model(scheme, []), LANGUAGES) for scheme in NAMES])


def said(one: understanding.Reading) -> list[tuple[str, float]]:
    """Sorted: two topics that are equally sure may change places by a rounding."""
    return [
        (each.value, pytest.approx(each.confidence, abs=0.002)) for each in sorted(one.topics, key=lambda v: v.value)
    ]


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.sampled_from([row.text for row in labelled.for_training()]), st.text(max_size=60)))
def test_without_labels_everything_is_read_as_without_lessons(text: str) -> None:
    plain, taught = understanding.read([text])[0], understanding.read([text], lessons=UNTAUGHT)[0]
    assert said(taught) == said(plain)
    assert (taught.tone.value, taught.constructive.value) == (plain.tone.value, plain.constructive.value)
    assert taught.tones == pytest.approx(plain.tones, abs=0.003)
    assert taught.constructive.confidence == pytest.approx(plain.constructive.confidence, abs=0.002)
    assert {each.value: each.spans for each in taught.topics} == {each.value: each.spans for each in plain.topics}


def examples(scheme: str, told: list[tuple[str, dict[str, bool]]]) -> list[Example]:
    read = reading.examine([text for text, _truth in told])
    return [
        Example(features(pieces(found)), priors(scheme, seen), truth)
        for (found, seen), (_text, truth) in zip(read, told, strict=True)
    ]


def test_a_few_corrections_teach_a_topic_its_words_and_show_them() -> None:
    new = [f"Снова не грузится плюмбус, {rest}" for rest in ("звонил дважды", "верните", "сколько можно", "ужас")] * 3
    other = ["Спасибо, всё хорошо", "Долго ждал", "Оператор вежливый", "Дорого"] * 3
    told = [(text, {"quality": True}) for text in new] + [(text, {"quality": False}) for text in other]
    lessons = Lessons([(model("topic", examples("topic", told), ["quality"]), ("ru",))])
    text = "Плюмбус не грузится, звонил дважды"
    found = {verdict.code: verdict for verdict in understanding.read([text], lessons=lessons)[0].topics}
    assert "quality" in found and found["quality"].source == "topic-1"
    assert "плюмбус" in {text[span.start : span.end].lower() for span in found["quality"].spans}
    assert (
        understanding.read(["My plumbus is broken"], lessons=lessons)[0].topics
        == understanding.read(["My plumbus is broken"])[0].topics
    ), "nothing is taught in a language the model is not good for"


def test_tones_and_requests_are_learned_too() -> None:
    text = "Пришлите акт сверки по договору"
    tones = [(f"Пришлите акт сверки {place}", {"negative": False, "neutral": True, "positive": False}) for place in
             ("за май", "за год", "почтой", "сегодня", "в офис", "скорее", "нам", "им")]  # fmt: skip
    asks = [(told, {"yes": False}) for told, _truth in tones]
    lessons = Lessons(
        [
            (model("tone", examples("tone", tones)), ("ru",)),
            (model("constructive", examples("constructive", asks)), ("ru",)),
        ]
    )
    plain, taught = understanding.read([text])[0], understanding.read([text], lessons=lessons)[0]
    assert taught.tone.value == "neutral" and taught.tones[1] > plain.tones[1]
    assert taught.constructive.value == "no" and taught.constructive.source.endswith("+constructive-1")
    assert sum(taught.tones) == pytest.approx(1, abs=0.001)


def test_fitting_is_the_same_each_time_and_stays_near_its_start() -> None:
    rows = [(row.text, {code: code in row.topics for code in CODES}) for row in labelled.for_training()[::40]]
    once, twice = (fitting.heads(examples("topic", rows), "topic", CODES)[0] for _time in range(2))
    assert artefact.packed(once) == artefact.packed(twice)
    assert (once["leans"][:, 0] > 0).all(), "a rule always speaks for its topic"
    assert np.abs(once["weights"]).max() < 5


def test_weights_that_do_not_fit_are_refused() -> None:
    arrays, manifest = fitting.heads(examples("topic", [("Плохо", {"quality": True})]), "topic", ["quality"])
    for wrong in (
        {"weights": arrays["weights"][1:]},
        {"leans": arrays["leans"] * np.nan},
        {"leans": arrays["leans"][1:]},
    ):
        with pytest.raises(ValueError):
            Learned(arrays | wrong, manifest, version="x")


class TestGate:
    def cases(self, *, n: int, wrong: int = 0, language: str = "ru", is_old: bool = False) -> list[trial.Case]:
        """Comments whose one word says whether they are about quality; of the last `wrong` it says the contrary."""
        told = [(f"{'зззз' if at % 2 else 'жжжж'} слово{at}", at % 2 == (at < n - wrong)) for at in range(n)]
        made = examples("topic", [(text, {"quality": bool(yes)}) for text, yes in told])
        return [trial.Case(one, language, text, is_old) for one, (text, _yes) in zip(made, told, strict=True)]

    def verdict(self, cases: list[trial.Case], language: str = "ru") -> str:
        return trial.compared(cases, "topic", ["quality"])[language]["verdict"]

    def test_what_is_learned_is_good(self) -> None:
        assert self.verdict(self.cases(n=60)) == trial.GOOD

    def test_few_comments_prove_nothing_and_each_language_counts_alone(self) -> None:
        both = self.cases(n=60) + self.cases(n=trial.FEWEST - 1, language="en")
        assert (self.verdict(both), self.verdict(both, "en")) == (trial.GOOD, trial.FEW)

    @pytest.mark.parametrize(
        ("rules", "before", "after", "found"),
        [
            ([8, 10, 10], [8, 10, 10], [8, 10, 10], "good"),
            ([8, 10, 10], [0, 0, 10], [7, 10, 10], "worse"),
            ([80, 100, 100], [85, 100, 100], [84, 100, 100], "good"),
            ([80, 100, 100], [85, 100, 100], [83, 100, 100], "worse"),
        ],
    )
    def test_not_worse_than_the_rules_nor_a_point_worse_than_the_active_one(
        self, rules: list[int], before: list[int], after: list[int], found: str
    ) -> None:
        assert trial.verdict({"n": 100, "rules": rules, "before": before, "after": after}) == found

    def test_the_active_model_is_tried_on_comments_it_has_not_seen(self) -> None:
        old = self.cases(n=60, is_old=True)
        found = trial.compared(old, "topic", ["quality"])["ru"]
        assert found["before"] == found["after"] != found["rules"]

    def test_the_same_text_is_never_learned_and_tested_at_once(self) -> None:
        assert trial.fold_of("Не работает!") == trial.fold_of("не  РАБОТАЕТ")
        alone = examples("topic", [("Абракадабра", {"quality": True})] * 40)
        cases = [trial.Case(one, "ru", "Абракадабра", False) for one in alone]
        assert self.verdict(cases) != trial.GOOD or trial.compared(cases, "topic", ["quality"])["ru"]["after"][0] == 0
