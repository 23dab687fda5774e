"""One person in all rooms: found, exported, erased; and erased again after a restore, by a file beside the keys.

Names in other people's texts are covered first, while it is known who is meant; the person's own rows are emptied last,
in one transaction. Counts stay: an answer keeps its score, its team and its day.
"""

import datetime as dt
import json
import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from ground import audit, hashed_file, holdings
from ground.holdings import Holding, Subject
from ground.models import Erasure, Organisation, QueueRow, User
from ground.named import NAME, Names, Word
from ground.sqlite import KEEP_PAGES

log = logging.getLogger(__name__)

LEDGER, PURPOSE, KEY = "erasures", "erasure", "key"
BUNCH = 200
AROUND = 80
# A file of so many bytes is written anew in a second or two; a larger one waits for the night.
SMALL_BYTES = 200_000_000
NIGHT = range(2, 6)
QUEUE_COLUMNS = {column.name for column in QueueRow._meta.fields}

Between = Callable[[], None]


class NobodyKnown(Exception):
    """Nothing is kept of whoever was named."""


class Encoder(DjangoJSONEncoder):
    """Time zones by their names, too."""

    def default(self, o: Any) -> Any:
        return str(o) if isinstance(o, dt.tzinfo) else super().default(o)


# --- finding ------------------------------------------------------------------------------------------------------


def find(typed: str) -> Subject:
    """Whoever is known by this e-mail address, telephone number or id."""
    subject = Subject(words={word for words in holdings.told("words_of", typed.strip()) for word in words})
    return widened(subject) if subject.words else subject


def widened(subject: Subject) -> Subject:
    """The subject with every row that stands for them, and all that these call them."""
    while True:
        before = len(subject.keys), len(subject.words)
        holdings.told("widen", subject)
        if (len(subject.keys), len(subject.words)) == before:
            return subject


def counts(subject: Subject) -> dict[str, int]:
    """How many rows are theirs, by table; tables without any are left out."""
    found = {holding.model: holding.rows_of(subject).count() for holding in holdings.every() if holding.own}
    return {model: number for model, number in found.items() if number}


def export(subject: Subject) -> dict[str, Any]:
    """All that is kept of them: their own rows by table, and each place in other texts that names them."""
    rows = {
        holding.model: list(holding.rows_of(subject).order_by("pk").values(*_shown(holding)))
        for holding in holdings.every()
        if holding.own
    }
    named = [place for holding in holdings.every() for place in _places(holding, subject)]
    return {
        "known_as": [f"{word.kind}: {word.text}" for word in subject.names.words],
        "rows": {model: found for model, found in rows.items() if found},
        "named_in": named,
    }


def as_file(found: dict[str, Any], *, by: User | None) -> str:
    """An export as JSON, for whoever takes it away: the audit log is told."""
    count = sum(map(len, found["rows"].values())) + len(found["named_in"])
    audit.note("person.exported", by=by, count=count)
    return json.dumps(found, cls=Encoder, ensure_ascii=False, indent=2)


def _shown(holding: Holding) -> list[str]:
    hidden = {*holding.secret, *QUEUE_COLUMNS}
    fields = holding.table._meta.concrete_fields
    return [
        column.attname for column in fields if column.name not in hidden and not isinstance(column, models.BinaryField)
    ]


def _places(holding: Holding, subject: Subject) -> Iterator[dict[str, Any]]:
    names, own = subject.names, set(holding.rows_of(subject).values_list("pk", flat=True))
    for row in _naming(holding, names):
        if row["pk"] in own:
            continue
        for column in holding.said:
            text = str(row[column])
            for start, end in names.spans(text):
                around = text[max(0, start - AROUND) : end + AROUND]
                yield {"table": holding.model, "key": row["pk"], "column": column, "text": around}


