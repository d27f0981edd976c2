from app.settings.postgres import PostgresSettings
