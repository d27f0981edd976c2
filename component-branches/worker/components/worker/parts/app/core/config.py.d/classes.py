WorkerSettings,
