"""How the database is doing, and what is in it."""

from app.services.database.overview import Overview, TableInfo, read_overview

__all__ = ["Overview", "TableInfo", "read_overview"]
