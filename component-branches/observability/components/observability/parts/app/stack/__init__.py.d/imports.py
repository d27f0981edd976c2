from app.stack.observability import observability
