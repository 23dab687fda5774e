"""The desk's pages about asking."""

from surveys.admin import (
    asking,
    customers,
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
    "asking",
    "customers",
    "gateways",
    "pauses",
    "policy",
    "public_links",
    "questionnaire",
    "rules",
    "suppressions",
    "versions",
]
