os.environ["REDIS_URL"] = "memory://"
