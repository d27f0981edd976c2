os.environ["DATABASE_URL"] = "sqlite:///data/test.db"