def _naming(holding: Holding, names: Names) -> Iterator[dict[str, Any]]:
    """The rows of the table in which the person is named, as they are stored."""
    if not holding.said or not names.hints:
        return
    table = holding.table
    asked = Q()
    texts = {f"{column}_text": Cast(column, TextField()) for column in holding.said}
    for column in texts:
        for hint in names.hints:
            every = Q()
            for piece in hint:
                every &= Q(**{f"{column}__contains": piece})
            asked |= every
    found = table._default_manager.annotate(**texts).filter(asked).order_by("pk")
    for row in found.values("pk", *holding.said).iterator(chunk_size=BUNCH):
        if any(names.covered(row[column]) != row[column] for column in holding.said):
            yield row


# --- erasing ------------------------------------------------------------------------------------------------------


def begin(subject: Subject) -> str:
    """Note in the file beside the keys that they are erased, before anything is; returns the erasure's code.

    Raises OSError when the file cannot be written: what a restore would bring back must not be called erased.
    """
    code = secrets.token_hex(16)
    hashed_file.add(LEDGER, [f"{code} {mark}" for mark in sorted(_marks(subject))])
    return code


def _marks(subject: Subject) -> set[str]:
    """What stands for them in the file: a name alone says too little to know anybody by."""
    known = {_mark(word) for word in subject.words if word.kind != NAME}
    return known | {_mark(Word(KEY, str(key))) for key in subject.keys}


def _mark(word: Word) -> str:
    return hashed_file.digest(PURPOSE, f"{word.kind}|{word.text}")


def cover(holding: Holding, subject: Subject, *, but: int | None = None) -> int:
    """Cover the person's names in other texts of this table, but in one row; returns in how many. Safe to run twice."""
    names, keys = subject.names, []
    for row in _naming(holding, names):
        if row["pk"] == but:
            continue
        keys.append(row["pk"])
        changed = {column: names.covered(row[column]) for column in holding.said}
        with transaction.atomic():
            same = {column: row[column] for column in holding.said if isinstance(row[column], str)}
            # One that was changed meanwhile is met by the next look.
            holding.table._default_manager.filter(pk=row["pk"], **same).update(**changed)
            if holding.after:
                holding.after([row["pk"]])
    return len(keys)


@transaction.atomic
def finish(subject: Subject, *, code: str, by: User | None, covered: dict[str, int] | None = None) -> Erasure:
    """Empty the person's own rows and say so; the counts are rows by table."""
    holdings.told("settle", subject)
    changed: Counter[str] = Counter(covered or {})
    for holding in holdings.every():
        if holding.own:
            changed[holding.model] += _empty(holding, subject)
    done = {model: number for model, number in sorted(changed.items()) if number}
    erasure, is_new = Erasure.objects.get_or_create(code=code, defaults={"by": by, "counts": done})
    if is_new:
        audit.note("person.erased", by=by, subject=erasure, count=sum(done.values()))
    return erasure


def _empty(holding: Holding, subject: Subject) -> int:
    rows = holding.rows_of(subject)
    keys = list(rows.values_list("pk", flat=True))
    _forget_history(holding.table, keys)
    own = holding.table._default_manager.filter(pk__in=keys)
    if holding.goes:
        own.delete()
        return len(keys)
    alike = {column: value for column, value in holding.empty.items() if not callable(value)}
    if alike:
        own.update(**alike)
    made = {column: value for column, value in holding.empty.items() if callable(value)}
    if made:
        for row in own:
            for column, make in made.items():
                setattr(row, column, make(row))
            row.save(update_fields=list(made))
    return len(keys)


def _forget_history(table: type[models.Model], keys: list[int]) -> None:
    """How the admin's own history calls these rows."""
    kind = ContentType.objects.get_for_model(table)
    LogEntry.objects.filter(content_type=kind, object_id__in=[str(key) for key in keys]).update(object_repr="")


def erase(subject: Subject, *, by: User | None, code: str = "", between: Between = lambda: None) -> Erasure:
    """Do all of it at one go. Raises NobodyKnown, and OSError as `begin` does; `between` is called after each table."""
    if not subject.is_known:
        raise NobodyKnown
    code = code or begin(subject)
    covered = {}
    for holding in holdings.every():
        covered[holding.model] = cover(holding, subject)
        between()
    holdings.told("cover", subject)
    return finish(subject, code=code, by=by, covered=covered)


