if self.is_production and ":change-me@" in self.DATABASE_URL:
    raise ValueError("DATABASE_URL: its password is change-me; set POSTGRES_PASSWORD")
