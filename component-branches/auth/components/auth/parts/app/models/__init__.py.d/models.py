from app.models import auth, user

loaded += [auth, user]
