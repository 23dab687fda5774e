"""Prints the bill of materials as CycloneDX 1.6: what requirements.txt pins, with digests and licences."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,.-]+\])?==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\\n]+?))?\s*\\$")


def bill() -> dict[str, Any]:
    """The whole document; the same for the same pins, so that two of them can be compared."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": project["name"], "version": project["version"]}},
        "components": list(_components(lines)),
    }


def _components(lines: list[str]) -> Iterator[dict[str, Any]]:
    found: dict[str, Any] | None = None
    for line in lines:
        if pin := PIN.match(line):
            if found:
                yield found
            found = _component(pin["name"], pin["version"], pin["marker"])
        elif found and (digest := re.search(r"--hash=sha256:([0-9a-f]{64})", line)):
            found["externalReferences"][0]["hashes"].append({"alg": "SHA-256", "content": digest[1]})
    if found:
        yield found


def _component(name: str, version: str, marker: str | None) -> dict[str, Any]:
    purl = f"pkg:pypi/{name.lower()}@{version}"
    # One digest for each file that the index offers; pip takes none but these.
    files = {"type": "distribution", "url": f"https://pypi.org/project/{name}/{version}/", "hashes": []}
    component: dict[str, Any] = {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "externalReferences": [files],
    }  # fmt: skip
    if licence := _licence(name):
        component["licenses"] = [{"license": {"name": licence}}]
    if marker:
        component["properties"] = [{"name": "python:marker", "value": marker.strip()}]
    return component


def _licence(name: str) -> str:
    """As the installed package tells it; empty when it is for another machine or says nothing."""
    try:
        told = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return ""
    known = [one.split(" :: ") for one in told.get("classifier", []) if one.startswith("License ::")]
    classifiers = [one[-1] for one in known if one[-1] != "OSI Approved"]
    plain = str(told.get("license", "")).strip().split("\n")[0]
    return str(told.get("license_expression", "")) or ", ".join(classifiers) or plain[:100] or _headline(name)


def _headline(name: str) -> str:
    """The first line of the licence that lies beside a package whose metadata names none."""
    files = [file for file in metadata.files(name) or [] if file.name.upper().startswith("LICEN")]
    return next((line.strip() for file in files for line in file.read_text().splitlines() if line.strip()), "")[:100]


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=2)
    sys.stdout.write("\n")
