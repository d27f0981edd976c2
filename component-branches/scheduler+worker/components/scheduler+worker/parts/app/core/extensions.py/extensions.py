found.append(("scheduler.jobs", "app.components.jobs.queued:register_queued_jobs"))
