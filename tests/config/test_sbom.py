"""The bill of materials names everything that is installed to run Otklik."""

import re
from importlib import metadata

from config import sbom


def test_every_pin_is_in_it_with_digests_and_licence() -> None:
    bill = sbom.bill()
    pins = re.findall(r"(?m)^([\w.-]+)(?:\[\S+\])?==([^\s;]+)", (sbom.ROOT / "requirements.txt").read_text("utf-8"))
    found = {(one["name"], one["version"]): one for one in bill["components"]}
    assert found.keys() == set(pins)
    installed = {one.name.lower().replace("_", "-") for one in metadata.distributions()}
    for (name, version), component in found.items():
        assert component["purl"] == f"pkg:pypi/{name}@{version}"
        assert component["externalReferences"][0]["hashes"]
        assert name not in installed or component["licenses"][0]["license"]["name"], name
    assert (bill["bomFormat"], bill["specVersion"], bill["metadata"]["component"]["name"]) == (
        "CycloneDX", "1.6", "otklik",
    )  # fmt: skip
