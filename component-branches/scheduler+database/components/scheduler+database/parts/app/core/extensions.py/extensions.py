found.append(("scheduler.memory", "app.services.scheduler.database:DatabaseMemory"))
found.append(("scheduler.job_store", "app.services.scheduler.job_store:database_job_store"))
found.append(("scheduler.jobs", "app.components.jobs.backup:register_backup_job"))
found.append(("database.tables", "app.services.scheduler.job_store:make_job_table"))
