"""The desk's pages about asking."""

from surveys.admin import asking, customers, public_links, questionnaire, rules, versions

__all__ = ["asking", "customers", "public_links", "questionnaire", "rules", "versions"]
