from app.models import scheduler

loaded.append(scheduler)
