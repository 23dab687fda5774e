"""Exports of the reading lists: the rows of the present filters, at once when they are few, else as a job with a file.

Which rows they are is looked up once and kept beside the file, so that reading along meanwhile takes none away. What
the author may see is asked again at each step: a changed role begins the file anew. The rows of a workbook are gathered
beside it too; it is written of them in one last step, which a crash begins anew.
"""

import errno
import hashlib
import os
import tempfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from feedback import columns, filters
from ground import access, audit, jobfiles, jobs
from ground.access import Scope
from ground.jobfiles import Held, Lost
from ground.jobs import GaveUp, Kind, Progress
from ground.models import Job, Role, User
from ground.sheets import Cell, Csv, Growing, Lines, Sheet, SheetFull, Xlsx, gathered

AT_ONCE = 5_000
BUNCH, STEP, LOOKED_UP = 500, 2_000, 20_000
MOST_WAITING = 3
KIND = "export"
NO_ROOM = gettext_noop("The disk is full. Make room, then try again.")
TOO_MANY = gettext_noop("A workbook cannot hold so many rows. Export them as CSV.")
Found = Callable[[Mapping[str, str], User, Scope], "QuerySet[Any]"]
Told = Callable[..., list[list[Cell]]]


class TooManyWaiting(Exception):
    """The person has as many exports waiting as one may have."""


@dataclass(frozen=True)
class Table:
    """One of the lists: what filters find, the moment that orders it, the columns, and the lines of some rows."""

    found: Found
    moment: str
    keys: Sequence[str]
    lines: Told


TABLES = {
    "comments": Table(
        found=lambda params, reader, scope: filters.comments_found(params, reader=reader, scope=scope),
        moment="said_at",
        keys=columns.COMMENTS,
        lines=columns.of_comments,
    ),
    "responses": Table(
        found=lambda params, reader, scope: filters.responses_found(params, scope=scope),
        moment="answered_at",
        keys=columns.RESPONSES,
        lines=columns.of_responses,
    ),
}


@dataclass(frozen=True)
class Order:
    """What somebody wants written: a list's rows by its filters, in which form, language and time zone."""

    what: str
    form: str
    params: dict[str, str]
    with_personal: bool
    language: str
    zone: str

    def found(self, author: User, scope: Scope) -> "QuerySet[Any]":
        """The keys of the rows, in the list's order."""
        table = TABLES[self.what]
        found = table.found(self.params, author, scope).order_by(f"-{table.moment}", "-pk")
        return found.values_list("pk", flat=True)

    @property
    def is_workbook(self) -> bool:
        return self.form == "xlsx"

    def sheet(self, file: BinaryIO) -> Xlsx | Csv:
        return Xlsx(file) if self.is_workbook else Csv(file, language=self.language)

    def growing(self, file: BinaryIO, *, state: dict[str, int] | None = None) -> Growing:
        """The table to add rows to in many steps: of a workbook, its lines."""
        return Lines(file, state=state) if self.is_workbook else Csv(file, language=self.language, state=state)

    def begin(self, sheet: Sheet) -> None:
        with translation.override(self.language):
            sheet.begin(columns.columns(TABLES[self.what].keys))

    def write(self, sheet: Sheet, ids: Sequence[int], *, scope: Scope) -> int:
        """Add these rows; returns how many the scope covers."""
        reader, written = columns.Reader(scope=scope, with_personal=self.with_personal), 0
        with translation.override(self.language), timezone.override(ZoneInfo(self.zone)):
            for begin in range(0, len(ids), BUNCH):
                lines = TABLES[self.what].lines(ids[begin : begin + BUNCH], reader=reader)
                sheet.write(lines)
                written += len(lines)
        return written

    def note(self, *, by: User, count: int, job: Job | None = None) -> None:
        audit.note(
            f"{self.what}.exported", by=by, subject=job, count=count, form=self.form, filters=sorted(self.params),
            with_personal=self.with_personal,
        )  # fmt: skip


def at_once(order: Order, *, author: User) -> BinaryIO | None:
    """The finished file, nameless and ready to be read; None when there are too many rows to wait for.

    Raises OSError when it does not fit on the disk.
    """
    scope = access.scope_of(author)
    ids = list(order.found(author, scope)[: AT_ONCE + 1])
    if len(ids) > AT_ONCE:
        return None
    file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    sheet = order.sheet(file)
    try:
        order.begin(sheet)
        count = order.write(sheet, ids, scope=scope)
        sheet.finish()
        order.note(by=author, count=count)
    except BaseException:
        file.close()
        raise
    finally:
        if isinstance(sheet, Xlsx):
            sheet.drop()
    file.seek(0)
    return file


@transaction.atomic
def start(order: Order, *, author: User) -> Job:
    """The job that writes the file; the one that waits already when the same was ordered before.

    Raises TooManyWaiting.
    """
    User.objects.select_for_update(of=("self",)).get(pk=author.pk)
    waiting = list(jobs.waiting().filter(kind=KIND, author=author))
    wanted = asdict(order)
    for job in waiting:
        if job.params["order"] == wanted and job.quarantined_at is None:
            return job
    if len(waiting) >= MOST_WAITING:
        raise TooManyWaiting
    names = {"file": jobfiles.new_name(order.form), "ids": jobfiles.new_name("ids"), "rows": jobfiles.new_name("rows")}
    return jobs.start(KIND, params=names | {"order": wanted}, author=author)


def order_of(job: Job) -> Order:
    return Order(**job.params["order"])


