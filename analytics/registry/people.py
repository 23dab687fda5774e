"""Customers who stay and leave, and agents compared fairly."""

from django.utils.translation import gettext_lazy as _

from analytics.registry.definition import Definition

DEFINITIONS = (
    Definition(
        key="contract_churn",
        section="M26",
        group="customers",
        unit="share",
        better="down",
        source="activity",
        of="customers",
        min_n=30,
        name=_("Customers lost"),
        about=_("Lost among the customers under contract."),
        method=_(
            "Left in the period over active at its start, with the 95-percent Wilson interval; who joined in "
            "the period is in neither number. Without a first day a contract counts from the first contact, or since "
            "it was told of. Of the whole organisation who never made contact counts, too; of a team only who made "
            "contact with it."
        ),
    ),
    Definition(
        key="inactivity_churn",
        section="M26",
        group="customers",
        unit="share",
        better="down",
        source="activity",
        of="customers",
        min_n=30,
        name=_("Fell silent"),
        about=_("Customers without a contract who stopped coming."),
        method=_(
            "Active at the start of the period and then without activity for the whole window, over active at"
            " its start. The window is the 95th percentile of gaps between activities, 30 to 365 days. A "
            "return does not undo it."
        ),
    ),
    Definition(
        key="retention",
        section="M26",
        group="customers",
        unit="share",
        better="up",
        source="activity",
        of="customers",
        min_n=30,
        name=_("Retention"),
        about=_("How long customers stay."),
        method=_(
            "Share of those who joined together that is active in each period after; the median life by Kaplan–Meier."
        ),
    ),
    Definition(
        key="agent_score",
        section="M27",
        group="people",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Agent’s score"),
        about=_("An agent’s share, as far as it is known."),
        method=_(
            "Each share is pulled to the common mean, the more the fewer answers there are (Marshall). Only "
            "who is outside three standard deviations is called different; nobody is ranked below 30 answers."
        ),
        version=2,
    ),
    Definition(
        key="agent_score_plain",
        section="M27",
        group="people",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Agent’s score as answered"),
        about=_("An agent’s share as customers gave it."),
        method=_(
            "The share of satisfied answers about the agent’s contacts, with the 95-percent Wilson interval. "
            "Equal agents with 30 answers each differ by 27 points by chance alone: compare by “Agent’s score”."
        ),
    ),
    Definition(
        key="case_mix",
        section="M27",
        group="people",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Adjusted for case mix"),
        about=_("An agent’s result beside what such contacts bring others."),
        method=_("Observed over expected at everybody’s rate for the channel and topic, times the overall share."),
    ),
    Definition(
        key="training_hint",
        section="M27",
        group="people",
        unit="pp",
        better="none",
        source="answers",
        of="answers",
        min_n=20,
        name=_("Training hint"),
        about=_("Topics in which an agent is behind the team."),
        method=_(
            "The agent’s share on a topic against the rest of the team, where it is worse with an adjusted p "
            "of at most 0.10."
        ),
        in_api=_("On pages alone: the agent and who leads the team see it."),
    ),
)
