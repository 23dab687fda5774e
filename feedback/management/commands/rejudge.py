"""`manage.py rejudge [--survey CODE] [--since DATE] [--dry-run] [--json]`: judge answers again by the present rules."""

import datetime as dt
import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from feedback import rejudging
from feedback.models import Response
from feedback.rejudging import STEP, Moves, Which
from ground.models import Organisation
from surveys.models import Survey


class Command(BaseCommand):
    help = "Judge stored openings and posts again; what a person decided stays. Stopped, it may simply be run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--survey", help="code of the survey; all without it")
        parser.add_argument("--since", help="first day, YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument("--json", action="store_true", help="the counts as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        which = Which(survey=_survey(options["survey"]), since=_since(options["since"]))
        keys = list(which.invitations().values_list("pk", flat=True))
        moves: Moves = Counter()
        for start in range(0, len(keys), STEP):
            moves += rejudging.rejudge(keys[start : start + STEP], is_dry=options["dry_run"])
        changed = sum(count for (old, new), count in moves.items() if old != new)
        if options["json"]:
            rows = [{"old": old, "new": new, "count": count} for (old, new), count in sorted(moves.items())]
            told = {"invitations": len(keys), "changed": changed, "dry_run": options["dry_run"], "moves": rows}
            self.stdout.write(json.dumps(told))
            return
        for (old, new), count in sorted(moves.items()):
            self.stdout.write(f"{_name(old):>14} -> {_name(new):<14} {count:>8}{'  *' if old != new else ''}")
        said = _("%(changed)d of %(all)d answers would change.") if options["dry_run"] else _(
            "%(changed)d of %(all)d answers have changed."
        )  # fmt: skip
        self.stdout.write(said % {"changed": changed, "all": moves.total()})


def _name(evidence: str) -> str:
    return str(dict(Response.Evidence.choices).get(evidence, "—"))


def _survey(code: str | None) -> int | None:
    if not code:
        return None
    survey = Survey.objects.filter(code=code).first()
    if survey is None:
        raise CommandError(_("There is no survey with the code “%s”.") % code)
    return survey.pk


def _since(day: str | None) -> dt.datetime | None:
    if not day:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), Organisation.current().timezone)
    except ValueError:
        raise CommandError(_("“%s” is not a day like 2026-05-12.") % day) from None
