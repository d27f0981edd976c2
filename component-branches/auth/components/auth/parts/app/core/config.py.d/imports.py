from app.settings.auth import AuthSettings
