"""What happened lately: recent requests and errors."""

from app.services.activity.log import (
    ActivityLog,
    Elsewhere,
    ErrorRecord,
    RequestRecord,
    activity,
)

__all__ = ["ActivityLog", "Elsewhere", "ErrorRecord", "RequestRecord", "activity"]
