"""The register of metrics: what each one means and how it is measured, for pages, the API and whoever asks."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from analytics.registry import answers, complaints, people, service, text
from analytics.registry.definition import GROUPS, Definition

METRICS: Mapping[str, Definition] = MappingProxyType(
    {
        definition.key: definition
        for definition in (
            *answers.DEFINITIONS,
            *service.DEFINITIONS,
            *complaints.DEFINITIONS,
            *people.DEFINITIONS,
            *text.DEFINITIONS,
        )
    }
)


def grouped() -> list[tuple[str, Any, list[Definition]]]:
    """Every metric under its group: the group's key, its name and its metrics, in the order of the page."""
    return [(key, name, [found for found in METRICS.values() if found.group == key]) for key, name in GROUPS.items()]


__all__ = ["METRICS", "Definition", "grouped"]
