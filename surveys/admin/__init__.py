"""The desk's pages about asking."""

from surveys.admin import asking, customers, questionnaire, rules, versions

__all__ = ["asking", "customers", "questionnaire", "rules", "versions"]
