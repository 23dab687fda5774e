"""What customers told us and what it means."""

from feedback.models.answers import Answer, Response, Revision, Touch
from feedback.models.checks import Check
from feedback.models.comments import Comment, CommentClass, CommentTopic, Label
from feedback.models.desk import BulkStep, CommentTag, Exclusion, Note, SavedView, Tag
from feedback.models.learning import LearnedModel, Learning
from feedback.models.reading import ReadMark
from feedback.models.topics import Topic

__all__ = [
    "Answer",
    "BulkStep",
    "Check",
    "Comment",
    "CommentClass",
    "CommentTag",
    "CommentTopic",
    "Exclusion",
    "Label",
    "LearnedModel",
    "Learning",
    "Note",
    "ReadMark",
    "Response",
    "Revision",
    "SavedView",
    "Tag",
    "Topic",
    "Touch",
]
