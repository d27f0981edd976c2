from app.stack.ai import ai
