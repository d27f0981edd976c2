
# Scheduled backups
BACKUP_ENABLED: bool = True
BACKUP_CRON: str = "15 3 * * *"
SCHEDULER_HISTORY_DAYS: Annotated[int, Field(ge=1)] = 30
