from app.services.scheduler.database import DatabaseMemory

return DatabaseMemory()
