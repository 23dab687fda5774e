"""`manage.py evaluate_understanding`: figures that can be checked by hand, and files that cannot be used."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feedback import understanding
from feedback.management.commands import evaluate_understanding
from feedback.understanding import labelled, scoring
from feedback.understanding.scoring import Guess


def run(tmp_path: Path, text: str, *, scheme: str, options: tuple[str, ...] = ()) -> dict:
    data, out = tmp_path / "rows.csv", tmp_path / "out.json"
    data.write_text(text, encoding="utf-8")
    columns = ["--text-column", "t", "--label-column", "y"]
    call_command(
        "evaluate_understanding", "--data", str(data), "--scheme", scheme, *columns, "--json", str(out), *options,
        stdout=StringIO(),
    )  # fmt: skip
    return json.loads(out.read_text(encoding="utf-8"))


def test_figures_of_one_of_many_are_those_counted_by_hand() -> None:
    truth = ["neg", "neg", "pos", "pos"]
    told = [Guess("neg", 0.95), Guess("pos", 0.65), Guess("pos", 0.85), Guess("pos", 0.75)]
    report = scoring.score(truth, told)
    assert report["accuracy"] == 0.75
    assert report["per_class"]["neg"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "n": 2}
    assert report["per_class"]["pos"] == {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "n": 2}
    assert report["macro_f1"] == pytest.approx((0.6667 + 0.8) / 2, abs=1e-3)
    assert report["ece"] == pytest.approx((0.05 + 0.65 + 0.15 + 0.25) / 4)


def test_the_surest_come_first_on_the_coverage_curve() -> None:
    curve = scoring.coverage_curve([0.1, 0.9, 0.5, 0.7], [False, True, True, True])
    assert [curve[at]["accuracy"] for at in (0, 4, 9)] == [1.0, 1.0, 0.75]
    assert curve[4] == {"coverage": 0.5, "accuracy": 1.0, "confidence": 0.7}


def test_figures_of_any_of_many_are_those_counted_by_hand() -> None:
    truth = [frozenset({"a", "b"}), frozenset({"a"}), frozenset()]
    told = [[Guess("a", 0.9), Guess("c", 0.5)], [Guess("b", 0.8)], []]
    report = scoring.score_sets(truth, told)
    assert (report["micro_f1"], report["p_at_1"], report["coverage"]) == (0.3333, 0.5, 0.6667)
    assert report["accuracy"] == 0.3333


@pytest.mark.parametrize(
    ("scheme", "rows", "classes"),
    [
        ("polarity3", "Отличный сервис,pos\nУжасное обслуживание,neg\n", {"neg", "pos"}),
        ("polarity2", "Great service,pos\nTerrible service,neg\n", {"neg", "pos"}),
        ("constructive", "Больше касс,1\nСпасибо,0\n", {"0", "1"}),
        ("class", "Shorter queues please,constructive\nTerrible service,negative\n", {"constructive", "negative"}),
    ],
)
def test_each_scheme_is_measured(tmp_path: Path, scheme: str, rows: str, classes: set[str]) -> None:
    report = run(tmp_path, "t,y\n" + rows, scheme=scheme)
    assert set(report["per_class"]) == classes and report["accuracy"] == 1.0
    keys = {"n", "accuracy", "macro_f1", "per_class", "ece", "coverage_curve", "seconds", "comments_per_second"}
    assert keys <= set(report) and "rules" in report["tiers"]


def test_where_no_comment_is_neutral_none_is_read_so(tmp_path: Path) -> None:
    """The side counts that a plain comment leans to, as it does with a tone of two."""
    rows = "t,y\nСпасибо большое,positive\nЗаказ 4417,negative\n"
    alone, beside = run(tmp_path, rows, scheme="class"), run(tmp_path, rows + "ок,neutral\n", scheme="class")
    for report in (alone, alone["tiers"]["rules"], alone["tiers"]["textblob"]):
        assert set(report["per_class"]) <= {"negative", "positive", "constructive"}
    assert "neutral" in beside["per_class"] and "neutral" in beside["tiers"]["textblob"]["per_class"]


@pytest.mark.parametrize(("scheme", "label"), [("polarity2", "pos"), ("class", "positive")])
def test_a_text_that_leans_to_no_side_at_all_counts_as_negative_and_unsure(
    tmp_path: Path, scheme: str, label: str
) -> None:
    text = "ок " * 500
    assert understanding.read([text])[0].tones == (0.0, 1.0, 0.0)
    report = run(tmp_path, f"t,y\n{text},{label}\n", scheme=scheme)
    assert report["per_class"]["neg" if scheme == "polarity2" else "negative"]["f1"] == 0


def test_evidence_is_told_by_language_and_by_what_is_said(tmp_path: Path) -> None:
    rows = "Ужасное обслуживание,negative\nСпасибо большое,positive\nTerrible service,negative\nок,neutral\n"
    report = run(tmp_path, f"t,y\n{rows}Shorter queues please,constructive\n", scheme="class")
    told = report["evidence"]
    assert {language: set(own) for language, own in told["by_language"].items()} == {
        "ru": {"negative", "positive"},
        "en": {"negative", "constructive"},
    }
    assert told["n"] == 4 and told["by_language"]["en"]["negative"] == {"n": 1, "lower": 1}
    assert ["ru", "negative", "1", "of", "1"] in [line.split() for line in evaluate_understanding.table(report)]


def test_topics_are_shown_by_cues_and_as_they_are_read_in_the_end(tmp_path: Path) -> None:
    rows = [row for row in labelled.for_training() if row.topics and '"' not in row.text][:60]
    lines = "".join(f'"{row.text}",{" ".join(row.topics)}\n' for row in rows)
    report = run(tmp_path, "t,y\n" + lines, scheme="topics")
    assert set(report["tiers"]) == {"rules", "fused"}
    assert report["tiers"]["fused"]["micro_f1"] == report["micro_f1"] != report["tiers"]["rules"]["micro_f1"]


def test_topics_are_measured_as_sets(tmp_path: Path) -> None:
    report = run(tmp_path, "t,y\nПриветливые сотрудники,staff\nок,\n", scheme="topics", options=("--language", "ru"))
    assert (report["micro_f1"], report["p_at_1"], report["coverage"], report["language_told"]) == (1, 1, 0.5, 1)


@pytest.mark.parametrize(
    ("text", "scheme", "words"),
    [
        ("t,y\nok,pos\nok,good\n", "polarity3", ("3", "y", "good")),
        ("t,y\nok,neu\n", "polarity2", ("2", "y", "neu")),
        ("t,y\nok,staff nonsense\n", "topics", ("2", "y", "nonsense")),
        ("t,y\n ,pos\n", "polarity3", ("2", "t")),
        ("t,label\nok,pos\n", "polarity3", ("1", "y")),
        ("t,y\nok\n", "polarity3", ("2",)),
        ("t,y\n", "polarity3", ("1", "t")),
        ("", "polarity3", ("1", "t", "y")),
    ],
)
def test_an_unusable_file_is_refused_with_line_and_column(
    tmp_path: Path, text: str, scheme: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError) as refused:
        run(tmp_path, text, scheme=scheme)
    assert refused.value.returncode == 2
    assert all(word in str(refused.value) for word in words), refused.value


def test_the_process_ends_with_two_on_a_missing_file() -> None:
    columns = ["--scheme", "class", "--text-column", "t", "--label-column", "y"]
    command = [sys.executable, "manage.py", "evaluate_understanding", "--data", "no-such.csv", *columns]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_no_frozen_comment_is_ever_trained_on() -> None:
    """Told from letters and figures alone: another case, sign or space does not smuggle a comment across."""

    def key(text: str) -> str:
        return "".join(sign for sign in text.casefold() if sign.isalnum()) or text.strip()

    frozen = {key(row.text) for row in labelled.frozen()}
    training = {key(row.text) for row in labelled.for_training()}
    assert not frozen & training
    assert 0.25 < len(frozen) / len(frozen | training) < 0.35
    assert labelled.is_frozen("Bring back the chat") == labelled.is_frozen("bring back  the CHAT!")
