"""What the page of quality says of who reads here: the embedding counts only while comments go through it, languages
have their names, and what a candidate would change can be looked at."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from analytics.quality import parts
from feedback.models import LearnedModel
from feedback.understanding import artefact, embedding
from ground.models import User
from tests.analytics.test_quality import checked, chief, page
from tests.config.reading import make_comment, make_topic

__all__ = ["chief"]
pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
OTHER = "What reads here is none of these"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the extra were there, whether it is or not."""
    for module in (parts, embedding):
        monkeypatch.setattr(module, "find_spec", lambda name: object())
    yield
    embedding.use("")


def marked(client: Client) -> list[str]:
    """The measured combinations that the page says read here."""
    rows = client.get(reverse("analytics:quality")).context["frozen"]["rows"]
    return [str(row["name"]) for row in rows if row["is_here"]]


@pytest.mark.parametrize(
    ("deep", "said", "rows"),
    [
        (0.3, "4, for the least sure 30 %", ["rules and student, the least sure 30 % with the embedding"]),
        (0.12, "4, for the least sure 10 %", ["rules and student, the least sure 10 % with the embedding"]),
        (0.22, "4, for the least sure 20 %", []),
        (1.0, "4, for every comment", ["rules, student and embedding on every comment"]),
        (0.0, "installed, but not used: UNDERSTANDING_DEEP is 0", ["rules and student"]),
    ],
)
def test_the_share_that_goes_through_the_embedding_is_told(
    login: Login, chief: User, settings: Any, deep: float, said: str, rows: list[str]
) -> None:
    settings.UNDERSTANDING_DEEP = deep
    client = login(chief)
    told = page(client)
    assert said in told and (OTHER in told) == (not rows)
    assert marked(client) == rows


def test_a_model_of_ones_own_is_not_what_was_measured(login: Login, chief: User, tmp_path: Path) -> None:
    client = login(chief)
    (tmp_path / "model.bin").write_bytes(b"E5S1")
    embedding.use(str(tmp_path))
    assert "no model that fits" in page(client) and marked(client) == ["rules and student"]
    heads, own = artefact.read_manifest(embedding.NAME) or {}, embedding.digest()
    for model, said in (("of another", "no model that fits"), (own, f"4-{own[:8]}, for the least sure")):
        (tmp_path / "heads.json").write_text(json.dumps(heads | {"model": model}))
        embedding.use(str(tmp_path))
        assert said in page(client)
    assert OTHER in page(client) and marked(client) == []


def test_without_the_extra_the_page_says_so(login: Login, chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "find_spec", lambda name: None if name == embedding.PACKAGE else object())
    client = login(chief)
    assert "not installed; it would read the least sure comments better" in page(client)
    assert marked(client) == ["rules and student"]


def test_each_language_of_the_sample_has_its_name(login: Login, chief: User) -> None:
    for language in ("uk", "de", "und"):
        for _number in range(5):
            checked("negative", "negative", by=chief, language=language)
    told = page(login(chief))
    for name in ("Ukrainian", "German", "not known"):
        assert f"{name} 5" in told and f"{name} 100%" in told


def test_all_known_changes_of_a_candidate_can_be_looked_at(login: Login, chief: User) -> None:
    texts = [f"Плюмбус сломан в {number} раз" for number in range(8)]
    keys = [make_comment(text=text).pk for text in texts]
    make_topic("plumbus")
    tally = {"n": 40, "rules": [20, 40, 40], "before": [20, 40, 40], "after": [36, 40, 40], "verdict": "good"}
    difference = {"n": 900, "changed": 8, "counts": {"plumbus": [8, 0]},
                  "samples": [[key, [], ["plumbus"]] for key in keys]}  # fmt: skip
    LearnedModel.objects.create(
        scheme="topic", figures={"ru": tally}, languages=["ru"], manifest={"comments": 40}, difference=difference
    )
    told = page(login(chief))
    assert all(text in told for text in texts)
    assert told.index(texts[4]) < told.index("Show 3 more comments") < told.index(texts[5])
