import subprocess
import sys

from textblob.en import sentiment

from feedback.understanding import english, labelled
from feedback.understanding.reading import by_rules as read


def test_textblob_reads_english_only() -> None:
    english, russian = read(["The food was excellent", "Еда была excellent, правда, всё понравилось"])
    assert english.second_opinion is not None
    assert english.second_opinion.source.startswith("textblob@0.")
    assert english.second_opinion.polarity == 1
    assert 0 < english.second_opinion.subjectivity <= 1
    assert russian.second_opinion is None


def test_agreement_makes_surer_and_contradiction_less_sure() -> None:
    agreed, contradicted = (read([text])[0] for text in ("excellent service", "excellent, thanks for the awful smell"))
    assert agreed.second_opinion is not None
    assert agreed.second_opinion.value == agreed.tone.value
    assert contradicted.tone.confidence < agreed.tone.confidence


def test_the_tone_stays_ours() -> None:
    reading = read(["can't complain"])[0]
    assert (reading.tone.value, reading.tone.source) == ("positive", "rule@rules-4")


def test_parting_words_one_by_one_changes_nothing() -> None:
    texts = [row.text for row in (*labelled.every(), *labelled.plain()) if row.language == "en"][::4]
    texts += [
        "Good... bad!! 'fine' (not) great.\n\nU.S. \"lovely\"",
        "good :)",
        "very good ( ! )",
        "n't good",
        "xD bad",
    ]
    for text in texts:
        assert sentiment(english.words_of(text)) == sentiment(text), text
    assert sum(isinstance(english.words_of(text), list) for text in texts) > 0.8 * len(texts)


def test_numpy_that_textblob_brings_along_keeps_to_one_core() -> None:
    """Of a process that does nothing but read English, the environment taken away in which numpy is told."""
    program = (
        "import os; os.environ.pop('OPENBLAS_NUM_THREADS', None); os.environ.pop('OMP_NUM_THREADS', None); "
        "from feedback.understanding import english, reading; assert reading.by_rules(['good'])[0].second_opinion; "
        "import sys; assert 'numpy' in sys.modules; print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "1", done.stderr
