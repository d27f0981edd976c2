"""Values as people read them."""

import pytest

from app.core import formatting


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "under a minute"),
        (60, "1 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_are_as_coarse_as_people_say_them(seconds: float, text: str) -> None:
    assert formatting.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (2048, "2.0 KB"), (65 * 1024**2, "65 MB"), (1.5 * 1024**3, "1.5 GB")],
)
def test_sizes(count: float, text: str) -> None:
    assert formatting.size(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs"), (12_345, "12,345 jobs")]
)
def test_one_is_not_many(count: int, text: str) -> None:
    assert formatting.many(count, "job") == text


def test_long_values_are_cut() -> None:
    assert formatting.shorten("x" * 22) == "x" * 22
    assert formatting.shorten("x" * 23) == "x" * 21 + "…"


@pytest.mark.parametrize(
    ("key", "value", "label", "text"),
    [
        ("requests_total", 12345, "Requests total", "12,345"),
        ("average_ms", 3.21, "Average", "3.2 ms"),
        ("file_bytes", 2048, "File", "2.0 KB"),
        ("disk_percent", 81.0, "Disk", "81 %"),
        ("lag_seconds", 90, "Lag", "1 min"),
        ("api_url", "localhost", "API URL", "localhost"),
        ("embedded", True, "Embedded", "yes"),
        ("next_run", None, "Next run", formatting.NOTHING),
    ],
)
def test_the_end_of_a_key_says_the_unit(key: str, value: object, label: str, text: str) -> None:
    assert formatting.label(key) == label
    assert formatting.detail(key, value) == text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "redis://user:hunter2@cache:6379/0"),
        ("password", "hunter2"),
        ("api_key", "hunter2"),
        ("header", "Authorization: Bearer hunter2hunter2"),
    ],
)
def test_secrets_are_masked(key: str, value: str) -> None:
    assert "hunter2" not in formatting.detail(key, value)
