"""Who saw, exported or changed something that has to be answered for: one entry each, never changed afterwards."""

from typing import Any

from django.db.models import Model

from ground.models import ApiKey, AuditEntry, User


def note(verb: str, *, by: User | None, subject: Model | None = None, **detail: Any) -> AuditEntry:
    """Write an entry in the caller's transaction. `detail` names rows and counts: no addresses, no texts, no tokens."""
    return AuditEntry.objects.create(
        verb=verb, actor=by, subject=_named(subject) if subject is not None else "", detail=detail
    )


def note_read(verb: str, *, key: ApiKey, count: int) -> None:
    """Write that a program was told addresses of so many people; nothing where it was nobody's."""
    if count:
        note(verb, by=None, subject=key, count=count)


def _named(subject: Model) -> str:
    """Kind and key of a row; of an API key the prefix, for its primary key ends with the hash of its secret."""
    key = subject.prefix if isinstance(subject, ApiKey) else subject.pk
    return f"{subject._meta.label_lower}:{key}"


def fields_in(message: Any) -> list[str]:
    """What the admin says was changed, as names alone: columns, and tables of rows beside; a message says more."""
    if not isinstance(message, list):
        return [str(message)]
    found: dict[str, None] = {}
    for part in message:
        for told in part.values():
            found |= dict.fromkeys([told["name"]] if "name" in told else told.get("fields", []))
    return list(found)
