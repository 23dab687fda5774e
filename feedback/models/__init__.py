"""What customers told us and what it means."""

from feedback.models.answers import Answer, Response, Revision, Touch
from feedback.models.checks import Check
from feedback.models.comments import Comment, CommentClass, CommentTopic, Label, Topic
from feedback.models.desk import BulkStep, CommentTag, Exclusion, Note, SavedView, Tag
from feedback.models.ideas import (
    Chore,
    Idea,
    IdeaComment,
    IdeaStep,
    MutedPhrase,
    Theme,
    ThemeComment,
    ThemeRound,
)
from feedback.models.reading import ReadMark

__all__ = [
    "Answer",
    "BulkStep",
    "Check",
    "Chore",
    "Comment",
    "CommentClass",
    "CommentTag",
    "CommentTopic",
    "Exclusion",
    "Idea",
    "IdeaComment",
    "IdeaStep",
    "Label",
    "MutedPhrase",
    "Note",
    "ReadMark",
    "Response",
    "Revision",
    "SavedView",
    "Tag",
    "Theme",
    "ThemeComment",
    "ThemeRound",
    "Topic",
    "Touch",
]
