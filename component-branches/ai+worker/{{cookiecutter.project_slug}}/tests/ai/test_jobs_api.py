"""The API of answers in the background."""

import json
import time

from fastapi.testclient import TestClient


def test_the_api(client: TestClient) -> None:
    response = client.post("/api/ai/jobs", json={"message": "Explain webhooks"})
    assert response.status_code == 202
    place = response.headers["Location"]
    until = time.monotonic() + 90
    while (found := client.get(place).json())["state"] != "done" and time.monotonic() < until:
        time.sleep(0.05)
    assert found["answer"]["text"].endswith("You said: Explain webhooks")
    assert set(found) == {"id", "state", "text", "tools", "answer", "problem"}
    assert client.get("/api/ai/jobs/nothing").status_code == 404
    assert client.post("/api/ai/jobs", json={"message": ""}).status_code == 422


def test_an_odd_conversation_is_refused_at_once(client: TestClient) -> None:
    for odd in ("\ud800", "x" * 65):
        body = json.dumps({"message": "Hi", "conversation_id": odd})
        headers = {"Content-Type": "application/json"}
        response = client.post("/api/ai/jobs", content=body, headers=headers)
        assert response.status_code == 422
