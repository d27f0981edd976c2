from app.settings.ai import AISettings
