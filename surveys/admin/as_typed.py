"""A draft as it stands in the builder's form, whole or not: to look at, never to store."""

from django.forms.models import inlineformset_factory
from django.http import HttpRequest

from surveys.admin.question_form import QuestionFormSet, question_form
from surveys.admin.version_form import shown_languages, version_form
from surveys.models import Question, SurveyVersion


def bring(version: SurveyVersion, request: HttpRequest) -> None:
    """Give the version, in memory, the texts and the questions that were posted."""
    shown = shown_languages(request, version)
    version_form(shown)(request.POST, instance=version).is_valid()
    formset = inlineformset_factory(
        SurveyVersion, Question, form=question_form(shown), formset=QuestionFormSet, extra=0
    )(request.POST, instance=version, prefix="questions")
    formset.is_valid()
    if formset.management_form.is_valid():
        version.asked = formset.cards()
