"""What the page of quality shows, as the tables of a file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from analytics.quality.figures import Found
from analytics.quality.parts import LANGUAGES
from analytics.scores import Share
from analytics.tables import CHANGE, NUMBER, Table, about, change, few, number
from feedback.choices import language_name


def tables(page: Mapping[str, Any]) -> list[Table]:
    """The checked sample, the shares since the last promotion, what was learned, and what reads here."""
    found = [_about(page)]
    if page["n"]:
        found += _sample(page)
    if page["total"]:
        found += [_drift(page), _classes(page)]
    found += [_topics(page["of_topics"]), _learned(page["lessons"]), *_readers(page)]
    return [each for each in found if each.rows]


def _about(page: Mapping[str, Any]) -> Table:
    rows = [
        (_("Language"), language_name(page["chosen"]) if page["chosen"] else _("All languages")),
        (_("Sampled comments"), page["drawn"]),
        (_("Checked"), page["checked"]),
    ]
    return about(page["title"], rows)


def _share(found: Share) -> tuple[Any, ...]:
    return number(found, unit="share")


def _sample(page: Mapping[str, Any]) -> Iterator[Table]:
    whole = [(_("A sure class is right"), page["accuracy"]), (_("Not sure"), page["unsure"])]
    if not page["chosen"] and page["beside"].ours.den:
        whole.append((_("Tone right, English"), page["beside"].ours))
        whole.append((_("TextBlob on the same comments"), page["beside"].textblob))
    yield Table(
        _("Measured here"), (_("Indicator"), *NUMBER), [(name, *_share(found)) for name, found in whole]
    )  # fmt: skip
    yield _found(_("By class"), _("Class"), ((name, one) for name, _look, one in page["classes"]))
    topics = _found(_("By topic"), _("Topic"), ((str(topic), one) for topic, one in page["topics"]))
    rare = [(str(topic), *(None,) * 9, few(1)) for topic in page["rare_topics"]]
    yield Table(topics.name, topics.columns, [*topics.rows, *rare])
    sure = [(one.mean, *_share(one.right)) for one in page["tenths"]]
    yield Table(_("Is it as right as it is sure?"), (_("How sure"), *NUMBER), sure)
    languages = [
        (one["name"], name, *_share(found))
        for one in page["languages"]
        for name, found in ((_("A sure class is right"), one["accuracy"]), (_("Not sure"), one["unsure"]))
    ]
    yield Table(_("By language"), (_("Language"), _("Indicator"), *NUMBER), languages)


def _found(name: Any, head: Any, rows: Iterable[tuple[Any, Found]]) -> Table:
    """Precision, recall and F1 side by side; each with its limits, and of how many comments F1 is."""
    limits = (_("Interval from"), _("Interval to"))
    columns = (head, _("Precision"), *limits, _("Recall"), *limits, "F1", *limits, "n")
    told = [
        (key, *(cell for part in (one.precision, one.recall) for cell in _share(part)[1:4]), *_share(one.f1)[1:])
        for key, one in rows
    ]
    return Table(name, columns, told)


def _drift(page: Mapping[str, Any]) -> Table:
    days = page["filters"].period
    rows = [(row["name"], *_share(row["sampled"]), *change(row["sampled"]), *_days(days)) for row in page["drift"]]
    rows.append((_("Not sure"), *_share(page["sampled_unsure"]), *(None,) * 4, *_days(days)))
    columns = (_("Class"), *NUMBER, *CHANGE, _("First day"), _("Last day"))
    return Table(_("Classes in the random sample"), columns, rows)


def _classes(page: Mapping[str, Any]) -> Table:
    columns = (
        _("Class"), *NUMBER, *CHANGE, _("Corrected for reading errors"), _("Interval from"), _("Interval to"),
        _("First day"), _("Last day"),
    )  # fmt: skip
    days = page["filters"].period
    rows: list[tuple[Any, ...]] = [
        (row["name"], *_share(row["metric"]), *change(row["metric"]), *_corrected(row["corrected"]), *_days(days))
        for row in page["drift"]
    ]
    rows.append((_("Not sure"), *_share(page["all_unsure"]), *(None,) * 7, *_days(days)))
    return Table(_("Shares of classes"), columns, rows)


def _corrected(found: Share | None) -> tuple[float | None, ...]:
    return (found.value, found.lo, found.hi) if found else (None, None, None)


def _days(period: Any) -> tuple[Any, ...]:
    return period.start, period.end


def _topics(told: Mapping[str, Any]) -> Table:
    columns = (_("Topic"), *NUMBER, *CHANGE, _("First day"), _("Last day"))
    rows = [
        (str(topic), *_share(metric), *change(metric), *_days(told["filters"].period)) for topic, metric in told["rows"]
    ]
    return Table(_("Topics in the random sample"), columns, rows)


def _learned(cards: Iterable[Mapping[str, Any]]) -> Table:
    """What is in use, and how well a candidate would read, where the reader may decide about it."""
    columns = (
        _("What is learned"), _("In use"), _("Candidate"), _("Language"), "n", _("Right before"),
        _("Of all there are, before"), _("Right after"), _("Of all there are, after"), _("Verdict"),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for card in cards:
        own = (card["name"], str(card["active"] or ""), str(card.get("candidate") or card.get("refused") or ""))
        told = card.get("languages") or [None]
        rows += [(*own, *_figures(one)) for one in told]
    return Table(_("Learned from corrections"), columns, rows)


def _figures(one: Mapping[str, Any] | None) -> tuple[Any, ...]:
    if one is None:
        return (None,) * 7
    shares = [one[when][part] for when in ("before", "after") for part in ("precision", "recall")]
    return (one["language"], one["n"], *(_share(found)[1] for found in shares), one["verdict"])


def _readers(page: Mapping[str, Any]) -> Iterator[Table]:
    yield Table(
        _("Parts"), (_("Part"), _("Version")), [(part["name"], part["version"] or "—") for part in page["parts"]]
    )
    if frozen := page["frozen"]:
        columns = (_("What reads"), _("Language"), _("Tone"), _("Suggestion"), _("Class"))
        rows = [
            (row["name"], LANGUAGES[language], *(_raw(cell.get(of, "")) for of in ("tone", "constructive", "class")))
            for row in frozen["rows"]
            for language, cell in zip(("ru", "en"), row["cells"], strict=True)
        ]
        yield Table(_("Frozen benchmark"), columns, rows)


def _raw(shown: str) -> float | None:
    return float(shown) if shown else None
