"""Whatever anybody sends, with whatever rights: an answer or a problem, never a failure.

`tests/generated/test_any_request.py` puts this into a generated project and runs it there, beside Schemathesis.
"""

import os
from collections import Counter
from typing import Any

import pytest
import schemathesis
from app.services.ai import demo
from app.services.auth import throttle
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from tests.auth.support import Headers, as_user
from tests.fixtures.auth import MakeUser

EXAMPLES = int(os.environ.get("EXAMPLES", "10"))
ACCOUNTS = {None: "", "user": "ada@example.com", "admin": "root@example.com"}
NOT_READY = "/health/ready"
"""It says by a 503 that something is missing."""


@pytest.mark.parametrize("role", ACCOUNTS)
def test_no_request_is_a_failure(
    app: FastAPI, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch, role: str | None
) -> None:
    """Ask every operation of the schema for what the schema allows."""
    monkeypatch.setattr(demo, "PAUSE_SECONDS", 0.0)
    make_user()
    make_user("root@example.com", role="admin")
    schema = schemathesis.openapi.from_dict(app.openapi())
    answers: Counter[int] = Counter()
    failures: list[tuple[str, int, dict[str, Any]]] = []
    how = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with TestClient(app, raise_server_exceptions=False, base_url="https://testserver") as client:

        def ask(operation: Any) -> None:
            @how
            @given(case=operation.as_strategy())
            def send(case: Any) -> None:
                throttle.limiter.cache_clear()
                # Each time anew: some requests end the session.
                headers: Headers = as_user(client, ACCOUNTS[role]) if role else {}
                client.cookies.clear()
                request = case.as_transport_kwargs(base_url="https://testserver")
                request["headers"] = {**(request.get("headers") or {}), **headers}
                request.pop("cookies", None)
                if isinstance(request.get("data"), str | bytes):
                    request["content"] = request.pop("data")
                status = client.request(**request).status_code
                answers[status] += 1
                if status >= 500 and operation.path != NOT_READY:
                    failures.append((operation.label, status, request))

            send()

        for found in schema.get_all_operations():
            ask(found.ok())
    print(role or "a stranger", dict(sorted(answers.items())))  # noqa: T201
    assert failures == []
    # The walk means something only if it got in somewhere.
    assert answers[200] > 0
