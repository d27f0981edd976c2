"""From what the services say to what people read."""

import pytest

from app.components.frontend.frame import build_frame
from app.services.activity import ErrorRecord, RequestRecord
from app.services.system import Alert, CheckResult
from tests.dashboard.support import NOW, make_frame, make_sample, make_status


def test_a_healthy_system() -> None:
    frame = make_frame()
    assert frame.headline == "All systems are healthy"
    backend = frame.components["backend"]
    assert backend.title == "Backend"
    assert backend.since == "5 min"
    assert [(f.label, f.value) for f in backend.figures] == [("Requests total", "1,234")]


@pytest.mark.parametrize(
    ("checks", "headline"),
    [
        ([("cache", CheckResult.degraded("Slow"))], "Cache is degraded"),
        ([("cache", CheckResult.unhealthy("Gone"))], "Cache is unhealthy"),
        (
            [
                ("api", CheckResult.healthy()),
                ("cache", CheckResult.degraded("Slow")),
                ("queue", CheckResult.unhealthy("Gone")),
            ],
            "2 of 3 components need attention",
        ),
    ],
)
def test_the_headline_names_the_trouble(
    checks: list[tuple[str, CheckResult]], headline: str
) -> None:
    assert make_frame(*checks).headline == headline


def test_parts_have_a_state_of_their_own() -> None:
    worker = CheckResult(
        children={"load_test": CheckResult.degraded("Falls behind", depth=1200)},
    )
    part = make_frame(("worker", worker)).components["worker"].parts[0]
    assert (part.title, part.state.value, part.figures[0].value) == (
        "Load test",
        "degraded",
        "1,200",
    )


def test_secrets_never_show() -> None:
    check = CheckResult.unhealthy("postgresql://app:hunter2@db failed", dsn="password=hunter2")
    check.children["primary"] = CheckResult.unhealthy("token=hunter2")
    error = ErrorRecord(NOW.timestamp(), "job", "OSError", "api_key=hunter2", None)
    assert "hunter2" not in repr(make_frame(("database", check), errors=[error]))


def test_requests_and_errors() -> None:
    request = RequestRecord(NOW.timestamp(), "GET", "/api/things", 200, 3.21, "abc")
    error = ErrorRecord(NOW.timestamp(), "GET /api/things", "KeyError", "'id'", "abc")
    frame = make_frame(requests=[request], errors=[error])
    assert frame.requests[0] == ("12:00:00", "GET", "/api/things", 200, "3.2 ms", "abc")
    assert frame.errors[0][:5] == ("12:00:00", "GET /api/things", "KeyError", "'id'", "abc")


def test_an_error_is_found_by_its_request_or_its_time() -> None:
    request = ErrorRecord(NOW.timestamp(), "GET /", "KeyError", "'id'", "abc", "token=hunter2", 500)
    job = ErrorRecord(NOW.timestamp(), "ai", "OSError", "away", None)
    frame = make_frame(errors=[request, job])
    found = frame.error("abc")
    assert found is not None
    assert (found.when, found.status) == ("02 Jan 2026, 12:00:00 UTC", "500")
    assert found.traceback == "token=***"
    assert frame.error(frame.errors[1].key) == frame.errors[1]
    assert frame.error("nothing") is None


def test_a_chart_says_what_its_edges_stand_for() -> None:
    chart = make_frame().charts[0]
    assert (chart.top, chart.start) == ("50 %", "2 min ago")


def test_the_headline_knows_of_alerts() -> None:
    alert = Alert(resource="cpu", value=97, threshold=90, message="CPU is at 97 %")
    assert make_frame(alerts=[alert]).headline != make_frame().headline


def test_samples_without_requests_do_not_count_in_the_average() -> None:
    samples = [make_sample(0, 0), make_sample(1, 10), make_sample(3, 20)]
    frame = build_frame(make_status(), samples, [], [])
    assert frame.charts[3].value == "17.5 ms"


def test_there_is_something_to_show_before_the_first_sample() -> None:
    frame = build_frame(make_status(), [], [], [])
    assert [chart.title for chart in frame.charts] == [
        "CPU",
        "Memory",
        "Requests",
        "Response time",
    ]
