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

from feedback import search
from feedback.models import Chore, Comment, Theme, ThemeComment, ThemeRound
from feedback.themes import phrases, telling
from feedback.themes.phrases import Gram, Risen
from feedback.understanding import lexicon
from ground import jobs, personal
from ground.jobs import Kind, Progress
from ground.models import Job, User
from ground.personal import Span

KIND = "themes"
WINDOWS, BASE_DAYS, WEEK = (7, 28), 90, dt.timedelta(days=7)
# Fewer comments than this say nothing that could not be chance.
FEWEST_COMMENTS = 300
MOST_COMMENTS = 200_000
BUNCH = 2_000
MOST_KEPT, LOOKED_AT = 500, 20
# Of the comments with a phrase, so many in which it is hidden make it personal data: one alone may be a mistake.
HIDDEN_IN = 0.2
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
            window, known, base, hides=lambda gram, places: is_personal(words.phrase(gram), ids, places)
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
    keys = [ids[at] for at in sorted(each.documents)]
    rows = list(Comment.objects.filter(pk__in=keys[:LOOKED_AT]).order_by("pk").values_list("text", "language"))
    tongues = Counter(language for _text, language in rows)
    texts = [(text, personal.find(text)) for text, _language in rows]
    phrase = words.phrase(each.gram)
    theme = Theme(
        phrase=phrase, words=in_words(phrase, texts), position=place,
        language=min(tongues, key=lambda code: (-tongues[code], code), default=""),
        others=[in_words(words.phrase(other), texts) for other in each.others[:5]],
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


def is_personal(phrase: str, ids: Sequence[int], places: Collection[int]) -> bool:
    """Whether comments hide the phrase, or a part of it: somebody's name is no theme, and stands nowhere bare."""
    keys = [ids[place] for place in sorted(places)[:LOOKED_AT]]
    wanted, hidden = [(search.Phrase(tuple(phrase.split())),)], 0
    for text in Comment.objects.filter(pk__in=keys).values_list("text", flat=True):
        if spans := personal.find(text):
            found = search.hits(text, wanted)
            hidden += any(span.start < end and start < span.end for start, end, _kind in found for span in spans)
    return hidden >= HIDDEN_IN * len(keys)


def in_words(phrase: str, texts: Sequence[tuple[str, list[Span]]]) -> str:
    """How customers say a phrase most often in these texts, whatever hides nothing; else its lemmas."""
    wanted = [(search.Phrase(tuple(phrase.split())),)]
    spoken = Counter[str]()
    for text, hidden in texts:
        for start, end, _kind in search.hits(text, wanted)[:1]:
            if not any(span.start < end and start < span.end for span in hidden):
                spoken[" ".join(text[start:end].lower().split())[:200]] += 1
    return min(spoken, key=lambda words: (-spoken[words], words), default=phrase)


def _title(job: Job) -> str:
    return _("Looking for new themes")


def _told(job: Job) -> str:
    count = job.result.get("themes", 0)
    return ngettext("%d theme", "%d themes", count) % count


jobs.register(Kind(name=KIND, title=_title, step=_step, told=_told, outside=True))
