"""People and teams, and the rows that every room's machinery is made of."""

from ground.models.arrivals import ColumnMapping, InboundMail
from ground.models.calendars import Calendar
from ground.models.erasures import Erasure
from ground.models.notices import Notice, NoticeChoice, NoticeTarget, Outgoing
from ground.models.people import (
    Accounts,
    Allowance,
    ApiKey,
    Membership,
    Organisation,
    Role,
    SecondFactor,
    Session,
    Team,
    User,
)
from ground.models.rows import (
    AuditEntry,
    AuditSeal,
    Change,
    IdempotencyRecord,
    Job,
    LimitCounter,
    Pulse,
    QueueRow,
    reporting_day,
)

__all__ = [
    "Accounts",
    "Allowance",
    "ApiKey",
    "AuditEntry",
    "AuditSeal",
    "Calendar",
    "Change",
    "ColumnMapping",
    "Erasure",
    "IdempotencyRecord",
    "InboundMail",
    "Job",
    "LimitCounter",
    "Membership",
    "Notice",
    "NoticeChoice",
    "NoticeTarget",
    "Organisation",
    "Outgoing",
    "Pulse",
    "QueueRow",
    "Role",
    "SecondFactor",
    "Session",
    "Team",
    "User",
    "reporting_day",
]
