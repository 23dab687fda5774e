"""Loading the demo: quiet about its own rows, and three surveys, each with a scale of its own."""

import logging
from typing import Any

import pytest
from django.core.management import call_command

from config.demo import effort, traffic
from config.management.commands import load_demo
from surveys.models import SendingRule, Survey


def test_it_tells_nothing_of_each_row(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    queue = logging.getLogger("ground.rowqueue")

    def load() -> int:
        queue.info("takes up feedback.comment 1")
        queue.warning("this is told")
        return 0

    monkeypatch.setattr(load_demo, "load", load)
    usual = queue.level
    queue.setLevel(logging.INFO)
    try:
        call_command("load_demo")
        assert [record.message for record in caplog.records] == ["this is told"] and queue.level == logging.INFO
    finally:
        queue.setLevel(usual)


@pytest.mark.django_db
def test_who_wrote_through_the_site_is_asked_how_easy_it_was() -> None:
    effort.ask()
    version = Survey.objects.get(code="effort").published
    assert version is not None
    question = version.score_question()
    assert question is not None and question.scale is not None and question.scale.name == "ces_7"
    assert SendingRule.objects.get().survey.code == "effort"


@pytest.mark.parametrize(("scale", "least", "most"), [("csat_5", 1, 5), ("nps", 0, 10), ("ces_7", 1, 7)])
def test_moods_reach_every_step_of_a_scale(scale: str, least: int, most: int) -> None:
    contact = type("Contact", (), {"mood": 0.0})
    found = set()
    for step in range(1001):
        contact.mood = step / 1000
        found.add(traffic.score(contact, scale))  # type: ignore[arg-type]
    assert found == set(range(least, most + 1))
