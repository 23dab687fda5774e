"""What a line of an export says, column by column, in the language and time zone that hold meanwhile."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from feedback import answered, choices
from feedback.choices import OWN
from feedback.masking import masked
from feedback.models import Comment, CommentClass, CommentTag, CommentTopic, Response, Topic
from ground.access import Scope
from ground.models import Role
from ground.sheets import Cell, Column
from surveys.models.customers import Channel
from surveys.questions import SCALES

TITLES: dict[str, tuple[Any, int]] = {
    "at": (gettext_lazy("date and time"), 17),
    "iso": (gettext_lazy("date and time (ISO 8601)"), 26),
    "score": (gettext_lazy("score"), 8),
    "scale": (gettext_lazy("scale"), 26),
    "band": (pgettext_lazy("part of a scale", "band"), 10),
    "class": (gettext_lazy("class"), 16),
    "tone": (gettext_lazy("tone"), 14),
    "constructive": (gettext_lazy("constructive"), 14),
    "topics": (gettext_lazy("topics"), 30),
    "tags": (gettext_lazy("tags"), 20),
    "text": (gettext_lazy("text"), 80),
    "answers": (gettext_lazy("other answers"), 60),
    "contact": (gettext_lazy("asks to be contacted"), 12),
    "language": (gettext_lazy("language"), 8),
    "customer": (gettext_lazy("customer"), 24),
    "agent": (gettext_lazy("agent"), 20),
    "team": (gettext_lazy("team"), 20),
    "channel": (gettext_lazy("channel"), 14),
    "reason": (gettext_lazy("reason"), 20),
    "source": (gettext_lazy("source"), 16),
    "origin": (gettext_lazy("origin"), 16),
    "survey": (gettext_lazy("survey"), 20),
    "evidence": (gettext_lazy("evidence"), 16),
    "counted": (gettext_lazy("counted"), 10),
    "state": (gettext_lazy("state"), 12),
    "checked": (gettext_lazy("checked by"), 20),
    "changed": (gettext_lazy("last changed"), 17),
    "link": (gettext_lazy("link"), 44),
}
COMMENTS = (
    "at", "iso", "score", "scale", "band", "class", "tone", "constructive", "topics", "tags", "text", "contact",
    "language", "customer", "agent", "team", "channel", "reason", "source", "origin", "survey", "evidence", "counted",
    "state", "checked", "link",
)  # fmt: skip
RESPONSES = (
    "at", "iso", "score", "scale", "band", "evidence", "counted", "contact", "class", "tone", "constructive", "topics",
    "tags", "text", "answers", "language", "customer", "agent", "team", "channel", "reason", "survey", "changed",
    "link",
)  # fmt: skip
BANDS = {
    "low": pgettext_lazy("part of a scale", "low"),
    "mid": pgettext_lazy("part of a scale", "middle"),
    "high": pgettext_lazy("part of a scale", "high"),
}
BAND_OF = {name: scale.band for name, scale in SCALES.items()}
STARS = BAND_OF["csat_5"]
WHO = (
    "customer", "customer__name", "customer__external_id", "agent__name", "agent__external_id", "team", "team__name",
    "channel", "reason", "survey__name",
)  # fmt: skip
SAID = ("pk", "response", "text", "classified_at", "derived_class", "tone", "constructive")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Reader:
    """For whom the lines are: what the role keeps back in a team stays out of that team's lines."""

    scope: Scope
    with_personal: bool

    def text(self, row: Row) -> str:
        """A comment's text; personal data in it only for managers of its team who asked for them."""
        is_open = self.with_personal and self.scope.allows(row["team"], least=Role.MANAGER)
        return row["text"] if is_open else masked(row["text"])

    def customer(self, row: Row) -> str:
        """How the customer is called; agents are not told."""
        if row["customer"] is None or not self.scope.allows(row["team"], least=Role.VIEWER):
            return ""
        return row["customer__name"] or row["customer__external_id"] or f"#{row['customer']}"


def columns(keys: Iterable[str]) -> list[Column]:
    """The titles in the language that holds."""
    return [Column(str(TITLES[key][0]), width=TITLES[key][1]) for key in keys]


def of_comments(ids: Sequence[int], *, reader: Reader) -> list[list[Cell]]:
    """The lines of those comments that the reader may see, in the order of `ids`; four statements."""
    names = (
        *SAID, *WHO, "said_at", "stars", "language", "source", "origin", "is_counted", "done_at", "response__score",
        "response__scale", "response__evidence", "response__wants_contact", "checked_by__name", "checked_by__email",
    )  # fmt: skip
    rows = Comment.objects.filter(reader.scope.rows(own=OWN), pk__in=ids).order_by().values(*names)
    found = {row["pk"]: row for row in rows}
    said, say = _Said(list(found)), _choices()
    page = settings.BASE_URL + reverse("admin:feedback_comment_changelist")
    lines = []
    for row in (found[pk] for pk in ids if pk in found):
        cells = _who(row, reader=reader, say=say) | said.cells(row, reader=reader, say=say)
        cells |= _moment(row["said_at"])
        cells |= _score(row["response__score"], scale=row["response__scale"] or "", stars=row["stars"], say=say)
        cells |= {
            "contact": say["yes"][row["response__wants_contact"]],
            "language": row["language"],
            "source": say["source"].get(row["source"], ""),
            "origin": row["origin"],
            "evidence": say["evidence"].get(row["response__evidence"], ""),
            "counted": say["yes"][row["is_counted"]],
            "state": say["state"][row["done_at"] is not None],
            "checked": row["checked_by__name"] or row["checked_by__email"] or "",
            "link": f"{page}{row['pk']}/change/",
        }
        lines.append([cells[key] for key in COMMENTS])
    return lines


