found.append(("database.dialect.postgresql", "app.core.db.postgres:Postgres"))
