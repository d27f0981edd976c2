"""The description of the API."""

from fastapi.testclient import TestClient


def test_every_operation_is_summed_up_and_describes_its_errors(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            content = operation["responses"]["default"]["content"]
            assert list(content) == ["application/problem+json"]


def test_the_frameworks_own_error_is_gone(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert "Problem" in schemas
    assert "HTTPValidationError" not in schemas


def test_the_health_answer_has_an_example(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["HealthResponse"]["examples"] == [{"healthy": True}]
