"""The desk's pages about what customers told us: comments and responses to read, topics, tags and ideas to own."""

from feedback.admin import complaints, customers, ideas, pages, tagging, themes, topics

__all__ = ["complaints", "customers", "ideas", "pages", "tagging", "themes", "topics"]
