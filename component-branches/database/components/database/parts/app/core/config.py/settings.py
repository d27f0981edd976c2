
# Database
DATABASE_URL: str = "sqlite:///data/app.db"
DATABASE_MIGRATE_ON_START: bool = True
DATABASE_POOL_SIZE: Annotated[int, Field(ge=1, le=1000)] = 10
DATABASE_BUSY_TIMEOUT_SECONDS: Annotated[float, Field(ge=0, le=600)] = 5.0
DATABASE_ECHO: bool = False
BACKUP_DIR: Path = Path("data/backups")
BACKUP_KEEP: Annotated[int, Field(ge=1)] = 7
