found.append(Process("scheduler", "app.entrypoints.scheduler:main"))
