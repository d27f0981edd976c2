"tests.fixtures.scheduler",
