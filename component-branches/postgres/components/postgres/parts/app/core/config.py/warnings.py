if self.is_production and self.DATABASE_URL.startswith("sqlite"):
    yield "DATABASE_URL is SQLite, although this project has PostgreSQL."
