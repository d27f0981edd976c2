from app.stack.worker import worker
