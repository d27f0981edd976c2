from app.stack.database import database
