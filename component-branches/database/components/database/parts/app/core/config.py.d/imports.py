from app.settings.database import DatabaseSettings
