"""The tick “please contact me”, which stood on every page, becomes a question that a survey may have or not."""

from typing import Any

from django.db import migrations

WORDING = {"ru": "Свяжитесь со мной"}
OTHERS = "Please contact me"


def add(apps: Any, schema_editor: Any) -> None:
    Question = apps.get_model("surveys", "Question")
    for version in apps.get_model("surveys", "SurveyVersion").objects.prefetch_related("questions"):
        known = list(version.questions.all())
        if any(question.kind == "contact" for question in known):
            continue
        codes = {question.code for question in known}
        Question.objects.create(
            version=version,
            position=max((question.position for question in known), default=0) + 1,
            code="contact" if "contact" not in codes else f"contact-{version.pk}",
            kind="contact",
            texts={language: WORDING.get(language.split("-")[0], OTHERS) for language in version.texts},
        )


class Migration(migrations.Migration):
    dependencies = [("surveys", "0010_answering")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
