from app.services.ai.database_storage import DatabaseStorage

return DatabaseStorage()
