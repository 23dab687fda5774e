"""What people do with a new theme: make it part of a topic, or never hear of it again."""

from django.db import transaction
from django.utils import timezone

from feedback.models import MutedPhrase, Theme, Topic
from feedback.understanding import words
from ground import audit
from ground.models import User


def language(theme: Theme) -> str:
    """The language whose cue words the phrase belongs to."""
    return "en" if theme.language == "en" else "ru"


def cue(theme: Theme) -> str:
    """The phrase as a cue word for people to read: a Russian lemma is a word, an English stem need not be one."""
    spoken = [token.raw for token in words.tokens(theme.words) if token.kind in ("word", "number")]
    is_whole = len(spoken) == len(theme.phrase.split())
    return " ".join(spoken) if language(theme) == "en" and is_whole else theme.phrase


@transaction.atomic
def add_to_topic(theme: Theme, topic: Topic, *, by: User) -> bool:
    """Let the theme's phrase find a topic; False when it does so already. Comments of the past wait until somebody
    applies the topic to them."""
    row = Topic.objects.select_for_update(of=("self",)).get(pk=topic.pk)
    spoken, line = language(theme), cue(theme)
    cues = row.cues.get(spoken, [])
    Theme.objects.filter(phrase=theme.phrase).update(topic=row)
    if {theme.phrase, line} & set(cues):
        return False
    row.cues, row.changed_at = row.cues | {spoken: [*cues, line]}, timezone.now()
    row.save(update_fields=["cues", "changed_at"])
    audit.note("theme.to_topic", by=by, subject=row)
    return True


def mute(theme: Theme, *, by: User) -> MutedPhrase:
    """Show the phrase no more, in this look and in those to come."""
    muted, is_fresh = MutedPhrase.objects.get_or_create(
        phrase=theme.phrase, defaults={"words": theme.words, "author": by}
    )
    if is_fresh:
        audit.note("theme.muted", by=by, subject=theme)
    return muted


def unmute(muted: MutedPhrase, *, by: User) -> None:
    """Let the phrase be shown again."""
    audit.note("theme.unmuted", by=by, subject=muted)
    muted.delete()
