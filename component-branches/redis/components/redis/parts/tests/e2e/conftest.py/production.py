environment["REDIS_URL"] = request.getfixturevalue("redis_server_url")
