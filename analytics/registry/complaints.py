"""Complaints: as the help desk marks them, and in customers' own words."""

from django.utils.translation import gettext_lazy as _

from analytics.registry.definition import Definition

DEFINITIONS = (
    Definition(
        key="complaint_rate",
        section="M25",
        group="outcome",
        unit="per_1000",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Complaints"),
        about=_("How often service goes wrong enough to complain to it."),
        method=_(
            "Contacts that the help desk marks as complaints, per 1000 contacts, with exact Poisson limits. A change is"
            " judged by the exact conditional test. This is the number of the indicators, of weeks, teams, channels and"
            " reasons, and of deviations. Complaints in texts are no contacts and have numbers of their own: "
            "“Complaints in texts”, and both together."
        ),
    ),
    Definition(
        key="complaints_in_texts",
        section="M25",
        group="outcome",
        unit="per_1000",
        better="down",
        source="comments",
        of="contacts",
        min_n=30,
        name=_("Complaints in texts"),
        about=_("How often customers complain in their own words alone."),
        method=_(
            "Texts that came in as a complaint or that a complaint rule fits, by the day they were said, per 1000 "
            "contacts begun in the same days. A text about a contact that is marked as a complaint itself is left out,"
            " so that no complaint is in both numbers; so are anonymous surveys. Another rule changes past days, too."
        ),
    ),
    Definition(
        key="complaints_of_both",
        section="M25",
        group="outcome",
        unit="per_1000",
        better="down",
        source="all",
        of="contacts",
        min_n=30,
        name=_("Complaints of both kinds"),
        about=_("All that counts as a complaint, however it was told."),
        method=_(
            "Contacts marked as complaints, and texts that are one and about no such contact, per 1000 contacts, with "
            "exact Poisson limits and the exact conditional test of a change."
        ),
    ),
    Definition(
        key="complaint_reaction",
        section="M25",
        group="outcome",
        unit="time",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        version=2,
        name=_("Reaction to complaints"),
        about=_("How fast complaints are met."),
        method=_(
            "Time to the first response of contacts marked as complaints alone, by the clock on the wall; "
            "whoever still waits counts as waiting at least so long."
        ),
    ),
    Definition(
        key="complaint_resolution_time",
        section="M25",
        group="outcome",
        unit="time",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Time to solve a complaint"),
        about=_("How long complaints last."),
        method=_(
            "From the beginning to the last solution of contacts marked as complaints alone, by the clock on "
            "the wall; those that are open last at least so long."
        ),
    ),
    Definition(
        key="complaints_within_target",
        section="M25",
        group="outcome",
        unit="share",
        better="up",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Complaints within the service level"),
        about=_("How many complaints are responded to in time."),
        method=_(
            "Responded to within the service level, over those responded to and those that have waited longer "
            "already. Nothing while no level is set."
        ),
    ),
    Definition(
        key="complained_again",
        section="M25",
        group="outcome",
        unit="share",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Complained again"),
        about=_("How many have to complain once more."),
        method=_(
            "Complaints followed by another of the same customer while open or within 30 days after, over "
            "complaints whose 30 days are over."
        ),
    ),
    Definition(
        key="closed_loop",
        section="M25",
        group="outcome",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Contacted after a complaint"),
        about=_("Whether somebody speaks with the unhappy."),
        method=_(
            "Those who complained in their own words, by the complaint rules, and were contacted within 48 hours, over "
            "these and those not contacted in that time; younger ones wait outside the share. Contacted is what "
            "somebody notes on the page of complaints, at the latest when the text is marked as done."
        ),
    ),
)
