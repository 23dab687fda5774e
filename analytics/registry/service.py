"""How fast contacts are served, how they end, and how many there are."""

from django.utils.translation import gettext_lazy as _

from analytics.registry.definition import Definition

DEFINITIONS = (
    Definition(
        key="first_response_time",
        section="M14",
        group="speed",
        unit="time",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("First response time"),
        about=_("How long a customer waits for the first human reply."),
        method=_(
            "From the customer’s first message to the first public reply of a person, in working time and by "
            "the clock, by the day of creation. Shown as median, p90 and p95 per channel; automatic replies, "
            "notes and contacts that we began are left out."
        ),
    ),
    Definition(
        key="within_target",
        section="M18",
        group="speed",
        unit="share",
        better="up",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Within target"),
        about=_("How many contacts were answered in the promised time."),
        method=_(
            "In time over in time and missed, with the 95-percent Wilson interval. Contacts without a reply are "
            "missed once they are older than the target, or ended after it had passed; younger ones wait outside "
            "the share, and those that ended earlier are told apart. Contacts of a source that never told a reply in "
            "their channel are not judged. The target is the one in force when the contact was created."
        ),
        version=2,
    ),
    Definition(
        key="fast_and_good",
        section="M14",
        group="speed",
        unit="share",
        better="up",
        source="contacts",
        of="answers",
        min_n=30,
        name=_("Fast and good"),
        about=_("Speed that customers are satisfied with."),
        method=_(
            "Contacts with an answer that were in time and satisfied, over all with an answer, with the "
            "95-percent Wilson interval."
        ),
    ),
    Definition(
        key="waiting_time",
        section="M15",
        group="speed",
        unit="time",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Waiting time"),
        about=_("How long callers and chats queue."),
        method=_(
            "From joining the queue to the answer, as percentiles; who gave up counts as having waited at "
            "least so long (Kaplan–Meier). The mean over the answered is the average speed of answer."
        ),
    ),
    Definition(
        key="service_level",
        section="M15",
        group="speed",
        unit="share",
        better="up",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Service level"),
        about=_("Calls and chats answered within the target."),
        method=_(
            "Answered in time, over answered and those who gave up after the target. Four more formulas are "
            "in use and may differ by 5 points: which one is used stands beside the number."
        ),
    ),
    Definition(
        key="abandonment",
        section="M15",
        group="speed",
        unit="share",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Gave up waiting"),
        about=_("How many leave the queue without an answer."),
        method=_("Those who gave up over all who waited; who hung up within 5 seconds is in neither number."),
    ),
    Definition(
        key="resolution_time",
        section="M16",
        group="speed",
        unit="time",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Resolution time"),
        about=_("How long it takes until a contact is solved."),
        method=_(
            "From creation to the first solution, and to the last: a reopening moves only the last. Open "
            "contacts count as lasting at least so long. By the day of creation."
        ),
    ),
    Definition(
        key="first_solution_time",
        section="M16",
        group="speed",
        unit="time",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Time to the first solution"),
        about=_("How soon a contact is called solved for the first time."),
        method=_(
            "From the beginning to the first solution by the clock on the wall, of contacts that were solved; "
            "what was opened again later keeps it."
        ),
    ),
    Definition(
        key="handle_time",
        section="M21",
        group="speed",
        unit="time",
        better="none",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Handling time"),
        about=_("How long people work on a contact."),
        method=_(
            "The seconds of work that the source tells (talk, hold and what is done after), of contacts of "
            "which it tells any; no clock. Staff is planned by its mean."
        ),
    ),
    Definition(
        key="requester_wait",
        section="M16",
        group="speed",
        unit="time",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Customer’s wait"),
        about=_("How long the customer waited for us while it was being solved."),
        method=_(
            "Time in the states new, open and on hold, as the help desk adds it up and reports it (Zendesk: requester "
            "wait time); of contacts that nothing was told of, nothing."
        ),
    ),
    Definition(
        key="percentiles",
        section="M17",
        group="speed",
        unit="time",
        better="none",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Percentiles"),
        about=_("The time within which half, or nine in ten, are served."),
        method=_(
            "Exact from rows, linear between neighbours, or from counts in buckets within 1 percent; never "
            "from averages of days. The interval goes by ranks."
        ),
        in_api=_("The choice “percentile” of the times."),
    ),
    Definition(
        key="working_time",
        section="M19",
        group="speed",
        unit="time",
        better="none",
        source="contacts",
        of="contacts",
        min_n=1,
        name=_("Working time"),
        about=_("Time that counts while the team works."),
        method=_(
            "Seconds between two moments within the working hours of the contact’s calendar, without its "
            "holidays, also on days when the clocks change. All outside them: 0, and within target."
        ),
        in_api=_("The choice “clock” of the times."),
    ),
    Definition(
        key="resolved_share",
        section="M22",
        group="outcome",
        unit="share",
        better="up",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Solved"),
        about=_("How many contacts are solved within a week."),
        method=_(
            "Solved within 7 days of creation, over contacts of the period that are at least 7 days old: so "
            "months compare."
        ),
    ),
    Definition(
        key="solved_within_target",
        section="M18",
        group="outcome",
        unit="share",
        better="up",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Solved within target"),
        about=_("How many contacts were solved in the promised time."),
        method=_(
            "As “Within target”, until the solution: what ended unsolved is missed, what is open once its time has "
            "passed. Of contacts under a level that says how soon."
        ),
    ),
    Definition(
        key="transferred",
        section="M16",
        group="outcome",
        unit="share",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Transferred"),
        about=_("How many contacts are passed on before they are done."),
        method=_(
            "Contacts that went from one agent or team to another at least once, over all contacts of the period. "
            "Contacts of a source that does not tell of transfers count as not transferred."
        ),
    ),
    Definition(
        key="resolved_by_customer",
        section="M22",
        group="outcome",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Solved, says the customer"),
        about=_("Whether customers find their question solved."),
        method=_(
            "“Yes” to the question whether it was solved, over its answers. Shown beside the share of solved "
            "contacts, with the gap."
        ),
    ),
    Definition(
        key="reopened_share",
        section="M22",
        group="outcome",
        unit="share",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Reopened"),
        about=_("How many contacts that were done had to be opened again."),
        method=_(
            "Contacts opened again after they were solved or closed, over those that were ever solved or "
            "closed, by the day on which they began. Sources that tell of no reopening have none."
        ),
    ),
    Definition(
        key="backlog",
        section="M22",
        group="outcome",
        unit="contacts",
        better="down",
        source="contacts",
        of="contacts",
        min_n=1,
        name=_("Backlog"),
        about=_("What is open, and how old it is."),
        method=_(
            "Contacts open at this moment, whatever the period, the median and p90 of their age, and the share older "
            "than a week. As a series: how many were open as each day, week or month ended."
        ),
    ),
    Definition(
        key="repeat_contacts",
        section="M23",
        group="outcome",
        unit="share",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Repeat contacts"),
        about=_("Customers who had to come again."),
        method=_(
            "Contacts followed by another of the same customer on the same topic, while open or within 7 days"
            " after, over contacts whose 7 days are over. Counted for the first contact, which caused the "
            "repeat; contacts without a known customer are left out."
        ),
    ),
    Definition(
        key="repeat_load",
        section="M23",
        group="outcome",
        unit="share",
        better="down",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("Repeats among contacts"),
        about=_("How much of the load is repeats."),
        method=_("Contacts that are themselves a repeat, over all contacts with a known customer."),
    ),
    Definition(
        key="first_contact_resolution",
        section="M24",
        group="outcome",
        unit="share",
        better="up",
        source="contacts",
        of="contacts",
        min_n=30,
        name=_("First-contact resolution"),
        about=_("Questions that are done at the first contact."),
        method=_(
            "Solved and not followed by another, over contacts that are no repeat and whose 7 days are over. "
            "What customers answer to this is shown beside it, not mixed in."
        ),
    ),
    Definition(
        key="volume",
        section="M20",
        group="load",
        unit="contacts",
        better="none",
        source="contacts",
        of="contacts",
        min_n=1,
        name=_("Number of contacts"),
        about=_("How much comes in, and when."),
        method=_(
            "Contacts per day; in the heat map per real hour of the week, with exact Poisson limits. A peak "
            "is an hour whose lower limit lies above the mean of open hours."
        ),
    ),
    Definition(
        key="forecast",
        section="M20",
        group="load",
        unit="contacts",
        better="none",
        source="contacts",
        of="days",
        min_n=84,
        name=_("Forecast"),
        about=_("How many contacts to expect."),
        method=_(
            "The mean of the last eight same weekdays. The interval holds the day four times in five, by the "
            "errors of the last 28 days."
        ),
    ),
    Definition(
        key="staffing",
        section="M21",
        group="load",
        unit="people",
        better="none",
        source="contacts",
        of="days",
        min_n=56,
        name=_("Staff needed"),
        about=_("How many people a queue needs."),
        method=_(
            "Erlang C: the fewest that answer 80 percent in time and are busy at most 85 percent of it; on the roster "
            "so many that 30 percent of their time may go elsewhere. Assumes that nobody hangs up, arrivals at random "
            "and one skill; mail goes by hours of work."
        ),
    ),
)
