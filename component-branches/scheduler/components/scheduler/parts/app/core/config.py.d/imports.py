from app.settings.scheduler import SchedulerSettings
