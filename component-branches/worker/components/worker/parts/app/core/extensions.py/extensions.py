found.append(("redis.embedded", "app.components.worker.process:run_embedded_queues"))
