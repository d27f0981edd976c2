"""The activity log."""

from app.services.activity import ActivityLog, RequestRecord


def test_it_is_bounded_and_newest_first() -> None:
    log = ActivityLog(length=2)
    for number in range(3):
        log.add_request(RequestRecord(number, "GET", f"/{number}", 200, 1.0, "id"))
    assert [record.path for record in log.requests()] == ["/2", "/1"]
    assert [record.path for record in log.requests(limit=1)] == ["/2"]


def test_errors_keep_their_secrets() -> None:
    log = ActivityLog()
    log.add_error(0.0, "GET /", ValueError("login failed: password=hunter2"), "id")
    [error] = log.errors()
    assert error.kind == "ValueError"
    assert error.message == "login failed: password=***"
