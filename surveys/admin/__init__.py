"""The desk's pages about asking."""

from surveys.admin import asking, customers, pauses, policy, questionnaire, rules

__all__ = ["asking", "customers", "pauses", "policy", "questionnaire", "rules"]
