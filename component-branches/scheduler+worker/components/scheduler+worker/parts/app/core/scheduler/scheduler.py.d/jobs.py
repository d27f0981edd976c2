from app.components.jobs.queued import register_queued_jobs

functions.append(register_queued_jobs)
