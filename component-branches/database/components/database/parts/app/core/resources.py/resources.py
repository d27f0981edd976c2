from app.core.db.lifespan import database_lifespan

opened.append(database_lifespan())
