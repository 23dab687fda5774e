"""What people have said about comments, as something to learn from."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Min

from feedback import erased, labels
from feedback.models import Comment, Label
from feedback.reviewing import Written
from feedback.topics import Tree, active_rules, tree

# Beyond so many comments another one teaches little and the training takes long; the newest count.
MOST = 3000
HUMAN = Written(Label.Source.HUMAN.value)


@dataclass
class Judged:
    """A comment with what people say of it; `topics` has what is known of each topic, `named` those that they
    spoke of, `newest` is their last label."""

    pk: int
    text: str
    tone: str = ""
    constructive: str = ""
    topics: dict[str, bool] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    newest: int = 0


def new_since(label: int) -> int:
    """How many comments people have said something about after this label, as far as it is worth counting."""
    return Label.objects.filter(source=HUMAN, pk__gt=label).values("comment").distinct()[:MOST].count()


def newest_label() -> int:
    return Label.objects.filter(source=HUMAN).order_by("-pk").values_list("pk", flat=True).first() or 0


def judged() -> list[Judged]:
    """The newest comments that people have judged, oldest first."""
    said: dict[int, list[Label]] = defaultdict(list)
    for label in Label.objects.filter(source=HUMAN).order_by("-pk").defer("spans")[: 10 * MOST]:
        said[label.comment_id].append(label)
    keys = sorted(said, key=lambda pk: -max(label.pk for label in said[pk]))[:MOST]
    comments = (
        Comment.objects.filter(pk__in=keys)
        .exclude(erased.ERASED)
        .only("text", "checked_at", "team", "survey")
        .in_bulk()
    )
    whole = tree()
    read = _read_topics(keys, whole)
    taxonomy = active_rules()[0]
    codes = {topic: code for code, topic in taxonomy.keys.items()}
    began = dict(Label.objects.filter(topic__in=codes).values_list("topic").annotate(began=Min("pk")))
    found = []
    for pk in (pk for pk in keys if pk in comments):
        newest = max((label.pk for label in said[pk]), default=0)
        own = Judged(pk=pk, text=comments[pk].text, newest=newest)
        for (scheme, _topic), label in labels.effective(said[pk]).items():
            if scheme == Label.Scheme.TONE:
                own.tone = label.value
            elif scheme == Label.Scheme.CONSTRUCTIVE:
                own.constructive = label.value
        for topic, label in labels.of_topics(said[pk], whole).items():
            if topic in codes:
                own.topics[codes[topic]] = label.value == "yes"
        own.named = frozenset(own.topics)
        if comments[pk].checked_at or own.named:
            # Whoever looked at a comment's topics would have named one that is missing; of what the machine named and
            # nobody judged, and of topics that are younger than the look, nothing is known.
            offered = {topic for topic, code in codes.items() if taxonomy.key(code, comments[pk])}
            absent = {codes[topic] for topic in offered if began.get(topic, newest) < newest}
            own.topics |= dict.fromkeys(
                absent - {codes[topic] for topic in read[pk] if topic in codes} - set(own.topics), False
            )
        found.append(own)
    return sorted(found, key=lambda own: own.newest)


def _read_topics(keys: list[int], whole: Tree) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    machine = Label.objects.filter(comment__in=keys, scheme=Label.Scheme.TOPIC).exclude(source=Label.Source.HUMAN)
    for comment, topic in machine.values_list("comment_id", "topic_id"):
        found[comment].update(whole.counts_for(topic))
    return found
