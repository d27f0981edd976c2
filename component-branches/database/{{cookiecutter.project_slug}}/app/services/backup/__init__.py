"""Verified copies of the database, and the way back."""

from app.services.backup.backups import (
    Backup,
    create_backup,
    list_backups,
    restore_backup,
    rotate_backups,
)

__all__ = ["Backup", "create_backup", "list_backups", "restore_backup", "rotate_backups"]
