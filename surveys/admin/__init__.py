"""The desk's pages about asking."""

from surveys.admin import (
    asking,
    customers,
    pauses,
    policy,
    public_links,
    questionnaire,
    rules,
    suppressions,
    versions,
)

__all__ = [
    "asking", "customers", "pauses", "policy", "public_links", "questionnaire", "rules", "suppressions", "versions",
]  # fmt: skip
