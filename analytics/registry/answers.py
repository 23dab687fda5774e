"""What answers to surveys say, and who answers."""

from django.utils.translation import gettext_lazy as _

from analytics.registry.definition import Definition

DEFINITIONS = (
    Definition(
        key="csat",
        section="M1",
        group="scores",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("CSAT"),
        about=_("How many customers are satisfied with a contact."),
        method=_(
            "The share of satisfied answers among all counted ones (4–5 of 5; 3 of 3; 6–7 of 7; thumb up; "
            "9–10 of 10), with the 95-percent Wilson interval. Scales are never mixed. Counted are confirmed "
            "answers and presumed ones: a score chosen in the mail by an open link that looks like a "
            "person’s. Where customers answered several times, see “Repeated answers”."
        ),
    ),
    Definition(
        key="nps",
        section="M3",
        group="scores",
        unit="points",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("NPS"),
        about=_("How many would recommend us, less those who would not."),
        method=_(
            "Promoters (9–10) less detractors (0–6), as a share of all counted answers, −100 to +100, with "
            "the 95-percent adjusted Wald interval. Counted are confirmed and presumed answers. Where customers "
            "answered several times, see “Repeated answers”."
        ),
    ),
    Definition(
        key="ces",
        section="M4",
        group="scores",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("CES"),
        about=_("How easy it was for customers."),
        method=_(
            "The share that agrees “it was easy” (5–7 of 7; 4–5 of 5), with the 95-percent Wilson interval. "
            "Where 1 means easy, the scores are turned round first. Where customers answered several times, see "
            "“Repeated answers”."
        ),
    ),
    Definition(
        key="mean_score",
        section="M2",
        group="scores",
        unit="scale",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Mean score"),
        about=_(
            "The average answer on its own scale: CSAT, CES and the qualities (professionalism, "
            "responsiveness, ability to solve, quality of information)."
        ),
        method=_(
            "The sum of scores over their number, with a 95-percent interval by Student’s t that stays within"
            " the scale. Always beside the distribution: answers may have two humps."
        ),
    ),
    Definition(
        key="score_index",
        section="M2",
        group="scores",
        unit="of_100",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Score index"),
        about=_("A mean score on a scale of 0 to 100, the only form in which different scales compare."),
        method=_("100 × (mean − lowest score) / (highest − lowest)."),
    ),
    Definition(
        key="weighted_nps",
        section="M3",
        group="scores",
        unit="points",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("NPS by revenue"),
        about=_("What revenue says rather than heads; never the headline."),
        method=_(
            "Promoters less detractors, each answer weighing as much as its customer’s value a year, as the CRM tells "
            "it now; customers without one and anonymous surveys are left out. The interval goes by the effective "
            "number of answers; below 5 of these it is hidden. Stands in Asked and answered."
        ),
    ),
    Definition(
        key="response_rate",
        section="M5",
        group="asking",
        unit="share",
        better="up",
        source="invitations",
        of="invitations",
        min_n=30,
        name=_("Response rate"),
        about=_("How many of those reached answered."),
        method=_(
            "Invitations answered over invitations delivered, by the day of sending. Preliminary until the "
            "links expire; reminders add nothing. Public links have no rate."
        ),
    ),
    Definition(
        key="response_rate_strict",
        section="M5",
        group="asking",
        unit="share",
        better="up",
        source="invitations",
        of="invitations",
        min_n=30,
        name=_("Strict response rate"),
        about=_("How many of all that were asked answered."),
        method=_(
            "Invitations answered over invitations sent, so that those that never arrived count as not "
            "answered. By the day of sending, preliminary until the links expire; public links have no rate."
        ),
    ),
    Definition(
        key="delivery_rate",
        section="M5",
        group="asking",
        unit="share",
        better="up",
        source="invitations",
        of="invitations",
        min_n=30,
        name=_("Delivery rate"),
        about=_("How many invitations arrive."),
        method=_("Delivered over sent; suppressed invitations are counted apart."),
    ),
    Definition(
        key="start_rate",
        section="M5",
        group="asking",
        unit="share",
        better="up",
        source="invitations",
        of="invitations",
        min_n=30,
        name=_("Started"),
        about=_("How many open the survey."),
        method=_("Started over delivered. An opened mail is not counted: mail programs open mails by themselves."),
    ),
    Definition(
        key="completion_rate",
        section="M5",
        group="asking",
        unit="share",
        better="up",
        source="invitations",
        of="invitations",
        min_n=30,
        name=_("Completed"),
        about=_("How many get to the end."),
        method=_("All required questions answered, over started."),
    ),
    Definition(
        key="comment_rate",
        section="M5",
        group="asking",
        unit="share",
        better="up",
        source="answers",
        of="answers",
        min_n=30,
        name=_("With a comment"),
        about=_("How many say why."),
        method=_("Answers with a text of two letters or more, over all answers."),
    ),
    Definition(
        key="answer_share",
        section="M1",
        group="scores",
        unit="share",
        better="none",
        source="answers",
        of="answers",
        name=_("Share of a choice"),
        about=_("What customers choose from what is offered."),
        method=_(
            "Those who chose it over those who chose anything in this question; of several choices the shares add up "
            "to more than 100 percent. A tick is a share of those who were shown it."
        ),
    ),
    Definition(
        key="skipped_questions",
        section="M6",
        group="asking",
        unit="share",
        better="down",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Skipped questions"),
        about=_("Which question people leave out."),
        method=_(
            "Started answers that saw a question and left it, over all that saw it; “not applicable” is "
            "outside both. Above 20 percent its scores need a warning."
        ),
    ),
    Definition(
        key="weighted_score",
        section="M7",
        group="asking",
        unit="share",
        better="none",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Weighted score"),
        about=_("The score if all groups of customers had answered equally often."),
        method=_(
            "Each group (survey, team, channel) weighs as much as it was invited; groups below 5 answers are joined, "
            "weights end at 5, and with one group left there is nothing to weight. The interval goes by the effective "
            "number of answers. Shown beside the plain score, with the range that the silent could make of it. It "
            "mends only differences in what is known of customers."
        ),
    ),
    Definition(
        key="weighted_points",
        section="M7",
        group="asking",
        unit="points",
        better="none",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Weighted NPS"),
        about=_("The NPS if all groups of customers had answered equally often."),
        method=_("As the weighted score, with the adjusted Wald interval by the effective number of answers."),
    ),
    Definition(
        key="repeated_answers",
        section="M8",
        group="asking",
        unit="share",
        better="none",
        source="answers",
        of="customers",
        min_n=30,
        name=_("Repeated answers"),
        about=_("The interval where some customers answered several times."),
        method=_(
            "Above 1.2 answers per customer in what is looked at, answers of one customer count as alike: the interval "
            "of CSAT, CES and NPS and the test of a change go by the variance between customers, that is by an "
            "effective number of answers. Exact for all, a team, a channel, a survey and each week; distances of four "
            "weeks and more are known to the week, above a year they do not count. Whoever sees several teams has a "
            "customer counted once in each. Narrowed to anything else, an answer costs as much as in the whole."
        ),
        in_api=_("The effective number of answers (n_eff) beside each score."),
    ),
)
