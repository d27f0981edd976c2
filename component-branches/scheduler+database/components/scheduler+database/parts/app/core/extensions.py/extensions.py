found.append(("scheduler.memory", "app.services.scheduler.database:DatabaseMemory"))
found.append(("scheduler.job_store", "app.components.scheduler.job_store:database_job_store"))
found.append(("scheduler.jobs", "app.components.scheduler.jobs.backup:register_backup_job"))
found.append(("database.tables", "app.components.scheduler.job_store:make_job_table"))
