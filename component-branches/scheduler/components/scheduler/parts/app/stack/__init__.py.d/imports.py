from app.stack.scheduler import scheduler
