found.append(("scheduler.jobs", "app.components.scheduler.jobs.queued:register_queued_jobs"))
