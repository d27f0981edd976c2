from app.settings.worker import WorkerSettings