# --- after a restore ----------------------------------------------------------------------------------------------


def missing() -> dict[str, tuple[dt.datetime, set[str]]]:
    """The erasures that the file beside the keys knows of and this database does not: when, and of whom."""
    found: dict[str, tuple[dt.datetime, set[str]]] = {}
    for at, code, mark in hashed_file.lines(LEDGER, words=3):
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at) and len(mark) == 64:
            found.setdefault(code, (dt.datetime.fromisoformat(at), set()))[1].add(mark)
    done = set(Erasure.objects.filter(code__in=list(found)).values_list("code", flat=True)) if found else set()
    return {code: what for code, what in found.items() if code not in done}


def is_behind() -> bool:
    return bool(missing())


def reapply() -> int:
    """Erase once more whoever was erased after this database was backed up; returns how many erasures that were.

    To be called after a restore, before the first page is served and before the first mail leaves.
    """
    wanted = missing()
    found = {code: Subject() for code in wanted}
    by_mark: dict[str, list[str]] = {}
    for code, (_at, marks) in wanted.items():
        for mark in marks:
            by_mark.setdefault(mark, []).append(code)
    for word, key, since in (entry for room in holdings.told("known") for entry in room) if wanted else ():
        for code in by_mark.get(_mark(word), []):
            # Whoever came back after having been erased is somebody new.
            if since is None or since <= wanted[code][0] + dt.timedelta(seconds=1):
                found[code].keys |= {key} if key is not None else set()
                found[code].words |= {word} if word.kind != KEY else set()
    for code, subject in found.items():
        if subject.is_known:
            holdings.told("make_way", widened(subject))
            erase(widened(subject), by=None, code=code)
        else:
            Erasure.objects.get_or_create(code=code)
    return len(wanted)


def before_serving() -> bool:
    """What a process that serves pages does first; leaves no connection behind that its children would share."""
    try:
        return catch_up()
    finally:
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def catch_up() -> bool:
    """Erase again whoever waits for it; False where the database cannot be asked, so that nothing may be served yet."""
    try:
        if is_behind():
            reapply()
    except DatabaseError as error:
        log.error("Whether erasures wait to be done again cannot be told: %s", type(error).__name__)
        return False
    return True


# --- the bytes on the disk ----------------------------------------------------------------------------------------


def clean_if_due() -> int:
    """Write the database anew where something was erased since; a large one at night. Returns how many erasures."""
    if not Erasure.objects.filter(cleaned_at=None).exists():
        return 0
    hour = timezone.now().astimezone(Organisation.current().timezone).hour
    return clean() if hour in NIGHT or _bytes() <= SMALL_BYTES else 0


def clean() -> int:
    """Write the tables anew, so that nothing of what was erased is left between the rows; returns how many erasures."""
    waiting = list(Erasure.objects.filter(cleaned_at=None).values_list("pk", flat=True))
    if connection.vendor == "sqlite":
        holdings.told("rebuild_indexes")
        with connection.cursor() as cursor:
            cursor.execute(KEEP_PAGES)
            cursor.execute("VACUUM")
        connection.close()  # the next one begins with a small cache again
        _empty_journal()
    else:
        with connection.cursor() as cursor:
            for holding in holdings.every():
                cursor.execute(f"VACUUM {connection.ops.quote_name(holding.table._meta.db_table)}")
    return Erasure.objects.filter(pk__in=waiting).update(cleaned_at=timezone.now())


def _empty_journal() -> None:
    """Move SQLite's journal into the database and cut it to nothing, as soon as no reader needs it."""
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while True:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = cursor.fetchone()[0]
            if not is_busy or time.monotonic() > until:
                return
            time.sleep(0.2)


def _bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            return 0  # its tables are cleaned while others write
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])
