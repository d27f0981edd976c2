from app.core.queues import queues

found.extend(
    Process(
        queue.process,
        "app.entrypoints.worker:main",
        args=(queue.name,),
        unless="app.core.redis_url:is_in_process",
    )
    for queue in queues()
)
