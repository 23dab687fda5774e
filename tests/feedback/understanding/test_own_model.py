"""An operator's own sentence embedding: a directory that is used, or a sentence about why it is not."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("numpy")

from config.checks import reading_model  # noqa: E402
from feedback.training import teacher  # noqa: E402
from feedback.understanding import artefact, embedding, labelled, read, tiers  # noqa: E402

UNSURE = "Ну такое, вроде и помогли, а осадок остался"
Use = Callable[[Path], None]


@pytest.fixture
def use() -> Iterator[Use]:
    yield lambda folder: embedding.use(str(folder))
    embedding.use("")


def nothing(folder: Path) -> None:
    folder.rmdir()


def no_model(folder: Path) -> None:
    (folder / "heads.json").write_text("{}")


def another_file(folder: Path) -> None:
    (folder / "model.bin").write_bytes(b"PK..")


def no_heads(folder: Path) -> None:
    (folder / "model.bin").write_bytes(b"E5S1")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (nothing, "not a directory"),
        (no_model, "no model.bin"),
        (another_file, "no model in"),
        (no_heads, "no heads yet"),
    ],
)
def test_a_wrong_directory_is_told_and_left_out(
    use: Use, tmp_path: Path, wrong: Callable[[Path], None], said: str
) -> None:
    wrong(tmp_path)
    use(tmp_path)
    (told,) = reading_model(None)
    assert said in told.msg and str(tmp_path) in told.msg and told.id == "otklik.W001"
    assert "+heads" not in read([UNSURE], deep=1.0)[0].tone.source
    assert "embedding" not in tiers.active()


def test_heads_of_another_file_are_not_used(use: Use, tmp_path: Path) -> None:
    """A cut file would bring the process down."""
    no_heads(tmp_path)
    shutil.copy(artefact.FOLDER / "heads.npz", tmp_path)
    shutil.copy(artefact.FOLDER / "heads.json", tmp_path)
    use(tmp_path)
    assert "+heads" not in read([UNSURE], deep=1.0)[0].tone.source
    (told,) = reading_model(None)
    assert "trained on another model" in told.msg and told.id == "otklik.W001"


def test_another_model_reads_with_the_heads_trained_on_it(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The smaller model that comes with the package, for English and Portuguese, stands for an operator's own."""
    if not embedding.is_installed():
        pytest.skip("the extra is not installed")
    (tmp_path / "model.bin").symlink_to(embedding.model_file().with_name("e5-small-enpt-q4.bin"))
    use(tmp_path)
    rows = labelled.for_training()[::30]
    monkeypatch.setattr(labelled, "for_training", lambda: rows)
    teacher.train(tmp_path, embed=teacher.cached(None))
    use(tmp_path)
    assert reading_model(None) == []
    source = read([UNSURE], deep=1.0)[0].tone.source
    assert source.endswith(f"-{embedding.digest()[:8]}") and len(source) <= 64
    assert tiers.active()["embedding"].endswith(embedding.digest()[:8])
