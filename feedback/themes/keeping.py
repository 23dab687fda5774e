"""What people do with a new theme: make it part of a topic, or never hear of it again."""

from django.db import transaction
from django.utils import timezone

from feedback.models import MutedPhrase, Theme, Topic
from ground import audit
from ground.models import User


@transaction.atomic
def add_to_topic(theme: Theme, topic: Topic, *, by: User) -> bool:
    """Let the theme's phrase find a topic; False when it does so already. Comments of the past wait until somebody
    applies the topic to them."""
    row = Topic.objects.select_for_update(of=("self",)).get(pk=topic.pk)
    language = theme.language if theme.language in ("ru", "en") else "ru"
    cues = row.cues.get(language, [])
    Theme.objects.filter(phrase=theme.phrase).update(topic=row)
    if theme.phrase in cues:
        return False
    row.cues, row.changed_at = row.cues | {language: [*cues, theme.phrase]}, timezone.now()
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
