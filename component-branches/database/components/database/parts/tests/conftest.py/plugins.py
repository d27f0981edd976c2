"tests.fixtures.database",
"tests.fixtures.migrations",
