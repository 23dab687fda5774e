"""Beginning anew from what is there: a draft of a survey's next version, a survey like another."""

from django.db import transaction

from surveys import codes
from surveys.models import Survey, SurveyVersion

# What belongs to one survey alone.
NOT_COPIED = ("pk", "id", "code", "name", "is_archived", "closes_at", "is_full", "forgotten_until")


@transaction.atomic
def begin(survey: Survey) -> SurveyVersion:
    """The survey's draft; when there is none, one with the texts and questions of its newest version."""
    last = survey.versions.order_by("-number").first()
    if last is not None and last.published_at is None:
        return last
    return _copied(last, into=survey)


@transaction.atomic
def duplicate(survey: Survey, *, name: str) -> Survey:
    """A survey of another name with the same settings; its first version is a draft with all the texts."""
    fields = [field.name for field in Survey._meta.concrete_fields if field.name not in NOT_COPIED]
    taken = set(Survey.objects.values_list("code", flat=True))
    twin = Survey(name=name, code=codes.make(name, taken=taken, otherwise=survey.code))
    for field in fields:
        setattr(twin, field, getattr(survey, field))
    twin.save()
    _copied(survey.published or survey.versions.order_by("-number").first(), into=twin)
    return twin


def _copied(last: SurveyVersion | None, *, into: Survey) -> SurveyVersion:
    draft = SurveyVersion.objects.create(survey=into, texts=last.texts if last else {})
    for question in last.questions.all() if last else ():
        question.pk, question.version, question._state.adding = None, draft, True
        question.save()
    return draft