def of_responses(ids: Sequence[int], *, reader: Reader) -> list[list[Cell]]:
    """The lines of those responses that the reader may see, in the order of `ids`; six statements."""
    names = (
        "pk", *WHO, "answered_at", "changed_at", "score", "scale", "language", "evidence", "wants_contact",
        "is_excluded",
    )  # fmt: skip
    rows = Response.objects.filter(reader.scope.rows(own=OWN), pk__in=ids).order_by().values(*names)
    found = {row["pk"]: row for row in rows}
    comments: dict[int, list[Row]] = {}
    for text in Comment.objects.filter(response__in=list(found)).order_by("question", "pk").values(*SAID, "team"):
        comments.setdefault(text["response"], []).append(text)
    answers = answered.of(found, language=get_language() or "")
    said, say = _Said([row["pk"] for texts in comments.values() for row in texts[:1]]), _choices()
    page = settings.BASE_URL + reverse("admin:feedback_response_changelist")
    lines = []
    for row in (found[pk] for pk in ids if pk in found):
        texts = comments.get(row["pk"], [])
        cells = _who(row, reader=reader, say=say) | said.cells(texts[0] if texts else None, reader=reader, say=say)
        cells |= _moment(row["answered_at"]) | _score(row["score"], scale=row["scale"], stars=None, say=say)
        cells |= {
            "text": "\n\n".join(reader.text(text) for text in texts),
            "answers": "; ".join(": ".join(line) for line in answers.get(row["pk"], [])),
            "contact": say["yes"][row["wants_contact"]],
            "language": row["language"],
            "evidence": say["evidence"].get(row["evidence"], ""),
            "counted": say["yes"][row["evidence"] in Response.COUNTED and not row["is_excluded"]],
            "changed": _local(row["changed_at"]),
            "link": f"{page}{row['pk']}/change/",
        }
        lines.append([cells[key] for key in RESPONSES])
    return lines


class _Said:
    """What comments say and what is said about them; topics and tags are looked up for all of them at once."""

    def __init__(self, ids: Sequence[int]) -> None:
        names = {topic.pk: str(topic) for topic in Topic.objects.all()}
        topics = CommentTopic.objects.filter(comment__in=ids).order_by("-confidence", "pk")
        self.topics = _joined((pk, names[topic]) for pk, topic in topics.values_list("comment", "topic"))
        tags = CommentTag.objects.filter(comment__in=ids).order_by("tag__name")
        self.tags = _joined(tags.values_list("comment", "tag__name"))

    def cells(self, row: Row | None, *, reader: Reader, say: dict[str, Any]) -> dict[str, Cell]:
        if row is None:
            return dict.fromkeys(("class", "tone", "constructive", "topics", "tags", "text"), "")
        is_read = row["classified_at"] is not None
        return {
            "class": say["class"][row["derived_class"]] if is_read else _("not read yet"),
            "tone": say["tone"].get(row["tone"], ""),
            "constructive": say["yes"][row["constructive"]],
            "topics": self.topics.get(row["pk"], ""),
            "tags": self.tags.get(row["pk"], ""),
            "text": reader.text(row),
        }


def _joined(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for pk, name in pairs:
        found.setdefault(pk, []).append(name)
    return {pk: ", ".join(names) for pk, names in found.items()}


def _choices() -> dict[str, Any]:
    """Stored values in words, looked up once for a bunch of lines."""
    return {
        "class": {value: str(label) for value, label in CommentClass.choices},
        "tone": {value: str(label) for value, label in Comment.Tone.choices},
        "source": {value: str(label) for value, label in Comment.Source.choices},
        "evidence": {value: str(label) for value, label in Response.Evidence.choices},
        "channel": {value: str(label) for value, label in Channel.choices},
        "scale": {value: str(label) for value, label in choices.SCALES},
        "band": {value: str(label) for value, label in BANDS.items()},
        "yes": {None: "", True: _("yes"), False: _("no")},
        "state": {False: _("open"), True: _("done")},
    }


def _who(row: Row, *, reader: Reader, say: dict[str, Any]) -> dict[str, Cell]:
    return {
        "customer": reader.customer(row),
        "agent": row["agent__name"] or row["agent__external_id"] or "",
        "team": row["team__name"] or "",
        "channel": say["channel"].get(row["channel"], ""),
        "reason": row["reason"],
        "survey": row["survey__name"] or "",
    }


def _score(score: int | None, *, scale: str, stars: int | None, say: dict[str, Any]) -> dict[str, Cell]:
    if score is not None and scale in BAND_OF:
        return {"score": score, "scale": say["scale"][scale], "band": say["band"][BAND_OF[scale](score)]}
    if stars is not None:
        return {"score": stars, "scale": _("★ of 5"), "band": say["band"][STARS(stars)]}
    return {"score": None, "scale": "", "band": ""}


def _moment(at: dt.datetime) -> dict[str, Cell]:
    return {"at": _local(at), "iso": timezone.localtime(at).isoformat(timespec="seconds")}


def _local(at: dt.datetime) -> dt.datetime:
    """The time on the reader's clock, as a spreadsheet keeps it: without a zone."""
    return timezone.localtime(at).replace(tzinfo=None)
