"""What was learned from corrections, as cards: the active model, the candidate and what it would change."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.scores import Share, share
from feedback import masking
from feedback.choices import language_name
from feedback.models import Comment, LearnedModel, Topic
from ground.access import Scope, visible

ABOUT = {
    "topic": gettext_lazy("Topics"),
    "tone": gettext_lazy("Tone"),
    "constructive": gettext_lazy("Suggestions"),
}
VERDICTS = {
    "good": gettext_lazy("good enough"),
    "few": gettext_lazy("too few corrections to tell"),
    "worse": gettext_lazy("not better"),
}
# So many of the comments that would change stand open; the others that are known are folded away.
SHOWN, LONGEST = 5, 110


def cards(standing: dict[str, dict[str, Any]], *, scope: Scope, with_details: bool) -> list[dict[str, Any]]:
    """A card for each scheme; details of candidates are for whoever may decide about them."""
    shown = [own[state] for own in standing.values() for state in ("candidate", "refused", "active") if state in own]
    names = _names(shown) if with_details else {}
    texts = _texts(shown, scope) if with_details else {}
    found = []
    for scheme, own in standing.items():
        card: dict[str, Any] = {"name": ABOUT[scheme], "active": own.get("active"), "former": own.get("former")}
        candidate, refused = own.get("candidate"), own.get("refused")
        if with_details and candidate:
            card |= {"candidate": candidate, "languages": _figures(candidate), **_difference(candidate, names, texts)}
        elif with_details and refused and (not card["active"] or refused.pk > card["active"].pk):
            card |= {"refused": refused, "languages": _figures(refused)}
        found.append(card)
    return found


def _figures(row: LearnedModel) -> list[dict[str, Any]]:
    """By language: n, and how much of what was said is right, without learning, with the active model, with this."""

    def of(tally: list[int]) -> dict[str, Share]:
        right, told, wanted = tally
        return {"precision": share(right, told), "recall": share(right, wanted)}

    return [
        {"language": language_name(language), "n": own["n"], "verdict": VERDICTS[own["verdict"]],
         "before": of(own["before"]), "after": of(own["after"])}
        for language, own in sorted(row.figures.items(), key=lambda pair: -pair[1]["n"])
    ]  # fmt: skip


def _difference(row: LearnedModel, names: dict[str, str], texts: dict[int, str]) -> dict[str, Any]:
    told = row.difference
    samples = [
        {"pk": pk, "text": texts[pk], "before": _named(before, names), "after": _named(after, names)}
        for pk, before, after in told.get("samples", [])
        if pk in texts
    ]
    return {
        "looked_at": told.get("n", 0),
        "changed": told.get("changed", 0),
        "counts": [(names.get(name, name), more, less) for name, (more, less) in told.get("counts", {}).items()],
        "samples": samples[:SHOWN],
        "more_samples": samples[SHOWN:],
    }


def _named(values: list[str], names: dict[str, str]) -> str:
    return ", ".join(names.get(value, value) for value in values) or "—"


def _names(rows: list[LearnedModel]) -> dict[str, str]:
    """Values in words: topics by code, tones, yes and no."""
    codes = {name for row in rows if row.scheme == "topic" for name in row.difference.get("counts", {})}
    codes |= {name for row in rows for _pk, old, new in row.difference.get("samples", []) for name in (*old, *new)}
    topics = {topic.code: str(topic) for topic in Topic.objects.filter(code__in=codes).only("code", "names")}
    words = {"yes": _("a suggestion"), "no": _("no suggestion"), "": _("not sure")}
    return topics | words | {value: str(label) for value, label in Comment.Tone.choices}


def _texts(rows: list[LearnedModel], scope: Scope) -> dict[int, str]:
    keys = [sample[0] for row in rows if row.promoted_at is None for sample in row.difference.get("samples", [])]
    texts = visible(Comment.objects.filter(pk__in=keys), scope).values_list("pk", "text")
    return {pk: masking.masked(text, end=LONGEST) + ("…" if len(text) > LONGEST else "") for pk, text in texts}
