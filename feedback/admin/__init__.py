"""The desk's pages about what customers told us: comments and responses to read, topics and tags to own."""

from feedback.admin import pages, tagging, topics

__all__ = ["pages", "tagging", "topics"]
