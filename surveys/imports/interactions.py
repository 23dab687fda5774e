"""Contacts as a help desk's or a telephone system's file tells them: the API's fields as columns."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ground import remembered
from ground.csvfile import parse_moment
from ground.models import Team
from surveys import deciding, interactions, skipping
from surveys.choosing import active_rules
from surveys.codes import source as named_source
from surveys.imports import Field, Given, Wrong, channels, following, plain, told_errors
from surveys.imports.durations import seconds_of
from surveys.models import Agent, Interaction
from surveys.models.customers import Channel
from surveys.shapes import AgentShape, CustomerShape, InteractionShape, TeamShape
from surveys.vocabulary import codes

NAME = gettext_lazy("interactions")
GROUPS = {"customer": "customer_", "team": "team_", "agent": "agent_"}
TIMES = ("updated_at", *interactions.TIMES)
SHAPES = {"customer": CustomerShape, "team": TeamShape, "agent": AgentShape}
# Not columns of a table: what is made of several values.
NESTED = {"attributes", "consent"}
COLUMNS = [
    *(name for name in InteractionShape().fields if name not in GROUPS),
    *(f"{GROUPS[group]}{name}" for group, shape in SHAPES.items() for name in shape().fields if name not in NESTED),
]
FLAGS = {"is_abandoned", "is_resolved", "is_complaint", "customer_is_staff", "customer_no_consent", "customer_is_vip"}
NUMBERS = (
    "id", "ticket", "ticket id", "ticket number", "case number", "№", "тикет", "номер тикета", "номер заявки",
    "номер обращения", "номер запроса", "номер звонка",
)  # fmt: skip
FIELDS = (
    Field("external_id", gettext_lazy("number"), NUMBERS, is_required=True),
    Field("source", gettext_lazy("source")),
    Field("channel", gettext_lazy("channel"), ("канал обращения",), is_required=True),
    Field("customer_external_id", gettext_lazy("customer’s id"), ("customer id", "client id", "код клиента")),
    Field("customer_email", gettext_lazy("customer’s e-mail"), ("email", "e-mail", "почта", "requester email")),
    Field("customer_phone", gettext_lazy("customer’s phone"), ("phone", "телефон", "requester phone")),
    Field(
        "customer_name",
        gettext_lazy("customer’s name"),
        ("customer", "client", "клиент", "requester", "имя", "фио", "фио клиента"),
    ),
    Field("customer_language", gettext_lazy("customer’s language"), ("language", "язык", "locale")),
    Field("customer_timezone", gettext_lazy("customer’s time zone"), ("timezone", "часовой пояс")),
    Field("customer_is_vip", gettext_lazy("important customer"), ("vip",)),
    Field("team_code", gettext_lazy("team’s code"), ("team", "group", "команда", "группа")),
    Field("team_name", gettext_lazy("team’s name"), ("название команды",)),
    Field(
        "agent_external_id", gettext_lazy("agent’s id"), ("agent", "assignee", "сотрудник", "исполнитель", "оператор")
    ),
    Field("agent_name", gettext_lazy("agent’s name"), ("имя сотрудника", "assignee name")),
    Field("reason", gettext_lazy("reason"), ("subject type", "category", "тема", "категория", "причина")),
    Field("tags", gettext_lazy("tags, with commas between"), ("tags", "теги", "метки")),
    Field("priority", gettext_lazy("priority"), ("приоритет",)),
    Field("status", gettext_lazy("status"), ("state", "стадия", "состояние")),
    Field("direction", gettext_lazy("direction")),
    Field("created_at", gettext_lazy("began"), ("created", "создано", "дата создания", "начало")),
    Field("enqueued_at", gettext_lazy("joined the queue"), ("queued", "enqueued", "встал в очередь")),
    Field("answered_at", gettext_lazy("picked up"), ("answered", "взято в работу", "снята трубка")),
    Field("first_response_at", gettext_lazy("first response"), ("first reply", "первый ответ")),
    Field("first_response_after", gettext_lazy("minutes to the first response"), ("время первого ответа",)),
    Field("resolved_at", gettext_lazy("resolved"), ("solved", "solved at", "решено", "дата решения")),
    Field("closed_at", gettext_lazy("closed"), ("закрыто", "дата закрытия", "завершено", "конец")),
    Field("resolved_after", gettext_lazy("minutes to the resolution"), ("resolution time", "время решения")),
    Field("first_resolved_after", gettext_lazy("minutes to the first resolution"), ("first resolution time",)),
    Field("reopened_at", gettext_lazy("reopened"), ("открыто снова",)),
    Field("reopens", gettext_lazy("times reopened"), ("reopens", "переоткрыто раз")),
    Field("updated_at", gettext_lazy("changed at the source"), ("updated", "изменено", "обновлено")),
    Field("replies", gettext_lazy("replies"), ("ответов", "сообщений")),
    Field("transfers", gettext_lazy("transfers"), ("переводов", "передано раз")),
    Field("handle_seconds", gettext_lazy("seconds of work"), ("handle time", "talk time", "длительность")),
    Field("requester_wait_seconds", gettext_lazy("seconds the customer waited for us"), ("requester wait time",)),
    Field("is_resolved", gettext_lazy("resolved?"), ("решён?",)),
    Field("is_complaint", gettext_lazy("complaint"), ("жалоба",)),
    Field("is_abandoned", gettext_lazy("abandoned"), ("брошено", "потеряно")),
    Field("satisfaction", gettext_lazy("rating given there"), ("satisfaction", "satisfaction score", "оценка клиента")),
    Field("events", gettext_lazy("events, as “delivered 2026-05-12 14:30; …”")),
    Field("attributes", gettext_lazy("more about it, as “plan=gold; …”")),
)
NAMES_SECONDS = 5
YES, NO = {"1", "true", "yes", "да", "y", "+"}, {"0", "false", "no", "нет", "n", "-", "−"}


def check(values: dict[str, str], given: Given) -> interactions.Report:
    """The row as a report. Raises LeftOut, Wrong."""
    return _read_row(values, given)[0]


def _read_row(values: dict[str, str], given: Given) -> tuple[interactions.Report, bool]:
    """The row as a report, and whether its closing is a guess. Raises LeftOut, Wrong."""
    told = given.product.read(values) if given.product else values
    told, is_guess = following.filled(told, given.zone)
    is_derived = "updated_at" not in told
    told = _with_defaults(told, given)
    if not told.get("updated_at"):
        raise Wrong([("closed_at", _("A time is needed: when it was closed, began or changed last."))])
    data, faults = nest(_known_by_name(told, given), given.zone)
    if "shape" not in given.known:
        given.known["shape"] = InteractionShape(data={})
    shape = given.known["shape"].again(data)
    if faults or not shape.is_valid():
        # What stands for a clock of the file's own is wrong in its own column.
        own = [fault for fault in faults if not (is_derived and fault[0] == "updated_at")]
        raise Wrong(own or told_errors(shape.errors, _name_of))
    report = shape.to_report()
    if fault := interactions.contradiction(report):
        raise Wrong([(fault.attr, str(fault))])
    _check_reach(report, given)
    if report.team:
        given.known.setdefault("teams", set()).add(report.team["code"])
    return report, is_guess


def take(values: dict[str, str], given: Given) -> str:
    """created, updated or stale; `settle` decides about asking. Raises LeftOut, Wrong."""
    report, is_guess = _read_row(values, given)
    if is_guess:
        report = _closed_once(report)
    try:
        taken = interactions.take(report, writer=given.writer, met=given.known.setdefault("met", interactions.Met()))
    except interactions.Refused as error:
        if error.attr == "customer":
            raise Wrong([("", _("An id, an e-mail or a phone of the customer is needed."))]) from error
        raise Wrong([(_name_of(error.attr), str(error))]) from error
    given.known.setdefault("taken", []).append(taken.interaction)
    return taken.outcome


def _closed_once(report: interactions.Report) -> interactions.Report:
    """Where the last change stands for the closing, a later change is no other closing: nobody is asked again."""
    stored = Interaction.objects.filter(source=report.source, external_id=report.external_id)
    if not stored.exclude(closed_at=None).exists():
        return report
    fields = {name: value for name, value in report.fields.items() if name != "closed_at"}
    return dataclasses.replace(report, fields=fields)


def settle(given: Given) -> None:
    """Decide about asking, for all rows of a step at once: row by row took two thirds of an import's time."""
    if "rules" not in given.known:
        given.known["rules"] = active_rules()
    taken = given.known.pop("taken", [])
    if not given.asks:
        skipping.leave_out(taken, reason=skipping.HISTORY, by=given.by)
    deciding.consider_all(taken, rules=given.known["rules"])


