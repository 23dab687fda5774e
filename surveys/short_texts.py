"""What a text message says: the question and the link, in two segments at most."""

from surveys.models import SurveyVersion

# GSM 03.38: letters that a segment of 160 holds; those of the second line count twice. Any other letter makes the
# whole message UCS-2, 70 to a segment. A message of several segments loses some of each to the joint.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = set("^{}\\[~]|€\f")
MOST_SEGMENTS = 2


def segments(text: str) -> int:
    """How many messages a gateway counts for the text."""
    if all(letter in GSM or letter in GSM_TWICE for letter in text):
        length, alone, joined = sum(2 if letter in GSM_TWICE else 1 for letter in text), 160, 153
    else:
        length, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)


def compose(version: SurveyVersion, *, language: str, brand: str, link: str) -> str:
    """The survey's own words for text messages, else the brand and the question, and the link behind them.

    Words that would need a third segment are cut, the link never is.
    """
    question = version.score_question()
    words = version.text("sms", language) or f"{brand}: {question.text(language) if question else ''}"
    words = " ".join(words.split())
    text = f"{words} {link}"
    while segments(text) > MOST_SEGMENTS and words:
        words = words.rstrip("…")[:-1].rstrip()
        text = f"{words}… {link}" if words else link
    return text
