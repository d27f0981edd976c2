from app.services.queues.pool import queue_connections

opened.append(queue_connections())
