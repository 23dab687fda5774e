"""Trained weights as files: an `.npz` without pickles and a JSON manifest beside it that says what it is."""

import hashlib
import io
import json
import os
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "learned"
EPOCH = (1980, 1, 1, 0, 0, 0)


class Artefact(NamedTuple):
    """Arrays by name, and what the manifest says of them."""

    arrays: dict[str, Any]
    manifest: dict[str, Any]


def save(name: str, arrays: dict[str, "np.ndarray"], manifest: dict[str, Any], folder: Path = FOLDER) -> str:
    """Write both files; returns the hash of the weights, kept in the manifest."""
    folder.mkdir(exist_ok=True)
    content = packed(arrays)
    digest = hashlib.sha256(content).hexdigest()
    (folder / f"{name}.npz").write_bytes(content)
    write_manifest(name, manifest | {"sha256": digest, "bytes": len(content)}, folder)
    return digest


def packed(arrays: dict[str, "np.ndarray"]) -> bytes:
    """The content of an `.npz`, the same bytes for the same arrays."""
    import numpy as np

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as pack:
        for key in sorted(arrays):
            plain = io.BytesIO()
            np.save(plain, arrays[key], allow_pickle=False)
            pack.writestr(zipfile.ZipInfo(f"{key}.npy", EPOCH), plain.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return content.getvalue()


def write_manifest(name: str, manifest: dict[str, Any], folder: Path = FOLDER) -> None:
    """The manifest as JSON that reads well in a diff."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def read_manifest(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """What is said of an artefact, or None when there is none."""
    path = folder / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def keep_to_one_core() -> None:
    """A worker has one core to itself, and a second thread of numpy's would wait for the other by turning in circles.
    To be called before numpy is first imported, by whatever: it looks then and never again."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@lru_cache(maxsize=8)
def load(name: str, folder: Path = FOLDER) -> Artefact | None:
    """An artefact, or None when it is not there or numpy is missing. Raises ValueError when the weights are not those
    of the manifest."""
    manifest = read_manifest(name, folder)
    if manifest is None:
        return None
    keep_to_one_core()
    try:
        import numpy as np
    except ImportError:
        return None
    content = (folder / f"{name}.npz").read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise ValueError(f"{name}.npz is not the file that {name}.json describes")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Artefact({key: arrays[key] for key in arrays.files}, manifest)
