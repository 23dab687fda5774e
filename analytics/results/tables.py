"""The results of a survey as tables of a file: one for each question, and one of what was asked and skipped."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from analytics.display import SHOWN_FROM
from analytics.metrics import Metric
from analytics.results.block import Card
from analytics.results.surveys import Scored
from analytics.tables import CHANGE, NUMBER, Table, change, few, number
from analytics.wording import NAMES


def tables(cards: Sequence[Card], completed: Metric | None) -> list[Table]:
    """What the page of one survey shows."""
    rows = [(_("Answered in full"), *number(completed, unit="share"), *change(completed))] if completed else []
    whole = Table(_("Survey"), (_("Indicator"), *NUMBER, *CHANGE), rows)
    return [
        *([whole] if rows else []),
        _asked(cards),
        *(table for card in cards for table in _of_question(card) if table.rows),
    ]


def surveys(found: Sequence[Scored], names: dict[int, str]) -> Table:
    """What the page of all surveys shows."""
    rows = [
        (names[one.survey], NAMES[one.scale], *number(one.metric, unit=one.metric.unit), *change(one.metric))
        for one in found
        if one.survey in names
    ]
    return Table(_("Surveys"), (_("Survey"), _("Score"), *NUMBER, *CHANGE), rows)


def _asked(cards: Sequence[Card]) -> Table:
    columns = (_("Question"), _("Asked"), _("Answered"), _("Skipped, share"), _("Interval from"), _("Interval to"))
    rows = [
        (card.text, card.result.asked, few(card.result.answered), *number(card.result.skipped, unit="share")[1:4])
        for card in cards
    ]
    return Table(_("Questions"), columns, rows)


def _of_question(card: Card) -> Iterator[Table]:
    result = card.result
    scores = [(name, metric) for name, metric in ((card.name, result.metric), (_("Mean"), result.mean)) if metric]
    if scores:
        yield Table(
            card.text, (_("Score"), *NUMBER, *CHANGE),
            [(name, *number(metric, unit=metric.unit), *change(metric)) for name, metric in scores],
        )  # fmt: skip
    if card.result.question.scale:
        yield Table(card.text, (_("Answer"), _("Number")), [(bar.name, bar.count) for bar in card.bars])
    else:
        choices = [(bar.name, bar.count, *number(bar.metric, unit="share"), *change(bar.metric)) for bar in card.bars]
        yield Table(card.text, (_("Answer"), _("Number"), *NUMBER, *CHANGE), choices)
    aspects = [(one.name, *number(one.metric, unit="mean"), *change(one.metric)) for one in card.aspects]
    yield Table(card.text, (_("Aspect"), *NUMBER, *CHANGE), aspects)
    if result.texts >= SHOWN_FROM:
        classes = [(one["name"], *number(one["metric"], unit="share"), *change(one["metric"])) for one in card.classes]
        yield Table(card.text, (_("Class"), *NUMBER, *CHANGE), classes)