def may_fetch(job: Job, person: User) -> bool:
    """Whether the file is this person's to have: the author's while nothing of the role has changed since, and an
    administrator's."""
    scope = access.scope_of(person)
    if job.author_id == person.pk:
        return (job.cursor or {}).get("scope") == _mark(scope)
    return scope.covers_all(least=Role.ADMINISTRATOR)


def is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _step(job: Job) -> Progress:
    with jobfiles.opened(job.params["file"]) as file:
        try:
            # Another worker may have taken the job over while this one waited for the file.
            return _go_on(job, file) if jobs.renew(job) else Progress()
        except Lost:
            return Progress()
        except SheetFull:
            _drop(job)
            raise GaveUp(TOO_MANY) from None
        except OSError as error:
            if not is_full(error):
                raise
            _drop(job)
            raise GaveUp(NO_ROOM) from None
        finally:
            # Whoever cancelled it meanwhile may have cleared away before the last of these files was made.
            if Job.objects.filter(pk=job.pk).exclude(cancelled_at=None).exists():
                _drop(job)


def _go_on(job: Job, file: BinaryIO) -> Progress:
    author, order, cursor = job.author, order_of(job), job.cursor
    assert author is not None
    scope = access.scope_of(author)
    with jobfiles.opened(job.params["rows"]) if order.is_workbook else nullcontext(file) as grown:
        if cursor is None or cursor["scope"] != _mark(scope) or _length(grown) < cursor["sheet"]["offset"]:
            return _begin(job, grown, scope=scope)
        if order.is_workbook and cursor["at"] == cursor["total"]:
            _bind(job, file, grown)
            return _finished(job, cursor)
        ids = _kept_ids(job, cursor["at"])
        if len(ids) < min(STEP, cursor["total"] - cursor["at"]):  # somebody cleared the folder
            return _begin(job, grown, scope=scope)
        sheet = order.growing(grown, state=cursor["sheet"])
        count = cursor["count"] + order.write(sheet, ids, scope=scope)
        sheet.finish()
        _sync(grown)
        cursor |= {"at": cursor["at"] + len(ids), "count": count, "sheet": sheet.state()}
    if cursor["at"] == cursor["total"] and not order.is_workbook:
        return _finished(job, cursor, rows=len(ids))
    return Progress(cursor=cursor, rows=len(ids), result={"rows": count})


def _begin(job: Job, grown: BinaryIO, *, scope: Scope) -> Progress:
    """Look up which rows there are and write the header, whatever was there before."""
    author, order = job.author, order_of(job)
    assert author is not None
    total = 0
    with jobfiles.opened(job.params["ids"]) as kept:
        kept.truncate(0)
        for ids in _bunches(order.found(author, scope)):
            kept.write(array("q", ids).tobytes())
            total += len(ids)
            jobs.renew(job)
        _sync(kept)
    if order.is_workbook and total >= Xlsx.most_rows:
        raise SheetFull
    sheet = order.growing(grown)
    order.begin(sheet)
    _sync(grown)
    cursor = {"scope": _mark(scope), "total": total, "at": 0, "count": 0, "sheet": sheet.state()}
    return Progress(cursor=cursor, rows=-job.done, total=total)


def _bind(job: Job, file: BinaryIO, lines: BinaryIO) -> None:
    """Write the workbook of the rows that were gathered. Raises Lost and SheetFull."""
    held = Held(file, job)
    book = Xlsx(cast(BinaryIO, held))
    try:
        columns, rows = gathered(lines)
        book.begin(columns)
        for row in rows:
            held.renew()
            book.write([row])
        book.finish()
        _sync(file)
    finally:
        book.drop()


def _finished(job: Job, cursor: dict[str, Any], *, rows: int = 0) -> Progress:
    """The job's last step: its author is given the file, and what it was made of goes."""
    assert job.author is not None
    with transaction.atomic():
        if jobfiles.keep(job, job.params["file"]):
            order_of(job).note(by=job.author, count=cursor["count"], job=job)
    jobfiles.drop(job.params["ids"], job.params["rows"])
    return Progress(cursor=cursor, rows=rows, finished=True, result={"rows": cursor["count"]})


def _bunches(ids: "QuerySet[Any]") -> Iterator[list[int]]:
    bunch: list[int] = []
    for pk in ids.iterator(chunk_size=LOOKED_UP):
        bunch.append(pk)
        if len(bunch) == LOOKED_UP:
            yield bunch
            bunch = []
    yield bunch


def _kept_ids(job: Job, at: int) -> list[int]:
    ids = array("q")
    with jobfiles.opened(job.params["ids"]) as kept:
        kept.seek(at * ids.itemsize)
        ids.frombytes(kept.read(STEP * ids.itemsize))
    return ids.tolist()


def _length(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _sync(file: BinaryIO) -> None:
    """The cursor may survive a power cut, so what it points at has to."""
    file.flush()
    os.fsync(file.fileno())


def _mark(scope: Scope) -> str:
    """A short name of what somebody may see; another role gives another one."""
    said = repr((scope.whole, sorted(scope.teams), scope.person))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _file(job: Job) -> str:
    is_workbook = order_of(job).is_workbook
    return _("Download the workbook (XLSX)") if is_workbook else _("Download the table (CSV)")


def _drop(job: Job) -> None:
    jobfiles.drop(*(job.params[name] for name in ("file", "ids", "rows")))


def _title(job: Job) -> str:
    order = order_of(job)
    named = {"comments": _("Export of comments, %s"), "responses": _("Export of responses, %s")}
    return named[order.what] % order.form.upper()


def _told(job: Job) -> str:
    count = job.result.get("rows", 0)
    return ngettext("%d row", "%d rows", count) % count


jobs.register(Kind(name=KIND, title=_title, step=_step, told=_told, dropped=_drop, outside=True, file=_file))
