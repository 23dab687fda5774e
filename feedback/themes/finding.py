"""Looking for new themes as a job: the comments of the last days against the ninety before, by their lemmas.

Every week by itself and whenever somebody asks. The window is kept in memory as numbers, the base is read past.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.models import Chore, Comment, Theme, ThemeComment, ThemeRound
from feedback.themes import phrases, spoken, telling
from feedback.themes.phrases import Gram, Risen
from feedback.understanding import lexicon
from ground import jobs
from ground.jobs import Kind, Progress
from ground.models import Job, User

KIND = "themes"
WINDOWS, BASE_DAYS, WEEK = (7, 28), 90, dt.timedelta(days=7)
# Fewer comments than this say nothing that could not be chance.
FEWEST_COMMENTS = 300
MOST_COMMENTS = 200_000
BUNCH = 2_000
MOST_KEPT = 500
ROUNDS_KEPT = 8


def due(*, limit: int) -> list[str]:
    """The chore, when the week is over and everything that came in is read."""
    if Comment.objects.waiting().filter(quarantined_at=None).exists():
        return []
    return list(Chore.objects.filter(pk=Chore.THEMES, due_at__lte=timezone.now()).values_list("pk", flat=True)[:limit])


@transaction.atomic
def look() -> Job | None:
    """Begin the weekly look; None when somebody was faster."""
    now = timezone.now()
    if not Chore.objects.filter(pk=Chore.THEMES, due_at__lte=now).update(due_at=now + WEEK):
        return None
    return start(days=WINDOWS, by=None)


def start(*, days: Sequence[int], by: User | None) -> Job:
    """Look for what has come up within so many days; the job that does so already, where there is one."""
    waiting = jobs.waiting().filter(kind=KIND, quarantined_at=None).first()
    return waiting or jobs.start(KIND, params={"days": list(days)}, author=by)


class Words:
    """Words as numbers, and back."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.words: list[str] = []

    def read(self, lemmas: str) -> list[int]:
        """The words of a comment."""
        found = []
        for word in lemmas.split():
            number = self.numbers.get(word, -1)
            if number < 0:
                number = self.numbers[word] = len(self.words)
                self.words.append(word)
            found.append(number)
        return found

    def phrase(self, gram: Gram) -> str:
        return " ".join(self.words[number] for number in gram)


def _step(job: Job) -> Progress:
    """One window; what a worker that died had found is found again."""
    windows, at = job.params["days"], job.cursor or 0
    _find(job, days=windows[at])
    number = Theme.objects.filter(round__job=job).count()
    return Progress(cursor=at + 1, finished=at + 1 == len(windows), result={"themes": number})


def _find(job: Job, *, days: int) -> None:
    until = timezone.now()
    since = until - dt.timedelta(days=days)
    words = Words()
    ids: list[int] = []
    window: list[list[int]] = []
    for pk, lemmas in _read(job, since, until):
        ids.append(pk)
        window.append(words.read(lemmas))
    found: list[Risen] = []
    base = phrases.Base(Counter(), Counter(), 0)
    if len(window) >= FEWEST_COMMENTS:
        empty = {words.numbers[word] for word in lexicon.stopwords() if word in words.numbers}
        empty |= {number for number, word in enumerate(words.words) if len(word) < 3 or word.isdigit()}
        known = phrases.candidates(window, empty=empty)
        jobs.renew(job)
        earlier = _read(job, since - dt.timedelta(days=BASE_DAYS), since)
        base = phrases.count((words.read(lemmas) for _pk, lemmas in earlier), known)
        found = phrases.risen(
            window, known, base, hides=lambda gram, places: spoken.is_personal(words.phrase(gram), _texts(ids, places))
        )
        jobs.renew(job)
    looked = ThemeRound(days=days, until=until, job=job, in_window=len(window), in_base=base.number, finished_at=until)
    _keep(looked, [_worded(each, words, ids, place=place) for place, each in enumerate(found)])


def _read(job: Job, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[int, str]]:
    """The keys and lemmas of the comments of a time, the newest first; the job's lease and progress go along."""
    rows = Comment.objects.filter(
        said_at__gte=since, said_at__lt=until, is_counted=True, classified_at__isnull=False
    ).order_by("-said_at", "-pk")  # fmt: skip
    found = rows.values_list("pk", "lemmas")[:MOST_COMMENTS]
    for number, row in enumerate(found.iterator(chunk_size=BUNCH), 1):
        if number % BUNCH == 0:
            jobs.renew(job)
            Job.objects.filter(pk=job.pk, lease=job.lease).update(done=job.done + number)
        yield row


def _worded(each: Risen, words: Words, ids: Sequence[int], *, place: int) -> tuple[Theme, list[int]]:
    """A theme that no look has yet, in the words of customers, and the comments that have it.

    Everybody who writes would wait for this inside a transaction.
    """
    keys, texts = [ids[at] for at in sorted(each.documents)], _texts(ids, each.documents)
    tongues = Counter(one.language for one in texts)
    phrase = words.phrase(each.gram)
    theme = Theme(
        phrase=phrase, words=spoken.in_words(phrase, texts), position=place,
        language=min(tongues, key=lambda code: (-tongues[code], code), default=""),
        others=[spoken.in_words(words.phrase(other), texts) for other in each.others[:5]],
        in_window=len(keys), in_base=each.in_base, lift=each.lift, p_adjusted=each.p,
    )  # fmt: skip
    return theme, keys


@transaction.atomic
def _keep(looked: ThemeRound, found: Sequence[tuple[Theme, list[int]]]) -> None:
    """Store a look with what it found, and drop those that nobody will see again."""
    looked.save()
    for theme, keys in found:
        theme.round = looked
        theme.save()
        ThemeComment.objects.bulk_create(ThemeComment(theme=theme, comment_id=key) for key in keys[:MOST_KEPT])
    older = ThemeRound.objects.filter(days=looked.days).order_by("-pk").values_list("pk", flat=True)[ROUNDS_KEPT:]
    ThemeRound.objects.filter(pk__in=list(older)).delete()
    telling.tell(looked)


def _texts(ids: Sequence[int], places: Collection[int]) -> list[spoken.Said]:
    """Some of the comments at these places of the window."""
    return list(spoken.texts(ids[place] for place in sorted(places)[: spoken.LOOKED_AT]).values())


def _title(job: Job) -> str:
    return _("Looking for new themes")


def _told(job: Job) -> str:
    count = job.result.get("themes", 0)
    return ngettext("%d theme", "%d themes", count) % count


jobs.register(Kind(name=KIND, title=_title, step=_step, told=_told, outside=True))
