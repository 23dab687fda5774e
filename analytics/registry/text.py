"""What comments say, and whether a change is one."""

from django.utils.translation import gettext_lazy as _

from analytics.registry.definition import Definition

DEFINITIONS = (
    Definition(
        key="comment_class",
        section="M28",
        group="text",
        unit="share",
        better="none",
        source="comments",
        of="comments",
        min_n=30,
        name=_("Classes of comments"),
        about=_("What customers write: praise, complaints, suggestions."),
        method=_(
            "Constructive are comments with a suggestion, whatever their tone; the others go by tone. Shares "
            "are of the comments whose class is sure, with 95-percent Wilson intervals; the rest is counted "
            "apart."
        ),
    ),
    Definition(
        key="corrected_share",
        section="M28",
        group="text",
        unit="share",
        better="none",
        source="comments",
        of="comments",
        min_n=200,
        name=_("Corrected for errors of reading"),
        about=_("The share behind the errors of the classifier."),
        method=_(
            "All classes are solved for together from how comments that people checked were read, so that the "
            "shares add up to 100%; for two classes it is Rogan and Gladen’s correction. The uncertainty of the checks "
            "is in the interval. Shown beside the raw share, and only where the classifier is good enough."
        ),
        version=2,
    ),
    Definition(
        key="topic_share",
        section="M29",
        group="text",
        unit="share",
        better="none",
        source="comments",
        of="comments",
        min_n=30,
        name=_("Topics"),
        about=_("What customers write about."),
        method=_(
            "A comment may mention several topics, so shares do not add up to a whole. A share is of all "
            "comments of the period, with its 95-percent Wilson interval. The bar shows the classes of the "
            "comments that mention the topic."
        ),
    ),
    Definition(
        key="net_tone",
        section="M29",
        group="text",
        unit="share",
        better="up",
        source="comments",
        of="comments",
        min_n=30,
        name=_("Net tone"),
        about=_("Whether praise or complaint prevails."),
        method=_(
            "Positive less negative comments, over all with a class; a difference of two shares of one whole, with the "
            "95-percent adjusted Wald interval."
        ),
    ),
    Definition(
        key="topic_table",
        section="M29",
        group="text",
        unit="sd",
        better="none",
        source="comments",
        of="comments",
        min_n=30,
        name=_("Topics by tone and channel"),
        about=_("Where a topic is talked about more than elsewhere."),
        method=_("Adjusted standardised residuals of the table; beyond 3 a cell is marked."),
        in_api=_("On pages alone: the table of residuals stands on the page of a topic."),
    ),
    Definition(
        key="topic_impact",
        section="M30",
        group="text",
        unit="points",
        better="up",
        source="comments",
        of="answers",
        min_n=60,
        name=_("Impact on the score"),
        about=_("Points of the score that a topic takes or brings."),
        method=_(
            "Least squares of each commented score on the topics it mentions: coefficient times share of "
            "mentions, with an HC3 interval. All points add up to the score. Association, not proof; with "
            "fewer answers the score without the topic is compared, called rough."
        ),
    ),
    Definition(
        key="fix_first",
        section="M31",
        group="text",
        unit="points",
        better="none",
        source="comments",
        of="mentions",
        min_n=10,
        name=_("Fix first"),
        about=_("Topics that surely cost two points or more."),
        method=_(
            "The whole interval of the impact below 0 and at least 2 points lost: first; below 0: next; above"
            " 0: a strength; else it is watched."
        ),
        in_api=_("The verdict of topic_impact."),
    ),
    Definition(
        key="emerging_topics",
        section="M32",
        group="text",
        unit="times",
        better="none",
        source="comments",
        of="mentions",
        min_n=5,
        name=_("New topics"),
        about=_("Topics that come up more than in the twelve weeks before."),
        method=_(
            "This week’s mentions against a negative binomial of the share before, as uneven as weeks are. An"
            " alert needs half as many again, and of ten alerts about nine are right."
        ),
    ),
    Definition(
        key="telling_words",
        section="M33",
        group="text",
        unit="sd",
        better="none",
        source="comments",
        of="uses",
        min_n=5,
        name=_("Telling words"),
        about=_("Words that set these comments apart."),
        method=_(
            "Log-odds with a prior from all comments, natural logarithm, z of 3 or more. An explanation, "
            "never an alert."
        ),
        in_api=_("On pages alone: words explain a topic to people."),
    ),
    Definition(
        key="share_change",
        section="M9",
        group="change",
        unit="pp",
        better="none",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Change of a share"),
        about=_("Whether a share is really better or worse."),
        method=_(
            "Newcombe’s interval; p by the N−1 chi-square test, or by Fisher’s exact test where fewer than "
            "one answer is expected. A segment is compared with the rest, never with a whole that holds it."
        ),
        in_api=_("The difference with its limits beside each share."),
    ),
    Definition(
        key="nps_change",
        section="M10",
        group="change",
        unit="points",
        better="none",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Change of NPS"),
        about=_("Whether NPS is really better or worse."),
        method=_("z on the adjusted Wald variances of both sides; the plain difference is shown."),
        in_api=_("The difference with its limits beside NPS."),
    ),
    Definition(
        key="mean_change",
        section="M11",
        group="change",
        unit="scale",
        better="none",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Change of a mean"),
        about=_("Whether a mean score is really better or worse."),
        method=_("Welch’s t test."),
        in_api=_("The difference with its limits beside each mean."),
    ),
    Definition(
        key="arrows",
        section="M12",
        group="change",
        unit="none",
        better="none",
        source="answers",
        of="answers",
        min_n=30,
        name=_("Arrows and colours"),
        about=_("Which changes of a table deserve an arrow."),
        method=_(
            "Benjamini and Hochberg’s correction within a block, adjusted p of at most 0.05, enough answers "
            "on both sides, and a change of 2 pp, 5 NPS points or a fiftieth of the scale."
        ),
        in_api=_("The flag and the corrected p of each value."),
    ),
    Definition(
        key="detectable_change",
        section="M13",
        group="change",
        unit="pp",
        better="down",
        source="answers",
        of="answers",
        min_n=1,
        name=_("Detectable change"),
        about=_("The smallest change that so many answers can show."),
        method=_(
            "Found four times in five at 5 percent, two-sided. “Not measurable” where even the largest change"
            " would be missed."
        ),
    ),
    Definition(
        key="trend",
        section="M34",
        group="change",
        unit="per_period",
        better="none",
        source="answers",
        of="periods",
        min_n=8,
        name=_("Trend"),
        about=_("Whether it goes up or down over a quarter or a year."),
        method=_(
            "The median slope of all pairs of periods with 30 answers each (Theil–Sen); p by Mann and "
            "Kendall, adjusted within the block."
        ),
    ),
    Definition(
        key="deviations",
        section="M35",
        group="change",
        unit="sd",
        better="none",
        source="all",
        of="days",
        min_n=64,
        name=_("Deviations"),
        about=_("Days out of the ordinary."),
        method=_(
            "Each day against the same weekday of eight weeks that ended a week before; two CUSUMs (0.5 and "
            "6) for what lasts, 4.5 standard deviations for a single day. Alarms of one direction within 7 "
            "days are one incident. Twenty series give about one false incident a month. CSAT goes by the scale on "
            "which most answer at the place."
        ),
    ),
    Definition(
        key="deviation_start",
        section="M36",
        group="change",
        unit="date",
        better="none",
        source="all",
        of="days",
        min_n=64,
        name=_("Since when"),
        about=_("When a deviation began."),
        method=_("The day after its sum was last zero; within 7 days of the truth in three of four cases or more."),
        in_api=_("The start of each of the deviations."),
    ),
)
