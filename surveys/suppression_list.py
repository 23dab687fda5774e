"""The whole list of suppressed addresses, in and out: pasted or from a CSV file, looked at before anything is written.

What was exported can be imported again: columns and reasons are known by their names in each of our languages.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from ground import audit, optouts
from ground.csvfile import BadFile, Complaint, rows_in
from ground.models import User
from ground.sheets import Cell, Column, Csv
from surveys import phones
from surveys.models import Suppression, Survey
from surveys.suppression import IMPORTED, OWN_WORD, STRENGTH, fold
from surveys.vocabulary import codes

MOST_ADDRESSES, MOST_CHARACTERS = 20_000, 2_000_000
BUNCH = 500
ADDRESS, SURVEY, REASON, SOURCE, SINCE = (
    gettext_noop("address"), gettext_noop("survey"), gettext_noop("reason"), gettext_noop("source"),
    gettext_noop("since"),
)  # fmt: skip
NAMES = {ADDRESS: {"email", "e-mail", "mail", "почта", "адрес"}, SURVEY: set[str](), REASON: set[str]()}
TOO_MANY = gettext_lazy("More than 20,000 addresses at once: split the file.")
BRACKETED = re.compile(r"<([^<>\s]+)>\s*$")


@dataclass(frozen=True)
class Entry:
    """One address to put on the list, with the reason it gets."""

    address: str
    survey: Survey | None = None
    reason: str = Suppression.Reason.MANUAL


@dataclass(frozen=True)
class Reading:
    """What a text holds: entries that are not on the list yet, how many are, and what could not be read."""

    entries: list[Entry] = field(default_factory=list)
    known: int = 0
    complaints: list[Complaint] = field(default_factory=list)


def read(text: str) -> Reading:
    """Understand pasted addresses, or a CSV file with a header. Raises BadFile when it cannot be read at all."""
    if len(text) > MOST_CHARACTERS:
        raise BadFile([Complaint(1, "", str(TOO_MANY))])
    first = text.lstrip("\ufeff").lstrip().split("\n", 1)[0]
    columns = {_column(cell) for cell in re.split(r"[,;\t]", first)}
    found = list(_from_table(text.lstrip("\ufeff")) if ADDRESS in columns else _from_words(text))
    if len(found) > MOST_ADDRESSES:
        raise BadFile([Complaint(1, "", str(TOO_MANY))])
    entries: dict[tuple[str, int | None], Entry] = {}
    for each in found:
        if isinstance(each, Entry):
            entries.setdefault((each.address, each.survey.pk if each.survey else None), each)
    new = _not_listed(entries)
    complaints = [each for each in found if isinstance(each, Complaint)]
    return Reading(entries=new, known=len(entries) - len(new), complaints=complaints)


@transaction.atomic
def add(entries: list[Entry], *, by: User) -> int:
    """Put them on the list; returns how many were not there, or not for so strong a reason."""
    count = 0
    for begin in range(0, len(entries), BUNCH):
        bunch = entries[begin : begin + BUNCH]
        weaker = _listed(bunch)
        fresh = [entry for entry in bunch if _key(entry) not in weaker]
        rows = [Suppression(address=e.address, survey=e.survey, reason=e.reason, source=IMPORTED) for e in fresh]
        Suppression.objects.bulk_create(rows, ignore_conflicts=True)
        stronger = [e for e in bunch if _key(e) in weaker and _is_stronger(e, weaker[_key(e)])]
        for entry in stronger:
            changed = Suppression.objects.filter(address=entry.address, survey=entry.survey)
            changed.update(reason=entry.reason, source=IMPORTED, created_at=timezone.now())
        count += len(fresh) + len(stronger)
    own = [entry for entry in entries if entry.reason in OWN_WORD]
    for scope in {entry.survey.code if entry.survey else optouts.ALL for entry in own}:
        gone = [e.address for e in own if (e.survey.code if e.survey else optouts.ALL) == scope]
        optouts.note(*gone, is_out=True, scope=scope)
    audit.note("suppressions.imported", by=by, count=count)
    return count


def write(file: BinaryIO, *, by: User, in_words: Callable[[str], str]) -> int:
    """The whole list as CSV in the reader's language; noted in the audit log. `in_words` tells a source to people."""
    sheet, count = Csv(file, language=translation.get_language() or settings.LANGUAGE_CODE), 0
    sheet.begin([Column(_(name)) for name in (ADDRESS, SURVEY, REASON, SOURCE, SINCE)])
    rows = Suppression.objects.select_related("survey").order_by("pk")
    for row in rows.iterator(chunk_size=2000):
        since = timezone.localtime(row.created_at).replace(tzinfo=None)
        cells: list[Cell] = [row.address, row.survey.code if row.survey else "", row.get_reason_display()]
        sheet.write([[*cells, in_words(row.source), since]])
        count += 1
    sheet.finish()
    audit.note("suppressions.exported", by=by, count=count)
    return count


