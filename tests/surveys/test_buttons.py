"""The buttons of each kind of score wherever it is asked outside the page: mail, help desk, CRM."""

import pytest

from surveys import buttons, snippets, starters
from surveys.channels import webhook
from surveys.models import Link, Message, Question, Survey, SurveyVersion
from tests.factories import make_invitation

LOOKS = [
    ("csat", "steps", ["1", "2", "3", "4", "5"]),
    ("csat", "stars", ["★", "★★", "★★★", "★★★★", "★★★★★"]),
    ("csat", "smileys", ["😠", "🙁", "😐", "🙂", "😀"]),
    ("csat", "three", ["1", "2", "3"]),
    ("csat", "thumbs", ["👎", "👍"]),
    ("yes_no", "", ["", ""]),
    ("ces", "", ["1", "2", "3", "4", "5", "6", "7"]),
    ("nps", "", [str(score) for score in range(11)]),
]


def question_of(kind: str, look: str) -> Question:
    names = starters.USUAL_NAMES[starters.scales()["of"][look or kind]]
    return Question(kind=kind, texts={"en": "How?"}, options={"labels": names} | ({"look": look} if look else {}))


@pytest.mark.parametrize(("kind", "look", "signs"), LOOKS)
def test_signs_and_words(kind: str, look: str, signs: list[str]) -> None:
    question = question_of(kind, look)
    found = buttons.of(question, "en")
    assert [one.sign for one in found] == signs
    assert sorted(one.score for one in found) == list(question.scale.values)
    if buttons.are_words(question):
        assert all(one.label for one in found)
    else:
        assert found[0].label and found[-1].label


def test_a_yes_is_read_first() -> None:
    assert [one.label for one in buttons.of(question_of("yes_no", ""), "en")] == ["Yes", "No"]


@pytest.mark.django_db
def test_a_help_desk_and_the_crm_get_the_words(survey: Survey) -> None:
    version: SurveyVersion = survey.published
    question = version.score_question()
    question.kind, question.options = "yes_no", {"labels": {"en": {"0": "No <b>", "1": "Yes"}}}
    question.save()
    link = Link.objects.create(kind="template", label="Desk", survey=survey, public_key="1" * 12)
    html = snippets.of(link, survey.published, "en")[0].html
    assert ">Yes</a>" in html and ">No &lt;b&gt;</a>" in html and '/1"' in html and '/0"' in html
    invitation = make_invitation(survey, language="en")
    data = webhook.payload(invitation, Message(invitation=invitation, kind="invitation"))["data"]
    assert data["labels"] == {"0": "No <b>", "1": "Yes"}
    assert {score: link.rsplit("/", 1)[1] for score, link in data["scores"].items()} == {"0": "0", "1": "1"}
