"""The desk's pages about asking."""

from surveys.admin import (
    agents,
    asking,
    customers,
    erasures,
    gateways,
    pauses,
    policy,
    public_links,
    questionnaire,
    rules,
    suppressions,
    versions,
)

__all__ = [
    "agents", "asking", "customers", "erasures", "gateways", "pauses", "policy", "public_links", "questionnaire",
    "rules", "suppressions", "versions",
]  # fmt: skip
