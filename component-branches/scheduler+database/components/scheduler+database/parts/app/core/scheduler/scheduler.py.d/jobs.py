from app.components.jobs.backup import register_backup_job

functions.append(register_backup_job)
