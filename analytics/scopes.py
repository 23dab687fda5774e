"""What is counted anew together: the tables of each scope, and the columns that their counts are told apart by."""

from analytics import (
    asked_slices,
    ended_scores,
    repeat_pairs,
    scored_topics,
    segment_counts,
    served_counts,
    slice_counts,
)
from analytics.ended_scores import AGENT_COLUMNS as OF_AGENT
from analytics.models import (
    AgentAnswerDay,
    AgentAskedDay,
    AgentContactDay,
    AgentDurationDay,
    AgentEndedDay,
    AgentScoreDay,
    AnswerDay,
    AskedDay,
    AskedSliceDay,
    CommentDay,
    CommentSliceDay,
    ContactDay,
    ContactHour,
    ContactSliceDay,
    DecisionDay,
    DurationDay,
    DurationSliceDay,
    EndedScoreDay,
    RepeatDay,
    ReturnDay,
    ReturnSliceDay,
    ScoreDay,
    ScoredTopicsDay,
    ScoreSliceDay,
    ServedDay,
    TextDay,
    TopicDay,
)
from analytics.models.counted import Counted
from analytics.results import counts as results

SCORE_KEY = ("survey", "scale", "team", "channel", "evidence", "score")
COMMENT_KEY = ("source", "survey", "team", "channel", "derived_class")
TOPIC_KEY = ("source", "survey", "team", "channel", "topic", "derived_class")
TABLES: dict[str, dict[type[Counted], tuple[str, ...]]] = {
    "response": {
        ScoreDay: SCORE_KEY,
        EndedScoreDay: ended_scores.KEY,
        ScoreSliceDay: slice_counts.SCORE_KEY,
        ServedDay: served_counts.KEY,
        AgentScoreDay: OF_AGENT,
        AgentEndedDay: ended_scores.AGENT_KEY,
        AgentAnswerDay: results.AGENT_KEY,
        AnswerDay: results.ANSWER_KEY,
    },
    # Whoever answered changes what the days of the same customer's later answers count (`feedback.later`).
    "repeats": {RepeatDay: repeat_pairs.KEY},
    "comment": {
        CommentDay: COMMENT_KEY,
        CommentSliceDay: slice_counts.COMMENT_KEY,
        TopicDay: TOPIC_KEY,
        ScoredTopicsDay: scored_topics.KEY,
        TextDay: results.TEXT_KEY,
    },
    "interaction": {
        ContactDay: ("team", "channel", "fact"),
        ContactHour: ("team", "channel", "hour"),
        DurationDay: ("team", "channel", "span", "bucket"),
        AgentContactDay: ("team", "channel", "agent", "fact"),
        AgentDurationDay: ("team", "channel", "agent", "span", "bucket"),
        ContactSliceDay: segment_counts.CONTACT_KEY,
        DurationSliceDay: segment_counts.DURATION_KEY,
    },
    # Apart from "interaction": a contact changes what the days of its customer's other contacts count.
    "returns": {
        ReturnDay: ("team", "channel", "agent", "reason", "ended", "marks"),
        ReturnSliceDay: segment_counts.RETURN_KEY,
    },
    "decision": {DecisionDay: ("survey", "team", "channel", "outcome", "reason")},
    "invitation": {
        AskedDay: ("survey", "team", "channel", "fact"),
        AskedSliceDay: asked_slices.KEY,
        AgentAskedDay: ("team", "channel", "agent", "fact"),
    },
}
# What is counted anew, and compared, with another scope's day; and the scopes that nothing leads.
LED_BY = {"repeats": "response"}
SCOPES = [scope for scope in TABLES if scope not in LED_BY]
