"""The list of ideas as a file: the same ideas in the same order, all of them instead of a page."""

import io
from collections.abc import Iterable, Iterator

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from feedback.ideas import ranking
from feedback.ideas.ranking import Standing
from feedback.models import Idea
from ground.access import Scope
from ground.sheets import FORMS, Cell, Column, Csv, Xlsx


def written(found: Iterable[Standing], scope: Scope, *, form: str) -> HttpResponse:
    """The ideas as a file of one of `ground.sheets.FORMS`; their words are masked as they are on the page."""
    file = io.BytesIO()
    sheet = Xlsx(file) if form == "xlsx" else Csv(file, language=get_language() or "")
    sheet.begin([
        Column(_("Idea"), width=60), Column(capfirst(_("status"))), Column(_("Responsible"), width=24),
        Column(_("Customers")), Column(_("Comments")), Column(_("In 30 days")), Column(_("Mean score")),
        Column(_("of")), Column("n"), Column(_("First said"), width=18), Column(_("Last said"), width=18),
    ])  # fmt: skip
    sheet.write(_rows(list(found), scope))
    sheet.finish()
    reply = HttpResponse(file.getvalue(), content_type=FORMS[form].content_type)
    reply["Content-Disposition"] = f'attachment; filename="otklik-ideas-{timezone.localdate()}.{form}"'
    return reply


def _rows(found: list[Standing], scope: Scope) -> Iterator[list[Cell]]:
    ideas = Idea.objects.select_related("owner").in_bulk([each.pk for each in found])
    told = ranking.told(list(ideas.values()), scope)
    for each in found:
        if each.pk not in ideas:
            continue
        idea, of = ideas[each.pk], told[each.pk]
        score = of.scores[0] if of.scores else None
        mean = (score.mean, score.highest, score.n) if score else (None, None, None)
        moments = [timezone.localtime(at).replace(tzinfo=None) for at in (each.first, each.last)]
        counts = (each.customers, each.comments, each.lately)
        yield [of.title, str(idea.get_status_display()), str(idea.owner or ""), *counts, *mean, *moments]
