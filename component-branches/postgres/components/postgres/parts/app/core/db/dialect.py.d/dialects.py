if name == "postgresql":
    from app.core.db.postgres import Postgres

    return Postgres(parsed)
