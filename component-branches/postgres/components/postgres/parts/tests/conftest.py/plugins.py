"tests.fixtures.postgres",
