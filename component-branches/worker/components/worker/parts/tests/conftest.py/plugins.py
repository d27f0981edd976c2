"tests.fixtures.worker",
