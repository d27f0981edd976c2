"""What happened lately: recent requests and errors."""

from app.services.activity.log import ActivityLog, ErrorRecord, RequestRecord, activity

__all__ = ["ActivityLog", "ErrorRecord", "RequestRecord", "activity"]
