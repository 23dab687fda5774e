"""Learning as a job: each step trains the model of one scheme, tries it, and keeps it for somebody to decide."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.learning import corpus, lessons, promotion
from feedback.learning.corpus import Judged
from feedback.models import Comment, Label, LearnedModel, Learning
from feedback.topics import active_rules
from feedback.understanding import Reading, TopicRule, artefact, reading
from feedback.understanding.fusion import TONES
from feedback.understanding.learned import SCHEMES, Lessons, features, priors
from feedback.understanding.ngrams import pieces
from ground import jobs
from ground.jobs import Kind, Progress
from ground.models import Job, Organisation, User

KIND = "learning"
CHECK_SECONDS = 600
ENOUGH_NEW = 10
NIGHT, RESTED = range(2, 5), dt.timedelta(hours=12)
BUNCH = 100
# What a candidate would change is told of so many comments, the newest, and so many of them are shown.
LOOKED_AT, SHOWN = 1000, 30


# --- when --------------------------------------------------------------------------------------------------------


def due(*, limit: int) -> list[int]:
    """The row that says when to look for new corrections, when it is time."""
    return list(Learning.objects.filter(due_at__lte=timezone.now()).values_list("pk", flat=True)[:limit])


def look() -> Job | None:
    """Begin to learn when enough was said since the last time, or at night when anything was.

    Where learning has failed, not before half a day has passed: the same would fail again, and each time it takes long.
    """
    learning = Learning.current()
    learning.rest(CHECK_SECONDS)
    new = corpus.new_since(learning.newest_label)
    now = timezone.now()
    rested = learning.trained_at is None or now - learning.trained_at > RESTED
    at_night = now.astimezone(Organisation.current().timezone).hour in NIGHT and rested
    gave_up = jobs.waiting().filter(kind=KIND, quarantined_at__gt=now - RESTED)
    if gave_up.exists():
        return None
    return start(by=None) if new >= ENOUGH_NEW or (new and at_night) else None


def start(*, by: User | None) -> Job | None:
    """Begin to learn; None while that is going on already."""
    if jobs.waiting().filter(kind=KIND, quarantined_at=None).exists():
        return None
    return jobs.start(KIND, params={"newest": corpus.newest_label()}, author=by, total=len(SCHEMES))


# --- as a job ----------------------------------------------------------------------------------------------------


def _step(job: Job) -> Progress:
    at = job.cursor or 0
    row = train(SCHEMES[at], between=lambda: jobs.renew(job))
    is_last = at + 1 == len(SCHEMES)
    if is_last:
        Learning.objects.filter(pk=1).update(newest_label=job.params["newest"], trained_at=timezone.now())
    candidates = job.result.get("candidates", 0) + bool(row and row.discarded_at is None)
    return Progress(cursor=at + 1, rows=1, finished=is_last, result={"candidates": candidates})


def _told(job: Job) -> str:
    count = job.result.get("candidates", 0)
    if not count:
        return _("Nothing was learned that would read better.")
    return ngettext("%d model reads better.", "%d models read better.", count) % count


jobs.register(Kind(name=KIND, title=lambda job: _("Learn from corrections"), step=_step, told=_told, outside=True))


# --- what --------------------------------------------------------------------------------------------------------


def train(scheme: str, *, between: Callable[[], Any]) -> LearnedModel | None:
    """Train, try and keep the model of a scheme; None when people have said nothing to learn from."""
    from feedback.learning import fitting, trial  # with numpy, which no page needs

    told = [own for own in corpus.judged() if truth(scheme, own)]
    rules = active_rules()[1]
    names = names_of(scheme, told, rules)
    active = LearnedModel.objects.active().filter(scheme=scheme).first()
    known = active.newest_label if active else 0
    cases = []
    for own, found, seen in examined(told, rules, between):
        example = fitting.Example(features(pieces(found)), priors(scheme, seen), truth(scheme, own))
        if scheme != "tone" or seen.tones:
            cases.append(trial.Case(example, seen.language.value, own.text, own.newest <= known))
    if not names or not cases:
        return None
    figures = trial.compared(cases, scheme, names, between=between)
    arrays, manifest = fitting.heads([case.example for case in cases], scheme, names, between=between)
    weights = artefact.packed(arrays)
    languages = sorted(language for language, own in figures.items() if own["verdict"] == trial.GOOD)
    row = LearnedModel(
        scheme=scheme, weights=weights, figures=figures, languages=languages, newest_label=told[-1].newest,
        manifest=manifest | {"sha256": hashlib.sha256(weights).hexdigest(), "comments": len(cases)},
    )  # fmt: skip
    is_good = bool(languages) and not promotion.loses(languages, scheme=scheme)
    row.difference = difference(row, active, rules, between) if is_good else {}
    return promotion.store(row, is_good=is_good and bool(row.difference["changed"]))


def truth(scheme: str, own: Judged) -> dict[str, bool]:
    """What people said, by head; nothing when they said nothing about this."""
    if scheme == "topic":
        return own.topics
    if scheme == "tone":
        return {name: name == own.tone for name in TONES} if own.tone in TONES else {}
    return {"yes": own.constructive == "yes"} if own.constructive else {}


def names_of(scheme: str, told: Sequence[Judged], rules: Sequence[TopicRule]) -> list[str]:
    """The heads to train: all, or the topics that people have spoken of."""
    if scheme == "topic":
        spoken = {code for own in told for code in own.named}
        return [rule.code for rule in rules if rule.code in spoken]
    return [] if not told else list(TONES) if scheme == "tone" else ["yes"]


def examined(told: Sequence[Judged], rules: Sequence[TopicRule], between: Callable[[], Any]) -> Any:
    """Each with its tokens and what is read of it without lessons."""
    for start in range(0, len(told), BUNCH):
        bunch = told[start : start + BUNCH]
        read = reading.examine([own.text for own in bunch], topics=rules, deep=settings.UNDERSTANDING_DEEP)
        yield from ((own, found, seen) for own, (found, seen) in zip(bunch, read, strict=True))
        between()


# --- what it would change ----------------------------------------------------------------------------------------


def difference(
    row: LearnedModel, active: LearnedModel | None, rules: Sequence[TopicRule], between: Callable[[], Any]
) -> dict[str, Any]:
    """What the newest comments that people left to the machine would be read as: counts by topic or value, and some."""
    before = lessons.load([active]) if active else None
    after = Lessons([(lessons.opened(row), row.languages)])
    spoken = Label.objects.filter(comment=OuterRef("pk"), source=corpus.HUMAN, scheme=row.scheme)
    machines = Comment.objects.exclude(classified_at=None).filter(~Exists(spoken))
    texts = list(machines.order_by("-said_at", "-pk").values_list("pk", "text")[:LOOKED_AT])
    more: Counter[str] = Counter()
    less: Counter[str] = Counter()
    samples: list[list[Any]] = []
    changed = 0
    judged = [Judged(pk=pk, text=text) for pk, text in texts]
    for own, found, seen in examined(judged, rules, between):
        old = values(row.scheme, before.applied(found, seen) if before else seen)
        new = values(row.scheme, after.applied(found, seen))
        if old != new:
            changed += 1
            more.update(new - old)
            less.update(old - new)
            if len(samples) < SHOWN:
                samples.append([own.pk, sorted(old), sorted(new)])
    counts = {name: [more[name], less[name]] for name in sorted(more | less)}
    return {"n": len(texts), "changed": changed, "counts": counts, "samples": samples}


def values(scheme: str, seen: Reading) -> frozenset[str]:
    """What a reading says in a scheme."""
    if scheme == "topic":
        return frozenset(verdict.code for verdict in seen.topics)
    return frozenset((seen.tone.value if scheme == "tone" else seen.constructive.value,))
