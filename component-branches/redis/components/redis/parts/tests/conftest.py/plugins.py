"tests.fixtures.redis",
