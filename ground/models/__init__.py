"""People and teams, and the rows that every room's machinery is made of."""

from ground.models.notices import Notice, NoticeChoice, Outgoing
from ground.models.people import Accounts, ApiKey, Membership, Organisation, Role, Team, User
from ground.models.rows import (
    AuditEntry,
    Change,
    IdempotencyRecord,
    Job,
    LimitCounter,
    QueueRow,
    reporting_day,
)

__all__ = [
    "Accounts",
    "ApiKey",
    "AuditEntry",
    "Change",
    "IdempotencyRecord",
    "Job",
    "LimitCounter",
    "Membership",
    "Notice",
    "NoticeChoice",
    "Organisation",
    "Outgoing",
    "QueueRow",
    "Role",
    "Team",
    "User",
    "reporting_day",
]
