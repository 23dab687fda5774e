"""What customers told us and what it means."""

from feedback.models.answers import Answer, Response, Revision, Touch
from feedback.models.checks import Check
from feedback.models.comments import Comment, CommentClass, CommentTopic, Label
from feedback.models.complaints import ComplaintRule, Reaction
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
from feedback.models.learning import LearnedModel, Learning
from feedback.models.reading import ReadMark
from feedback.models.sealed import Sealed
from feedback.models.topics import Topic

__all__ = [
    "Answer",
    "BulkStep",
    "Check",
    "Chore",
    "Comment",
    "CommentClass",
    "CommentTag",
    "CommentTopic",
    "ComplaintRule",
    "Exclusion",
    "Idea",
    "IdeaComment",
    "IdeaStep",
    "Label",
    "LearnedModel",
    "Learning",
    "MutedPhrase",
    "Note",
    "Reaction",
    "ReadMark",
    "Response",
    "Revision",
    "SavedView",
    "Sealed",
    "Tag",
    "Theme",
    "ThemeComment",
    "ThemeRound",
    "Topic",
    "Touch",
]
