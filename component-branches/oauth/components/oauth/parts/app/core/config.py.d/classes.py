OAuthSettings,
