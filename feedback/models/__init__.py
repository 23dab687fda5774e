"""What customers told us and what it means."""

from feedback.models.answers import Answer, Response, Revision, Touch
from feedback.models.comments import Comment, CommentClass, CommentTopic, Label, Topic

__all__ = ["Answer", "Comment", "CommentClass", "CommentTopic", "Label", "Response", "Revision", "Topic", "Touch"]
