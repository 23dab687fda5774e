"""The desk's pages about what customers told us: comments and responses to read, topics to own."""

from feedback.admin import pages

__all__ = ["pages"]
