"""Ways of labelling a comment that can be measured: which labels there are, and what a reading says in each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from feedback.understanding.fusion import TONES
from feedback.understanding.scoring import Guess, score, score_sets
from feedback.understanding.topics import default_rules
from feedback.understanding.verdicts import CHECK, Reading

SHORT = {"negative": "neg", "neutral": "neu", "positive": "pos"}
LABELS = {
    "polarity3": ("neg", "neu", "pos"),
    "polarity2": ("neg", "pos"),
    "constructive": ("0", "1"),
    "class": ("negative", "neutral", "positive", "constructive"),
}
NAMES = (*LABELS, "topics")
LEAN = 0.15
POLES = {"polarity2": ("neg", "pos"), "class": ("negative", "positive")}


def parse(scheme: str, label: str) -> str:
    """A label as the scheme writes it; the tone may be written in full. Raises ValueError naming what is allowed."""
    value = label.strip().lower()
    if scheme.startswith("polarity"):
        value = SHORT.get(value, value)
    if scheme == "topics":
        codes = {rule.code for rule in default_rules()}
        if unknown := sorted(set(value.split()) - codes):
            raise ValueError(f"{unknown[0][:40]}: {' '.join(sorted(codes))}")
    elif value not in LABELS[scheme]:
        raise ValueError(f"{value[:40]}: {' '.join(LABELS[scheme])}")
    return value


def pole(reading: Reading) -> Guess:
    """negative, neutral or positive; a mixed comment by the side it leans to, an unread one neutral and unsure."""
    tone = reading.tone
    if reading.tones:
        best = max(range(len(TONES)), key=lambda at: reading.tones[at])
        return Guess(TONES[best], reading.tones[best])
    if tone.value == "mixed":
        leaning = "positive" if reading.polarity > LEAN else "negative" if reading.polarity < -LEAN else "neutral"
        return Guess(leaning, tone.confidence / 2)
    return Guess(tone.value or "neutral", tone.confidence)


def polarity3(reading: Reading) -> Guess:
    """The tone of three."""
    guess = pole(reading)
    return Guess(SHORT[guess.value], guess.confidence)


def polarity2(reading: Reading) -> Guess:
    """The tone of two: the sign of the polarity, then of the second opinion's; negative when neither leans."""
    opinion = reading.second_opinion
    if reading.tones:
        blame, _plain, praise = reading.tones
        if praise or blame:  # a mark that is repeated may be neutral beyond all doubt
            return Guess("pos" if praise > blame else "neg", max(praise, blame) / (praise + blame))
    leaning = reading.polarity or (opinion.polarity if opinion else 0.0)
    sure = reading.tone.confidence if reading.tone.value in ("negative", "positive") else 0.5
    return Guess("pos" if leaning > 0 else "neg", max(sure, 0.5))


def constructive(reading: Reading) -> Guess:
    """Whether a change is asked for."""
    return Guess("1" if reading.constructive.value == "yes" else "0", reading.constructive.confidence)


def shown_class(reading: Reading) -> Guess:
    """constructive where a change is asked for, else the tone, which is right only if indeed none is."""
    asked, tone = reading.constructive, pole(reading)
    if asked.value == "yes":
        return Guess("constructive", asked.confidence if reading.sure is None else reading.sure)
    return Guess(tone.value, tone.confidence * asked.confidence if reading.sure is None else reading.sure)


def leaning_class(reading: Reading) -> Guess:
    """The same where no comment is neutral: constructive, else the side that the tone leans to."""
    asked, tone = shown_class(reading), polarity2(reading)
    if asked.value == "constructive":
        return asked
    return Guess({"neg": "negative", "pos": "positive"}[tone.value], tone.confidence * reading.constructive.confidence)


def topics(reading: Reading) -> list[Guess]:
    """Every topic that is at least worth a check."""
    return [Guess(topic.code, topic.confidence) for topic in reading.topics if topic.confidence >= CHECK]


GUESSES: dict[str, Callable[[Reading], Guess]] = {
    "polarity3": polarity3,
    "polarity2": polarity2,
    "constructive": constructive,
    "class": shown_class,
}


def textblob(scheme: str, reading: Reading, poles: tuple[str, ...] = ()) -> Guess:
    """What TextBlob alone would have said, of two poles if they are named; neutral of what it does not read."""
    opinion = reading.second_opinion
    if poles:
        leaning = opinion.polarity if opinion else 0.0
        return Guess(poles[leaning > 0], 0.5 + abs(leaning) / 2)
    value, sure = (opinion.value, opinion.confidence) if opinion else ("neutral", 0.0)
    return Guess(SHORT[value] if scheme == "polarity3" else value, sure)


def measure(scheme: str, labels: Sequence[str], readings: Sequence[Reading]) -> dict[str, Any]:
    """The report of what is told in the end."""
    if scheme == "topics":
        return score_sets([frozenset(label.split()) for label in labels], [topics(reading) for reading in readings])
    guess = leaning_class if scheme == "class" and "neutral" not in labels else GUESSES[scheme]
    return score(labels, [guess(reading) for reading in readings])


def measure_tiers(
    scheme: str, labels: Sequence[str], readings: Mapping[str, Sequence[Reading]]
) -> dict[str, dict[str, Any]]:
    """The report of each tier that has a say of its own in the scheme, given what each alone reads.

    Student and embedding alone name no topics: the words learnt beside the cues speak in the fused reading only.
    """
    own = [name for name in readings if scheme != "topics" or name in ("rules", "fused")]
    tiers = {name: measure(scheme, labels, readings[name]) for name in own}
    if scheme in ("polarity3", "polarity2", "class"):
        poles = POLES.get(scheme, ()) if scheme != "class" or "neutral" not in labels else ()
        tiers["textblob"] = score(labels, [textblob(scheme, reading, poles) for reading in readings["rules"]])
    return tiers
