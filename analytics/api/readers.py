"""Which metrics the API tells the values of, and how each is read."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from analytics import funnel, over_time, reports, returns, slices
from analytics.api import (
    of_agents,
    of_answers,
    of_complaints,
    of_contacts,
    of_customers,
    of_deviations,
    of_slices,
    of_tone,
)
from analytics.api.of_questions import QUESTION, questions
from analytics.api.question import Question, Reader, Told
from analytics.complaining import report as complaining
from analytics.reports import CES, CSAT, NPS, RESOLVED, THREE_STEPS, THUMBS, YES_NO
from analytics.serving.plan_form import PlanForm
from analytics.slice_counts import SEGMENT

# The scales of a score, the first unless another is asked for.
SCALES = {
    "csat": (CSAT, THREE_STEPS, THUMBS), "nps": (NPS,), "ces": (CES,), "resolved_by_customer": (RESOLVED, YES_NO),
    "mean_score": (CSAT, THREE_STEPS, CES), "topic_impact": reports.SCALES,
    "detectable_change": (CSAT, THREE_STEPS, THUMBS, CES),
    "weighted_score": (CSAT, THREE_STEPS, THUMBS), "weighted_points": (NPS,),
    "fast_and_good": reports.SCALES, "trend": reports.SCALES, "agent_score": reports.SCALES,
    "agent_score_plain": reports.SCALES, "case_mix": tuple(scale for scale in reports.SCALES if scale != NPS),
}  # fmt: skip
STEPS = over_time.STEPS
TEAM_CHANNEL = frozenset({"team", "channel"})
QUEUE = frozenset({"target", "formula"})
PERCENTILE = frozenset({"percentile"})
TIME = PERCENTILE | {"clock"}
BY_QUESTION, BY_HOUR, VERSION = frozenset({QUESTION}), frozenset({of_contacts.HOUR}), frozenset({"version"})
BY_REASON, BY_SEGMENT = frozenset({of_contacts.REASON}), frozenset({SEGMENT})
OF_ANSWERS = frozenset(slices.KINDS)
BY_ASPECT, BY_SLICE = frozenset(of_answers.ASPECTS), frozenset(funnel.BY_SLICE)
# What is told of days of its own, and what goes by customers.
OWN_DAYS = frozenset({"start", "end"})
OF_CUSTOMERS = OWN_DAYS | {"channel", "survey", "evidence", "source"}
OF_SCORE = Reader(
    read=of_answers.scores, by=TEAM_CHANNEL | BY_ASPECT | BY_QUESTION, steps=STEPS, unslotted=BY_ASPECT | BY_QUESTION,
    options=VERSION, slices=OF_ANSWERS, is_dated=True,
)  # fmt: skip
OF_AGENTS = Reader(
    read=of_agents.plain, by=frozenset({"agent"}), steps=STEPS, is_whole=False, is_dated=True,
    units={NPS: "points"},
)  # fmt: skip
OF_QUESTIONS = Reader(read=questions, by=BY_QUESTION, options=VERSION, is_whole=False)
OF_ASKING = Reader(read=of_answers.invitations, by=TEAM_CHANNEL | {"survey"}, steps=STEPS)
OF_TIME = Reader(read=of_contacts.durations, by=TEAM_CHANNEL, steps=STEPS, options=TIME)
OF_RETURNS = Reader(
    read=of_contacts.coming_back, by=TEAM_CHANNEL | BY_REASON | BY_SEGMENT, steps=STEPS, unslotted=BY_SEGMENT
)
OF_EVERYTHING: Mapping[str, Reader] = {
    **dict.fromkeys(("csat", "nps", "ces", "resolved_by_customer"), OF_SCORE),
    "mean_score": Reader(
        read=of_answers.means,
        by=TEAM_CHANNEL | BY_QUESTION,
        steps=STEPS,
        unslotted=BY_QUESTION,
        options=VERSION,
        slices=OF_ANSWERS,
    ),
    **dict.fromkeys(("score_index", "answer_share", "skipped_questions"), OF_QUESTIONS),
    "agent_score": replace(OF_AGENTS, read=of_agents.known),
    "agent_score_plain": OF_AGENTS,
    "case_mix": replace(OF_AGENTS, read=of_agents.adjusted, steps=(), units={}),
    "detectable_change": Reader(read=of_answers.detectable, slices=OF_ANSWERS),
    "fast_and_good": Reader(read=of_answers.both_fast_and_good, by=TEAM_CHANNEL, steps=STEPS),
    "trend": Reader(read=of_tone.trend, slices=OF_ANSWERS),
    "net_tone": Reader(read=of_tone.net_tone, by=frozenset({"topic"}), steps=STEPS),
    "corrected_share": Reader(read=of_tone.corrected, by=frozenset({"class"}), is_whole=False, slices=OF_ANSWERS),
    "comment_class": Reader(
        read=of_answers.classes,
        by=frozenset({"class", QUESTION}),
        steps=STEPS,
        unslotted=BY_QUESTION,
        options=VERSION,
        is_whole=False,
        slices=OF_ANSWERS,
    ),
    "topic_share": Reader(read=of_answers.topics, by=frozenset({"topic"}), steps=STEPS, is_whole=False),
    "emerging_topics": Reader(read=of_answers.risen, by=frozenset({"topic"}), is_whole=False),
    # A week's answers are too few to hold topics apart.
    "topic_impact": Reader(read=of_answers.costs, by=frozenset({"topic"}), steps=("month",), is_whole=False),
    **dict.fromkeys(funnel.RATES, OF_ASKING),
    **{
        key: replace(
            OF_ASKING, by=OF_ASKING.by | BY_SLICE, unslotted=OF_ASKING.unslotted | BY_SLICE, slices=frozenset({SEGMENT})
        )
        for key in funnel.SLICED
    },
    **dict.fromkeys(("weighted_score", "weighted_points"), Reader(read=of_answers.weighted)),
    "weighted_nps": Reader(read=of_answers.by_revenue),
    "volume": Reader(
        read=of_contacts.volume,
        by=TEAM_CHANNEL | BY_HOUR | BY_REASON | BY_SEGMENT,
        steps=STEPS,
        unslotted=BY_HOUR | BY_REASON | BY_SEGMENT,
    ),
    "forecast": Reader(read=of_contacts.expected, steps=("day",), is_whole=False, without=OWN_DAYS),
    "staffing": Reader(
        read=of_contacts.people,
        by=BY_HOUR,
        options=frozenset(PlanForm.options()),
        is_whole=False,
        without=OWN_DAYS,
    ),
    "backlog": Reader(read=of_contacts.backlog, by=TEAM_CHANNEL | BY_REASON, steps=STEPS),
    "within_target": Reader(
        read=of_contacts.within_target, by=TEAM_CHANNEL | BY_SEGMENT, steps=STEPS, unslotted=BY_SEGMENT
    ),
    "resolved_share": Reader(read=of_contacts.solved, by=TEAM_CHANNEL | BY_SEGMENT, steps=STEPS, unslotted=BY_SEGMENT),
    "solved_within_target": Reader(
        read=of_contacts.solved_in_time, by=TEAM_CHANNEL | BY_SEGMENT, steps=STEPS, unslotted=BY_SEGMENT
    ),
    "reopened_share": Reader(
        read=of_contacts.opened_again, by=TEAM_CHANNEL | BY_SEGMENT, steps=STEPS, unslotted=BY_SEGMENT
    ),
    "transferred": Reader(read=of_contacts.passed_on, by=TEAM_CHANNEL, steps=STEPS),
    "resolution_time": OF_TIME,
    **dict.fromkeys(("first_solution_time", "handle_time", "requester_wait"), replace(OF_TIME, options=PERCENTILE)),
    "first_response_time": replace(OF_TIME, by=TEAM_CHANNEL | BY_SEGMENT, unslotted=BY_SEGMENT),
    "waiting_time": replace(OF_TIME, read=of_contacts.waits, options=PERCENTILE),
    "service_level": Reader(read=of_contacts.service_level, by=TEAM_CHANNEL, steps=STEPS, options=QUEUE),
    "abandonment": Reader(read=of_contacts.abandonment, by=TEAM_CHANNEL, steps=STEPS),
    **dict.fromkeys(returns.RATES, OF_RETURNS),
    "closed_loop": Reader(read=of_complaints.closed_loop, by=TEAM_CHANNEL, steps=STEPS),
    **dict.fromkeys(of_complaints.TIMES, replace(OF_TIME, read=of_complaints.times, options=PERCENTILE)),
    "complaints_within_target": Reader(read=of_complaints.within, by=TEAM_CHANNEL, steps=STEPS),
    "complained_again": Reader(read=of_complaints.again, by=TEAM_CHANNEL, steps=STEPS),
    **dict.fromkeys(complaining.RATES, Reader(read=of_contacts.complained, by=TEAM_CHANNEL | BY_REASON, steps=STEPS)),
    **dict.fromkeys(
        ("contract_churn", "inactivity_churn"),
        Reader(read=of_customers.leaving, steps=("month",), without=OF_CUSTOMERS),
    ),
    "retention": Reader(read=of_customers.kept, by=frozenset({"cohort"}), is_whole=False, without=OF_CUSTOMERS),
    "deviations": Reader(
        read=of_deviations.deviations, is_whole=False, without=frozenset({"survey", "evidence", "source"})
    ),
}
READERS: Mapping[str, Reader] = {
    key: replace(reader, slices=of_slices.KNOWN.get(key, reader.slices)) for key, reader in OF_EVERYTHING.items()
}


def read(asked: Question) -> Iterable[Told]:
    """The values asked for; what a survey's questions were answered is read alike for all metrics."""
    if asked.filters.slice and asked.key in of_slices.KNOWN:
        return of_slices.of_slice(asked)
    found = questions(asked) if asked.by == QUESTION else READERS[asked.key].read(asked)
    return _marked(found, asked) if asked.step and READERS[asked.key].has_period else found


def _marked(found: Iterable[Told], asked: Question) -> Iterable[Told]:
    """The slots of a series; those that are not over yet are preliminary, and those that the period cuts partial."""
    slots = {slot.start: slot for slot in asked.filters.period.cut(asked.step)}
    for one in found:
        slot = slots.get(one.start) if one.start else None
        if slot is None:
            yield one
            continue
        more = {"preliminary": True} if slot.end >= asked.today else {}
        yield replace(one, numbers={**one.numbers, **more, "partial": not slot.is_whole(asked.step)})
