"""What is counted of one day's answers to single questions, and of the texts written to them.

The score stands on the response, the other answers in rows of their own. Who was asked a question goes by the branching
of the version: one that hangs on an earlier answer was not skipped by those who never saw it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, QuerySet

from feedback.models import Answer, Comment, Response
from surveys.models import Question, SurveyVersion

# Of how many responses a question was asked, how many of them answered it, and how many gave a value. Those who
# answered are counted apart only where one person gives several values.
ASKED, ANSWERED, VALUE = "asked", "answered", "value"
OF_SEVERAL = ("multiple", "grid")
ANSWER_KEY = ("survey", "question", "team", "channel", "evidence", "language", "fact", "item", "value")
AGENT_KEY = ("survey", "team", "channel", "agent", "evidence", "question", "item", "value")
# The kinds of further questions that have a mean.
WITH_MEAN = ("csat", "ces", "grid")
TEXT_KEY = ("survey", "question", "team", "channel", "language", "derived_class")
WHERE = ("survey", "team", "channel", "evidence", "language")

Counts = Counter[tuple[Any, ...]]


def counts_of(rows: QuerySet[Response]) -> Counts:
    """Counts of these responses by the key of `AnswerDay`."""
    told = rows.order_by().values_list("version", *WHERE, "score", "wants_contact").annotate(n=Count("pk"))
    groups = list(told)
    versions = SurveyVersion.objects.prefetch_related("questions").in_bulk({version for version, *_rest in groups})
    counts: Counts = Counter()
    for version, *where, score, wants_contact, n in groups:
        for question, given in _on_response(versions[version], score, wants_contact):
            counts[_key(where, question.pk, VALUE, value=given)] += n
        if not _hangs_on(versions[version]):
            for question in versions[version].asked_after(score, {}):
                counts[_key(where, question.pk, ASKED)] += n
    counts.update(_further(rows, versions.values()))
    counts.update(_asked_by_answers(rows, versions.values()))
    return counts


def by_agent(rows: QuerySet[Response]) -> Counts:
    """Counts of what these responses answered to further questions with a scale, by the key of `AgentAnswerDay`."""
    versions = SurveyVersion.objects.filter(pk__in=rows.values("version").distinct()).prefetch_related("questions")
    asked = [question for version in versions for question in version.further if question.kind in WITH_MEAN]
    if not asked:
        return Counter()
    given = Answer.objects.filter(response__in=rows, question__in=asked, value__isnull=False).order_by()
    where = [f"response__{name}" for name in AGENT_KEY[:5]]
    told = given.values_list(*where, *AGENT_KEY[5:]).annotate(n=Count("pk"))
    return Counter({tuple(key): n for *key, n in told})


def texts_of(said: QuerySet[Comment]) -> Counts:
    """Counts of the texts written to a question, by the key of `TextDay`."""
    written = said.filter(question__isnull=False, response__isnull=False).order_by()
    where = ("survey", "question", "team", "channel", "response__language", "derived_class")
    return Counter({tuple(key): n for *key, n in written.values_list(*where).annotate(n=Count("pk"))})


def _key(where: Iterable[Any], question: int, fact: str, *, item: str = "", value: int = 0) -> tuple[Any, ...]:
    survey, team, channel, evidence, language = where
    return (survey, question, team, channel, evidence, language, fact, item, value)


def _on_response(version: SurveyVersion, score: int | None, wants_contact: bool) -> Iterator[tuple[Question, int]]:
    """The questions whose answer stands on the response itself."""
    first, contact = version.score_question(), version.contact_question()
    if first is not None and score is not None:
        yield first, score
    if contact is not None and wants_contact:
        yield contact, 1


def _further(rows: QuerySet[Response], versions: Iterable[SurveyVersion]) -> Counts:
    """Answers to the further questions."""
    asked = [question for version in versions for question in version.further if question.kind != "text"]
    if not asked:
        return Counter()
    where = [f"response__{name}" for name in WHERE]
    given = Answer.objects.filter(response__in=rows, question__in=asked, value__isnull=False).order_by()
    counts: Counts = Counter()
    for *place, question, item, value, n in given.values_list(*where, "question", "item", "value").annotate(
        n=Count("pk")
    ):
        counts[_key(place, question, VALUE, item=item, value=value)] += n
    several = given.filter(question__in=[question for question in asked if question.kind in OF_SEVERAL])
    people = several.values_list(*where, "question").annotate(n=Count("response", distinct=True))
    for *place, question, n in people:
        counts[_key(place, question, ANSWERED)] += n
    return counts


def _hangs_on(version: SurveyVersion) -> set[str]:
    """The codes of the questions, but for the score, on whose answers others hang."""
    whens = (question.options.get("when") for question in version.asked)
    return {when["question"] for when in whens if when} - {"score"}


def _asked_by_answers(rows: QuerySet[Response], versions: Iterable[SurveyVersion]) -> Counts:
    """Who was asked what in versions that branch by more than the score: one response after the other."""
    branching = {version.pk: version for version in versions if _hangs_on(version)}
    if not branching:
        return Counter()
    mine = rows.filter(version__in=branching)
    deciding = [one.pk for version in branching.values() for one in version.asked if one.code in _hangs_on(version)]
    given: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    answers = Answer.objects.filter(response__in=mine, question__in=deciding, value__isnull=False).order_by()
    for response, code, item, value in answers.values_list("response", "question__code", "item", "value"):
        given[response][code][item] = value or 0
    counts: Counts = Counter()
    for pk, version, score, *where in mine.order_by().values_list("pk", "version", "score", *WHERE):
        for question in branching[version].asked_after(score, given.get(pk, {})):
            counts[_key(where, question.pk, ASKED)] += 1
    return counts
