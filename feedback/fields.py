"""What the fields of a survey's page are called."""

from surveys.models import SurveyVersion


def names(version: SurveyVersion) -> dict[str, str]:
    """The field of each question, by its code; a grid has one for each aspect, with its code behind a hyphen."""
    own = {
        "score": version.score_question(),
        "comment": version.comment_question(),
        "contact": version.contact_question(),
    }
    found = {question.code: f"{'t' if question.kind == 'text' else 'a'}-{question.code}" for question in version.asked}
    return found | {question.code: name for name, question in own.items() if question}
