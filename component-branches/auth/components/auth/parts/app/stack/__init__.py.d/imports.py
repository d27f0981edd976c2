from app.stack.auth import auth
