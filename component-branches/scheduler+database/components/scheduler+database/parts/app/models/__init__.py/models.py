"app.models.scheduler",
