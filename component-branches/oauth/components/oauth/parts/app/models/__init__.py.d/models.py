from app.models import oauth

loaded.append(oauth)
