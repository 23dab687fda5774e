"""What customers told us and what it means."""

from feedback.models.answers import Answer, Response, Revision, Touch
from feedback.models.comments import Comment, CommentClass, CommentTopic, Label, Topic
from feedback.models.reading import ReadMark

__all__ = [
    "Answer",
    "Comment",
    "CommentClass",
    "CommentTopic",
    "Label",
    "ReadMark",
    "Response",
    "Revision",
    "Topic",
    "Touch",
]