def _known_by_name(values: dict[str, str], given: Given) -> dict[str, str]:
    """The row with codes for the names of teams and agents: files of people have the name where we want the code."""
    if "codes" not in given.known:
        # Every step is given anew; of thousands of agents the names are read once in a while, not in each.
        given.known["codes"] = remembered.while_costly("names in imports", _all_codes, seconds=NAMES_SECONDS)
    by_column = {name: (meant, plain(values.get(name, ""))) for name, meant in given.known["codes"].items()}
    return values | {name: meant[said] for name, (meant, said) in by_column.items() if said in meant}


def _all_codes() -> dict[str, dict[str, str]]:
    return {
        "team_code": _codes(Team.objects.values_list("code", "name")),
        "agent_external_id": _codes(Agent.objects.values_list("external_id", "name")),
    }


def _codes(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """{name: code}; a name that two have, or that is another's code, stands for nobody."""
    found = list(rows)
    meant: dict[str, set[str]] = defaultdict(set)
    for code, name in found:
        meant[plain(code)].add(code)
        meant[plain(name)].add(code)
    return {plain(name): code for code, name in found if name and len(meant[plain(name)]) == 1}


def nest(values: dict[str, str], zone: ZoneInfo) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The row as the API would get it: groups nested, times with a zone, tags split at commas; and what is wrong."""
    data: dict[str, Any] = {"customer": {}}
    rating = values.get("satisfaction", "")
    values = {name: cell for name, cell in values.items() if name != "satisfaction"}
    faults: list[tuple[str, str]] = []
    for name, cell in values.items():
        try:
            value = _read(name, cell.strip(), zone)
        except ValueError as error:
            faults.append((name, str(error)))
            continue
        group = next((group for group, prefix in GROUPS.items() if name.startswith(prefix)), None)
        if value in ("", None):
            continue
        if group:
            data.setdefault(group, {})[name.removeprefix(GROUPS[group])] = value
        else:
            data[name] = value
    if rating:
        data["attributes"] = {**data.get("attributes", {}), "satisfaction": rating[:100]}
    return data, faults


def _read(name: str, cell: str, zone: ZoneInfo) -> Any:
    if not cell:
        return None
    if name in TIMES:
        return parse_moment(cell, zone).isoformat()
    if name in FLAGS:
        word = cell.lower()
        return True if word in YES else False if word in NO else cell
    if name in READERS:
        return READERS[name](cell, zone)
    return cell


def _tags(cell: str, zone: ZoneInfo) -> list[str]:
    return [tag.strip() for tag in cell.split(",") if tag.strip()]


def _channel(cell: str, zone: ZoneInfo) -> str:
    """The code of a channel; raises ValueError that names those that are known."""
    code = codes(Channel).get(cell.lower()) or channels.meant(cell)
    if not code:
        known = ", ".join(str(label) for label in Channel.labels)
        raise ValueError(_("“%(word)s” is none of these: %(known)s") % {"word": cell[:60], "known": known})
    return code


def _direction(cell: str, zone: ZoneInfo) -> str:
    return codes(Interaction.Direction).get(cell.lower(), cell)


def _source(cell: str, zone: ZoneInfo) -> str:
    return named_source(cell)


def _seconds(cell: str, zone: ZoneInfo) -> int:
    return seconds_of(cell, unit=1)


def _events(cell: str, zone: ZoneInfo) -> list[dict[str, str]]:
    """“delivered 2026-05-12 14:30; shipped 12.05.2026”, as the API takes them."""
    found = []
    for part in filter(None, map(str.strip, cell.split(";"))):
        kind, _space, moment = part.partition(" ")
        found.append({"kind": kind, "at": parse_moment(moment.strip(), zone).isoformat()})
    return found


def _attributes(cell: str, zone: ZoneInfo) -> dict[str, str]:
    """“plan=gold; city=Омск”."""
    found = {}
    for part in filter(None, map(str.strip, cell.split(";"))):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise ValueError(_("“%(text)s” is not like plan=gold") % {"text": part[:40]})
        found[key.strip()[:64]] = value.strip()
    return found


READERS = {
    "tags": _tags, "channel": _channel, "direction": _direction, "handle_seconds": _seconds, "events": _events,
    "requester_wait_seconds": _seconds, "attributes": _attributes, "source": _source,
}  # fmt: skip


def _with_defaults(values: dict[str, str], given: Given) -> dict[str, str]:
    """A file without a clock of its own: the end of the contact says when it changed last."""
    changed = values.get("updated_at") or values.get("closed_at") or values.get("created_at")
    return {"source": given.source} | values | ({"updated_at": changed} if changed else {})


def _name_of(path: str) -> str:
    group, _dot, name = path.partition(".")
    return f"{GROUPS[group]}{name}" if group in GROUPS and name else group


def _check_reach(report: interactions.Report, given: Given) -> None:
    """Managers of teams import contacts of their own teams. Raises Wrong."""
    if given.writer.covers_all():
        return
    own = given.known.setdefault("own", interactions.codes_of(given.writer))
    stored = Interaction.objects.filter(source=report.source, external_id=report.external_id).select_related("team")
    if interactions.is_foreign(report, stored.first(), own):
        raise Wrong([("team_code", _("Only contacts of your own teams can be imported."))])
