"""A workbook from outside as plain rows: its directory is looked at first, then a child process of its own reads it.

A workbook is a zip file of XML, so a small one can hold gigabytes, or entities that multiply. What is too large, too
dense, or not made of sheets is refused before anything is unpacked; the child may use so much memory and time.
"""

import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

# 100,000 contacts with twelve columns are 71 MB of XML, of 5 MB.
MOST_INFLATED, MOST_PARTS, MOST_RATIO = 100 * 1024 * 1024, 64, 100
MEMORY, WRITTEN, SECONDS = 512 * 1024 * 1024, 512 * 1024 * 1024, 30
# By the clock it may take longer, where others want the processor too.
PATIENCE = 4 * SECONDS
REFUSED, BROKEN = 3, 4


class NoWorkbook(ValueError):
    """Why the file is not read; "bomb" or "broken"."""


def look(path: Path) -> None:
    """Raises NoWorkbook for a file whose directory promises trouble; reads the directory alone."""
    try:
        with zipfile.ZipFile(path) as pack:
            parts = pack.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise NoWorkbook("broken") from None
    inflated = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    dense = any(part.file_size > MOST_RATIO * max(1, part.compress_size) for part in parts)
    if len(parts) > MOST_PARTS or inflated > MOST_INFLATED or inflated > MOST_RATIO * packed or dense:
        raise NoWorkbook("bomb")
    if any(part.filename.startswith(("/", "\\")) or ".." in part.filename for part in parts):
        raise NoWorkbook("broken")
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise NoWorkbook("broken")


def convert(path: Path, target: Path) -> None:
    """Write the first sheet's rows to `target`, a JSON list of texts a line. Raises NoWorkbook."""
    look(path)
    command = [sys.executable, "-m", "ground.workbook_rows", str(path), str(target)]
    try:
        done = subprocess.run(
            command,
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            preexec_fn=_confine,  # noqa: PLW1509  (nothing but system calls)
        )
    except subprocess.TimeoutExpired:
        raise NoWorkbook("bomb") from None
    if done.returncode == BROKEN:
        raise NoWorkbook("broken")
    if done.returncode:
        raise NoWorkbook("bomb")


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))


def rows(path: Path) -> Iterator[list[str]]:
    """The first sheet, row by row, as a person reads it: values of formulas, whole numbers without a point."""
    from ground import workbook_xml

    with zipfile.ZipFile(path) as pack:
        for row in workbook_xml.rows(pack):
            yield [_text(value) for value in row]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)


def main(source: str, target: str) -> int:
    try:
        with open(target, "w", encoding="utf-8") as file:
            for row in rows(Path(source)):
                file.write(json.dumps(row, ensure_ascii=True) + "\n")
    except MemoryError:
        return REFUSED
    except Exception:  # whatever a file from outside makes a library do
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
