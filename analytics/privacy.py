"""What analytics keeps of customers: counts, which name nobody; colleagues' notes on the charts may."""

from ground.holdings import Holding

HOLDINGS = [Holding("analytics.Annotation", said=("text",))]
PLAIN = (
    "analytics.AgentScoreDay", "analytics.AgentAskedDay", "analytics.AgentContactDay", "analytics.AgentDurationDay",
    "analytics.AgentAnswerDay", "analytics.AgentEndedDay",
    "analytics.ScoreDay", "analytics.CommentDay", "analytics.TopicDay", "analytics.ScoredTopicsDay",
    "analytics.ServedDay", "analytics.AskedDay", "analytics.RollupClock", "analytics.ContactDay",
    "analytics.ContactHour", "analytics.DurationDay", "analytics.ServiceLevel", "analytics.AnswerDay",
    "analytics.TextDay", "analytics.ReturnDay", "analytics.ScoreSliceDay", "analytics.CommentSliceDay",
    "analytics.DecisionDay", "analytics.Staying", "analytics.Watch", "analytics.WatchedSeries", "analytics.Incident",
    "analytics.TellingSource", "analytics.RepeatDay", "analytics.EndedScoreDay",
    "analytics.AskedSliceDay", "analytics.MonthSum", "analytics.ContactSliceDay", "analytics.DurationSliceDay",
    "analytics.ReturnSliceDay",
)  # fmt: skip
