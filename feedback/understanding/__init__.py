"""Reading comments: language, tone, suggestion, topics. Text in, verdict out; nothing here knows a database."""

from feedback.understanding.reading import read, warm
from feedback.understanding.verdicts import (
    CHECK,
    SURE,
    VERSION,
    Reading,
    SecondOpinion,
    Span,
    TopicRule,
    TopicVerdict,
    Verdict,
)

__all__ = [
    "CHECK",
    "SURE",
    "VERSION",
    "Reading",
    "SecondOpinion",
    "Span",
    "TopicRule",
    "TopicVerdict",
    "Verdict",
    "read",
    "warm",
]
