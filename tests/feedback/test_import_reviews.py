"""`manage.py import_reviews`: all or nothing to begin with, and never twice."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feedback.models import Comment
from ground.models import Team, reporting_day

pytestmark = pytest.mark.django_db
TEXT = "когда;оценка;отзыв\n2026-05-01;5;Быстро\n2026-05-02;1,0;Долго ждал\n2026-05-02;1,0;Долго ждал\n2026-05-03;;\n"


def run(path: Path, *options: str, columns: bool = True) -> str:
    out = StringIO()
    names = ["--text-column", "отзыв", "--date-column", "когда", "--stars-column", "оценка"] if columns else []
    call_command("import_reviews", str(path), "--source", "maps.example", *names, *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path, organisation: object) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_rows_become_comments_with_date_stars_and_team(file: Path, team: Team) -> None:
    run(file, "--team", team.code, "--channel", "social")
    assert Comment.objects.count() == 3
    comment = Comment.objects.get(text="Быстро")
    assert (comment.stars, comment.team, comment.channel, comment.origin) == (5, team, "social", "maps.example")
    assert str(reporting_day(comment.said_at)) == "2026-05-01" and comment.classified_at is None


def test_a_second_run_adds_nothing_and_equal_rows_are_both_kept(file: Path) -> None:
    run(file)
    assert Comment.objects.filter(text="Долго ждал").count() == 2
    file.write_text(TEXT + "2026-05-04;3;Новый\n", encoding="utf-8")
    assert "1" in run(file).splitlines()[0]
    assert Comment.objects.count() == 4


def test_the_sources_own_id_is_the_key(file: Path) -> None:
    file.write_text("id,отзыв\n7,Было\n", encoding="utf-8")
    run(file, "--text-column", "отзыв", "--key-column", "id", columns=False)
    file.write_text("id,отзыв\n7,Стало\n8,Ещё\n", encoding="utf-8")
    run(file, "--text-column", "отзыв", "--key-column", "id", columns=False)
    assert sorted(Comment.objects.values_list("external_key", "text")) == [("7", "Было"), ("8", "Ещё")]


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("когда;оценка;текст\n2026-05-01;5;Да\n", "utf-8", ["1", "отзыв"]),
        (TEXT + "05.13.2026;5;Да\n", "utf-8", ["6", "когда"]),
        (TEXT + "2999-01-01;5;Да\n", "utf-8", ["6", "когда"]),
        (TEXT + "2026-05-01;6;Да\n", "utf-8", ["6", "оценка"]),
        (TEXT + f"2026-05-01;5;{'x' * 5001}\n", "utf-8", ["6", "отзыв"]),
        (TEXT + "2026-05-01;5\n", "utf-8", ["6"]),
        (TEXT, "cp1251", ["1", "utf-8"]),
        (TEXT + "2026-05-01;5;a\0b\n", "utf-8", ["6", "отзыв"]),
    ],
)
def test_a_fault_anywhere_imports_nothing_and_names_its_place(
    file: Path, text: str, encoding: str, words: list[str]
) -> None:
    file.write_text(text, encoding=encoding)
    with pytest.raises(CommandError) as refused:
        run(file)
    assert all(word in str(refused.value) for word in words)
    assert not Comment.objects.exists()


def test_another_encoding_may_be_named(file: Path) -> None:
    file.write_text(TEXT, encoding="cp1251")
    run(file, "--encoding", "cp1251")
    assert Comment.objects.filter(text="Быстро").exists()


@pytest.mark.parametrize("text", ["id,отзыв\n7,А\n7,Б\n", "id,отзыв\n,А\n"])
def test_missing_and_repeated_ids_are_refused(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="id"):
        run(file, "--text-column", "отзыв", "--key-column", "id", columns=False)
    assert not Comment.objects.exists()


def test_an_unknown_team_is_refused_with_those_there_are(file: Path, team: Team) -> None:
    with pytest.raises(CommandError, match=team.code):
        run(file, "--team", "nobody")


def test_a_nameless_source_or_column_is_refused(file: Path) -> None:
    with pytest.raises(CommandError, match="--source"):
        call_command("import_reviews", str(file), "--source", " ", "--text-column", "отзыв")
    with pytest.raises(CommandError):
        call_command("import_reviews", str(file), "--source", "maps.example", "--text-column", "")
    assert not Comment.objects.exists()
