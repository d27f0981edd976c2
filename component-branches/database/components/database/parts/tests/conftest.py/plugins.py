"tests.fixtures.database",
