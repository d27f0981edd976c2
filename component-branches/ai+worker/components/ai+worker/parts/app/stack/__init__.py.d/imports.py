from app.stack.ai_worker import ai_worker