def _from_words(text: str) -> Iterator[Entry | Complaint]:
    """Addresses one to a line, or several with commas, semicolons or blanks between; names before <...> are dropped."""
    for line, words in enumerate(text.splitlines(), start=1):
        named = BRACKETED.search(words)
        for part in [named.group(1)] if named else re.split(r"[\t,;]+", words.strip(" \ufeff")):
            yield from (_entry(line, word) for word in _apart(part.split()))


def _apart(words: list[str]) -> list[str]:
    """The addresses among words: telephone numbers are written with blanks, a piece of one is somebody else's."""
    mails, rest = [word for word in words if "@" in word], [word for word in words if "@" not in word]
    several = len(rest) > 1 and all(word.startswith("+") and is_address(fold(word)) for word in rest)
    return [*mails, *(rest if several else filter(None, [" ".join(rest)]))]


def _from_table(text: str) -> Iterator[Entry | Complaint]:
    surveys = {survey.code: survey for survey in Survey.objects.all()}
    for row in rows_in(text, required=[], known=None):
        cells = {_column(name): cell.strip() for name, cell in row.values.items()}
        code, said = cells.get(SURVEY, ""), cells.get(REASON, "")
        reason = codes(Suppression.Reason).get(said.lower(), "") if said else str(Suppression.Reason.MANUAL)
        if code and code not in surveys:
            yield Complaint(row.line, _(SURVEY), _("there is no survey “%(code)s”") % {"code": code[:40]})
        elif not reason:
            yield Complaint(row.line, _(REASON), _("“%(reason)s” is not one of the reasons") % {"reason": said[:40]})
        else:
            address = cells.get(ADDRESS, "").removeprefix("'")  # our own export's guard against formulas
            yield _entry(row.line, address, survey=surveys.get(code), reason=reason)


def _entry(line: int, word: str, *, survey: Survey | None = None, reason: str = "") -> Entry | Complaint:
    address = fold(word)
    if not is_address(address):
        told = _("“%(word)s” is neither an e-mail address nor a telephone number") % {"word": word[:60]}
        return Complaint(line, "", told)
    return Entry(address=address, survey=survey, reason=reason or str(Suppression.Reason.MANUAL))


def is_address(address: str) -> bool:
    if "@" not in address:
        return bool(address) and phones.e164(address) == address
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= 254


def _column(cell: str) -> str:
    """Which of our columns a title names, in any of our languages; the title itself when none."""
    name = cell.strip().strip("\"'\ufeff").lower()
    for column, others in NAMES.items():
        if name in others or name in _in_every_language(column):
            return column
    return name


def _in_every_language(word: str) -> set[str]:
    found = {word}
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            found.add(_(word).lower())
    return found


def _key(entry: Entry) -> tuple[str, int | None]:
    return entry.address, entry.survey.pk if entry.survey else None


def _listed(entries: list[Entry]) -> dict[tuple[str, int | None], str]:
    rows = Suppression.objects.filter(address__in=[entry.address for entry in entries])
    return {(address, survey): reason for address, survey, reason in rows.values_list("address", "survey", "reason")}


def _is_stronger(entry: Entry, reason: str) -> bool:
    return STRENGTH.index(entry.reason) > STRENGTH.index(reason)


def _not_listed(entries: dict[tuple[str, int | None], Entry]) -> list[Entry]:
    """Those that would change the list."""
    wanted, new = list(entries.values()), []
    for begin in range(0, len(wanted), BUNCH):
        bunch = wanted[begin : begin + BUNCH]
        listed = _listed(bunch)
        new += [e for e in bunch if _key(e) not in listed or _is_stronger(e, listed[_key(e)])]
    return new
