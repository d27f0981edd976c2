"""The activity log."""

from app.services.activity import ActivityLog, RequestRecord
from app.services.activity.log import TRACEBACK_LENGTH


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


def test_an_error_keeps_where_it_happened() -> None:
    log = ActivityLog()
    try:
        raise RuntimeError("token=hunter2 " + "x" * 2 * TRACEBACK_LENGTH) from KeyError("id")
    except RuntimeError as error:
        log.add_error(0.0, "GET /", error, "long", 500)
    try:
        raise RuntimeError("token=hunter2 is wrong") from KeyError("id")
    except RuntimeError as error:
        log.add_error(0.0, "GET /", error, "short", 500)
    short, long = log.errors()
    assert short.status == 500
    assert "KeyError: 'id'" in short.traceback
    assert 'File "tests/unit/test_activity.py"' in short.traceback
    assert short.traceback.endswith("RuntimeError: token=*** is wrong\n")
    assert len(long.traceback) == TRACEBACK_LENGTH
