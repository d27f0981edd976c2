from app.models import ai

loaded.append(ai)
