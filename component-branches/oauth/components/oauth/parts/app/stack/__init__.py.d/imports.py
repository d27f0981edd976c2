from app.stack.oauth import oauth
