"""Reading comments: language, tone, suggestion, topics. Text in, verdict out; nothing here knows a database."""

from feedback.understanding.cues import read_topics
from feedback.understanding.reading import read, warm
from feedback.understanding.verdicts import (
    CHECK,
    RULE_SOURCE,
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
    "RULE_SOURCE",
    "SURE",
    "VERSION",
    "Reading",
    "SecondOpinion",
    "Span",
    "TopicRule",
    "TopicVerdict",
    "Verdict",
    "read",
    "read_topics",
    "warm",
]
