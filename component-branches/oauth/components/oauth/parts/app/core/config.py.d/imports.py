from app.settings.oauth import OAuthSettings
