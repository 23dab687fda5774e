"""A test run is the real page, of a draft, too; whatever is answered, nothing is stored."""

import pytest
from django.apps import apps
from django.core import signing
from django.test import Client

from surveys import drafts, trials
from surveys.models import Question, Survey
from tests.feedback.answering import Fields

pytestmark = pytest.mark.django_db


def stored() -> dict[str, int]:
    rooms = ("surveys", "feedback", "analytics", "ground")
    models = [model for model in apps.get_models() if model._meta.app_label in rooms]
    return {model.__name__: model.objects.count() for model in models}


def test_a_draft_is_answered_and_nothing_is_stored(client: Client, survey: Survey) -> None:
    draft = drafts.begin(survey)
    draft.texts["en"] |= {
        "thanks_low": "Sorry!",
        "thanks_low_link": "https://help.example.org/",
        "thanks_low_label": "Get help",
    }
    draft.save()
    Survey.objects.update(link_sites="help.example.org")
    draft.questions.filter(kind="text").update(is_required=True)
    path, before = trials.run_path(draft), stored()
    page = client.get(path + "/2?lang=en")
    assert "Test run: nothing is stored." in page.content.decode() and "You picked 2" in page.content.decode()
    action = path + "?lang=en"
    open_still = client.post(action, Fields(page).values)
    assert open_still.status_code == 400 and "Please answer this question." in open_still.content.decode()
    thanks = client.post(action, Fields(page).values | {"comment": "Slow"}).content.decode()
    assert "Sorry!" in thanks and 'href="https://help.example.org/"' in thanks and "Slow" in thanks
    assert client.post(action, {"only": "score", "score": "2"}).status_code == 204
    assert client.post(action, {}).status_code == 400
    assert client.put(path).status_code == 405
    assert stored() == before


def test_its_link_lives_a_week_and_cannot_be_forged(client: Client, survey: Survey, monkeypatch) -> None:
    path = trials.run_path(survey.published)
    assert client.get(path).status_code == 200
    assert client.get(path[:-1] + ("a" if path[-1] != "a" else "b")).status_code == 404
    assert client.get(f"/p/{signing.dumps([survey.published.pk, 'ru'], salt='another')}").status_code == 404
    monkeypatch.setattr(trials, "LIVES", -1)
    assert client.get(path).status_code == 404


def test_an_empty_draft_is_shown_all_the_same(client: Client, survey: Survey) -> None:
    draft = drafts.begin(survey)
    Question.objects.filter(version=draft).delete()
    draft.texts = {}
    draft.save()
    assert client.get(trials.run_path(draft)).status_code == 200
    assert client.get(trials.run_path(draft) + "/99").status_code == 200
