"""Markup in every column that holds a text, and what tells that some of it became part of a page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from ground import holdings

# Each makes an element by itself, an attribute where a quote is not escaped, and one where there are no quotes.
MARKS = (
    "x xssmark '\"><img xssmark src=x onerror=alert(1)>", "' xssmark \"><b xssmark>", '"><b xssmark>', "<b xssmark>",
)  # fmt: skip
SHORTEST = len(MARKS[-1])
# Columns that no text of anybody reaches: keys and hashes that we make, names of our own for kinds of things, slugs,
# zones and colours that are refused at every door unless they are such, and numbers.
SPARED = {
    "admin.LogEntry": "object_id change_message", "ground.ApiKey": "id prefix hashed_key allowances",
    "ground.Change": "scope", "ground.LimitCounter": "key", "ground.User": "password",
    "ground.Organisation": "colour second_factor_roles logo_type logo_digest",
    "ground.SecondFactor": "salt codes", "ground.Session": "session_key session_data",
    "ground.IdempotencyRecord": "caller fingerprint", "ground.Job": "kind cursor file result",
    "ground.AuditEntry": "verb subject", "ground.AuditSeal": "digest", "ground.ColumnMapping": "kind product zone",
    "ground.Calendar": "week holidays days", "ground.Erasure": "code counts", "ground.NoticeChoice": "kind",
    "ground.Notice": "kind key data",
    "surveys.Survey": "code", "surveys.Question": "code", "surveys.AskingPolicy": "days",
    "surveys.SendingRule": "event_name send_through languages sample_cells",
    "surveys.Invitation": "token_hash unsubscribe_hash language sent_through", "surveys.Message": "channel",
    "surveys.OwnDataLink": "token_hash", "surveys.Link": "public_key placement", "surveys.Gateway": "callback_key",
    "feedback.Touch": "prefix_hash agent_hash", "feedback.Response": "scale edit_key_hash",
    "feedback.Revision": "answers prefix_hash agent_hash", "feedback.Topic": "code", "feedback.Label": "value spans",
    "feedback.Check": "labels", "feedback.SavedView": "shared_from", "feedback.Chore": "name",
    "feedback.Idea": "space near", "feedback.IdeaComment": "space", "feedback.IdeaStep": "moved",
    "feedback.LearnedModel": "manifest figures languages difference", "feedback.Sealed": "channel answers",
    "analytics.Incident": "days extent points",
}  # fmt: skip
# Of the queues' own columns only what broke is shown.
MACHINERY = ("lease", "request")
# Tables without a word of anybody's; what analytics counts it finds in the others.
WITHOUT = ("auth", "contenttypes", "rest_framework_api_key")
WRITTEN = ("analytics.Annotation", "analytics.ServiceLevel", "analytics.Incident")
# What is said of people in JSON of no fixed shape: payloads are keys, values and parts of values.
LOOSE = ("attributes", "detail", "headers", "body")
# Of JSON of a fixed shape these parts alone are words.
WORDS = {"options": ("labels", "names"), "params": ("q", "name", "names")}


def columns() -> Iterator[tuple[type[models.Model], list[Any]]]:
    """Every table, and its columns into which payloads are put."""
    for model in apps.get_models(include_auto_created=True):
        label, app = model._meta.label, model._meta.app_label
        if app in WITHOUT or app == "analytics" and label not in WRITTEN:
            continue
        spared = {*MACHINERY, *SPARED.get(label, "").split()}
        free = [
            column for column in model._meta.concrete_fields
            if isinstance(column, holdings.FREE) and not isinstance(column, models.BinaryField) and not column.choices
            and column.name not in spared and (column.max_length or 5000) >= SHORTEST
        ]  # fmt: skip
        if free:
            yield model, free


def fitting(length: int | None, key: Any, said: str) -> str:
    """The payload, or the longest mark that fits, told apart by the row's key where there is room for it."""
    most = length or 5000
    chosen = next(one for one in (said, *MARKS) if len(one) <= most)
    return f"{key}{chosen}" if len(f"{key}{chosen}") <= most else chosen


def value(column: Any, was: Any, key: Any, said: str) -> Any:
    if isinstance(column, models.JSONField):
        if column.name in LOOSE:
            return {said: [said], "reason": said}
        if column.name == "conditions":
            return [{"field": "reason", "op": "in", "value": [said]}]
        if not was and column.name not in WORDS:
            return [said] if column.default is list else {"x": said}
        return within(was, said, only=WORDS.get(column.name))
    if isinstance(column, models.EmailField):
        return f'"{fitting(200, key, said)}"@x.example'
    if isinstance(column, models.URLField):
        return f"javascript:alert(1)//{fitting(400, key, said)}"
    return fitting(column.max_length, key, said)


def within(told: Any, said: str, *, only: tuple[str, ...] | None) -> Any:
    """The same shape with the payload for each text, or for those below `only` these names."""
    if isinstance(told, dict):
        return {name: within(part, said, only=None if only and name in only else only) for name, part in told.items()}
    if isinstance(told, list):
        return [within(part, said, only=only) for part in told]
    return said if isinstance(told, str) and only is None else told


def spoil(payloads: list[str]) -> list[str]:
    """Put a payload into every text of every row; returns the tables that have no row."""
    empty, said = [], iter(payloads * 10_000)
    with past_the_triggers():
        for model, free in columns():
            rows = list(model._default_manager.order_by("pk"))
            if not rows:
                empty.append(model._meta.label)
            for row in rows:
                told = {one.attname: value(one, getattr(row, one.attname), row.pk, next(said)) for one in free}
                models.QuerySet(model).filter(pk=row.pk).update(**told)  # past the log that is only added to
    return empty


@contextmanager
def past_the_triggers() -> Iterator[None]:
    """On PostgreSQL the database itself keeps that log as it is."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")


SCRIPT = re.compile(r"[\s\0-\x20]*(javascript|vbscript|data:text)", re.I)
LEADING = ("href", "src", "action", "formaction", "xlink:href", "data")


class Marked(HTMLParser):
    """Elements of a page that a payload made or changed, and the scripts that the page loads."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.scripts: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, told in attrs:
            acts = name.startswith("on") or (name.startswith(("x-", "@", ":")) and "alert" in (told or ""))
            if name == "xssmark" or acts or (name in LEADING and SCRIPT.match(told or "")):
                self.found.append(f"<{tag} {name}={told!r:.80}>")
            if name == "srcdoc":
                self.found += Marked(told or "").found
            if (tag, name) == ("script", "src"):
                self.scripts.add((told or "").partition("?")[0])

    handle_startendtag = handle_starttag
