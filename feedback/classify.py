"""Reading waiting comments: claim a bunch, read it at one go, store; a bunch that fails is read one by one, apart."""

import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection
from types import FrameType

from django.conf import settings
from django.db import transaction

from feedback import labels, notices, sampling, understanding
from feedback.learning import lessons
from feedback.models import Comment
from feedback.topics import Taxonomy, active_rules
from feedback.understanding import Reading, TopicRule
from feedback.understanding.reading import Begun, unwatched
from ground import rowqueue
from ground.rowqueue import Claim

BUNCH_SECONDS, ALONE_SECONDS, RING_AGAIN = 10, 1, 0.5
ALONE_BYTES = 512 * 1024 * 1024


class TooSlow(Exception):
    """Reading took longer than it may."""


def classify(ids: list[int]) -> int:
    """Read those of the comments that wait and that nobody holds; returns how many were labelled.

    A text that makes the reader raise, hang or eat memory is cut off after a second, set aside after three tries,
    and costs its neighbours nothing but that second. Whatever was tried before is claimed and read alone, so that a
    worker's death counts against no more than one row.
    """
    tried = set(Comment.objects.waiting().filter(pk__in=ids, attempts__gt=0).values_list("pk", flat=True))
    topics, rules = active_rules()
    lessons.refresh()
    done = _read_bunch([pk for pk in ids if pk not in tried], topics=topics, rules=rules)
    for pk in sorted(tried):
        claimed = rowqueue.claim(Comment.objects.waiting(), ids=[pk])
        comments = _comments(claimed)
        done += _store(comments, _one_by_one(_texts(comments), rules, claimed), topics=topics, claimed=claimed)
    return done


def _read_bunch(ids: list[int], *, topics: Taxonomy, rules: list[TopicRule]) -> int:
    warm()  # loading must not be taken for a text's time
    claimed = rowqueue.claim(Comment.objects.waiting(), ids=ids)
    comments = _comments(claimed)
    texts = _texts(comments)
    try:
        with _bounded(BUNCH_SECONDS) as begun:
            readings = dict(zip(texts, _read(list(texts.values()), rules, begun), strict=True))
    except Exception:
        readings = _one_by_one(texts, rules, claimed)
    return _store(comments, readings, topics=topics, claimed=claimed)


def _comments(claimed: Claim) -> dict[int, Comment]:
    return Comment.objects.in_bulk(claimed.ids)


def _texts(comments: dict[int, Comment]) -> dict[int, str]:
    return {pk: comment.text for pk, comment in comments.items()}


def _store(comments: dict[int, Comment], readings: dict[int, Reading], *, topics: Taxonomy, claimed: Claim) -> int:
    """Only rows whose lease is still ours: a comment edited meanwhile waits for its new text to be read.

    Everybody who writes waits for this transaction, customers too: what can be worked out is worked out before.
    """
    prepared = labels.prepare(comments, readings, topics=topics)
    with transaction.atomic():
        rows = rowqueue.owned(Comment, claimed).filter(pk__in=list(prepared), classified_at=None).select_for_update()
        deciding = {pk: tuple(getattr(comments[pk], name) for name in labels.DECIDING) for pk in prepared}
        # One that was moved to another team meanwhile is read again when its lease ends.
        ours = [pk for pk, *now in rows.values_list("pk", *labels.DECIDING) if tuple(now) == deciding[pk]]
        if ours:
            labels.store(comments, {pk: prepared[pk] for pk in ours})
            sampling.draw(ours)
            read = Comment.objects.filter(pk__in=ours)
            read.update(lease="", leased_until=None, attempts=0, error="")
            notices.tell_of_negative(read)
    return len(ours)


@cache
def warm() -> None:
    """Load dictionaries and models into this process: a child's one second must go to its text."""
    understanding.warm(deep=bool(settings.UNDERSTANDING_DEEP))


def _read(texts: list[str], rules: list[TopicRule], begun: Begun) -> list[Reading]:
    deep = settings.UNDERSTANDING_DEEP
    return understanding.read(texts, topics=rules, deep=deep, lessons=lessons.held(), begun=begun)


def _one_by_one(texts: dict[int, str], rules: list[TopicRule], claimed: Claim) -> dict[int, Reading]:
    warm()
    readings: dict[int, Reading] = {}
    for pk, text in texts.items():
        rowqueue.renew(Comment, claimed)
        reading = _read_alone(text, rules)
        if isinstance(reading, Reading):
            readings[pk] = reading
        else:
            rowqueue.fail(Comment, claimed, pk, error=reading)
    return readings


def _read_alone(text: str, rules: list[TopicRule]) -> Reading | str:
    """The reading, made by a child with a second and half a gigabyte to spend, or the name of what went wrong."""
    context = multiprocessing.get_context("fork")  # a fresh interpreter would spend its second on imports
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, text, rules), daemon=True)
    child.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(ALONE_SECONDS) else "took longer than a second"
    except EOFError:
        return "the reader died"
    finally:
        child.kill()
        child.join()
        ours.close()


def _child(pipe: Connection, text: str, rules: list[TopicRule]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_own_bytes() + ALONE_BYTES,) * 2)
    try:
        pipe.send(_read([text], rules, unwatched)[0])
    except Exception as error:  # whatever it is, its name goes into the row that caused it
        pipe.send(type(error).__name__)


def _own_bytes() -> int:
    """Address space in use; the limit is set above it."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 8 * ALONE_BYTES  # no /proc: macOS does not enforce the limit either


@contextmanager
def _bounded(seconds: float) -> Iterator[Begun]:
    """Raise TooSlow in the block once a text has taken its second, or all of them so many seconds; and MemoryError past
    what a reader may take. Yields what is to be told of each step.

    Signals reach the main thread only, and a limit binds the whole process: in any other thread there is neither.
    """
    if threading.current_thread() is not threading.main_thread():
        yield unwatched
        return
    until = time.monotonic() + seconds

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    def begun(texts: int) -> None:
        left = max(0.01, min(ALONE_SECONDS * texts, until - time.monotonic()))
        signal.setitimer(signal.ITIMER_REAL, left, RING_AGAIN)  # the first may ring where exceptions are swallowed

    before = signal.signal(signal.SIGALRM, ring)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_own_bytes() + 2 * ALONE_BYTES, hard))
    begun(1)
    try:
        yield begun
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGALRM, before)
