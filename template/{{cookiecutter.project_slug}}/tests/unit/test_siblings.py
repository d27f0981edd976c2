"""Web processes tell each other what they have counted, and what happened."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from app.core.this_process import NUMBER_VARIABLE, SINCE_VARIABLE
from app.services.activity import ActivityLog, RequestRecord
from app.services.metrics import MetricsHistory
from app.services.metrics import siblings as module
from app.services.metrics.siblings import Siblings


class Process:
    """What one web process keeps."""

    def __init__(self, folder: Path) -> None:
        self.metrics = MetricsHistory()
        self.activity = ActivityLog()
        self.siblings = Siblings(folder, self.metrics, self.activity)

    def answer(self, path: str, at: float, status: int = 200) -> None:
        """Answer a request."""
        self.metrics.count_request(status, 0.010)
        self.activity.add_request(RequestRecord(at, "GET", path, status, 10.0, "id"))
        if status == 500:
            self.activity.add_error(at, f"GET {path}", ValueError(path), "id")


class Together:
    """Web processes that one has started."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch

    async def start(self, number: int, since: str = "2026-11-29T10:00:00+00:00") -> Process:
        """The one of this number."""
        self.monkeypatch.setenv(NUMBER_VARIABLE, str(number))
        self.monkeypatch.setenv(SINCE_VARIABLE, since)
        found = Process(self.folder)
        await found.siblings.begin()
        return found


@pytest.fixture
def together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Together:
    return Together(tmp_path / "figures", monkeypatch)


async def test_each_knows_the_figures_of_all(together: Together) -> None:
    one, two = [await together.start(number) for number in (1, 2)]
    one.answer("/a", at=1.0)
    two.answer("/b", at=2.0, status=500)
    one.answer("/c", at=3.0)
    for process in (one, two, one, two):
        await process.siblings.exchange()
    for process in (one, two):
        assert process.metrics.processes == 2
        assert process.metrics.requests_total == 3
        assert process.metrics.errors_total == 1
        assert round(process.metrics.average_ms) == 10
        assert [record.path for record in process.activity.requests()] == ["/c", "/b", "/a"]
        assert [record.path for record in process.activity.requests(limit=1)] == ["/c"]
        assert [error.message for error in process.activity.errors()] == ["/b"]


async def test_rates_are_those_of_all_and_begin_when_a_process_is_first_heard(
    together: Together,
) -> None:
    one = await together.start(1)
    for _ in range(100):
        one.answer("/", at=1.0)
    await one.siblings.exchange()
    two = await together.start(2)
    assert two.metrics.requests_total == 100
    # What came long before is not of this moment.
    assert two.metrics.take_sample().requests_per_second == 0
    one.answer("/", at=2.0, status=500)
    two.answer("/", at=2.0)
    await one.siblings.exchange()
    await two.siblings.exchange()
    sample = two.metrics.take_sample()
    assert sample.requests_per_second == 2 * sample.errors_per_second > 0
    assert round(sample.average_ms) == 10
    assert sample.process_memory_bytes > two.metrics.others_memory_bytes > 0


async def test_a_process_goes_on_where_the_one_that_it_replaces_was(together: Together) -> None:
    one = await together.start(1)
    one.answer("/a", at=1.0, status=500)
    await one.siblings.exchange()
    again = await together.start(1)
    assert again.metrics.requests_total == 1
    assert again.metrics.take_sample().requests_per_second == 0
    assert [record.path for record in again.activity.requests()] == ["/a"]
    assert [error.message for error in again.activity.errors()] == ["/a"]
    # Not so where all were started anew.
    later = await together.start(1, since="2026-11-29T11:00:00+00:00")
    assert later.metrics.requests_total == 0


async def test_who_is_told_to_end_leaves_all_its_counts_to_who_replaces_it(
    together: Together,
) -> None:
    one, two = [await together.start(number) for number in (1, 2)]
    two.answer("/", at=1.0, status=500)
    await two.siblings.end()
    # Nobody sees a total that falls meanwhile.
    await one.siblings.exchange()
    assert one.metrics.requests_total == 1
    again = await together.start(2)
    assert again.metrics.requests_total == 1
    assert [error.message for error in again.activity.errors()] == ["/"]
    await one.siblings.exchange()
    assert one.metrics.requests_total == 1


async def test_those_that_have_ended_for_good_are_forgotten(together: Together) -> None:
    one, two = [await together.start(number) for number in (1, 2)]
    for process in (one, two):
        process.answer("/", at=1.0, status=500)
        await process.siblings.end()
    # One was killed while it wrote.
    draft = next(together.folder.glob("*web-2.json"))
    draft.with_name(f"{draft.name}.draft").touch()
    module.forget(["web-1", "web-2"], together.folder)
    assert list(together.folder.iterdir()) == []


async def test_who_is_not_one_of_several_is_gone_at_once(together: Together) -> None:
    one, two = [await together.start(number, since="") for number in (1, 2)]
    two.answer("/", at=1.0, status=500)
    await two.siblings.exchange()
    await one.siblings.exchange()
    assert one.metrics.processes == 2
    await two.siblings.end()
    await one.siblings.exchange()
    assert one.metrics.processes == 1
    assert not list(together.folder.glob("*web-2*"))
    # Also if it was about to tell something.
    await two.siblings.exchange()
    assert not list(together.folder.glob("*web-2*"))


async def test_who_says_nothing_any_more_is_gone(
    together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = [await together.start(number) for number in (1, 2)]
    two.answer("/", at=1.0)
    await two.siblings.exchange()
    monkeypatch.setattr(module, "GONE_SECONDS", -1.0)
    await one.siblings.exchange()
    assert (one.metrics.processes, one.metrics.requests_total) == (1, 0)
    assert one.activity.requests() == []
    monkeypatch.setattr(module, "FORGOTTEN_SECONDS", -1.0)
    await one.siblings.exchange()
    assert [file.name.split(".")[1] for file in together.folder.glob("*.json")] == ["web-1"]


async def test_who_tells_seldom_is_not_gone_between(
    together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = [await together.start(number) for number in (1, 2)]
    monkeypatch.setattr(module, "GONE_SECONDS", -1.0)
    one.siblings.interval = 60.0
    await one.siblings.exchange()
    assert one.metrics.processes == 2
    one.siblings.interval = two.siblings.interval = 0.0
    await one.siblings.exchange()
    assert one.metrics.processes == 1


async def test_the_errors_of_who_is_gone_are_not_kept(together: Together) -> None:
    one, two = [await together.start(number, since="") for number in (1, 2)]
    two.answer("/", at=1.0, status=500)
    await two.siblings.exchange()
    await one.siblings.exchange()
    assert len(one.siblings.errors()) == 1
    await two.siblings.end()
    await one.siblings.exchange()
    assert one.siblings.errors() == []


async def test_a_folder_that_cannot_be_written_is_said_once_and_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "figures").touch()
    process = Process(tmp_path / "figures")
    await process.siblings.begin()
    process.answer("/a", at=1.0)
    await process.siblings.exchange()
    assert caplog.text.count("figures_not_shared") == 1
    assert process.metrics.requests_total == 1


async def test_what_is_no_file_of_theirs_is_passed_over(together: Together) -> None:
    one = await together.start(1)
    (together.folder / "other.json").write_text("{")
    await one.siblings.exchange()
    assert one.metrics.processes == 1


COUNTS = [1, 0, 0.1]
REQUEST = [1.0, "GET", "/theirs", 200, 10.0, "id"]
ERROR = [1.0, "GET /theirs", "ValueError", "no", "id", "", 500]


@pytest.mark.parametrize(
    ("first", "requests", "errors", "processes"),
    [
        (["now", "", COUNTS, 1], [REQUEST], [ERROR], 2),
        (None, [], [], 1),
        (["now", "", [*COUNTS, 7], 1], [], [], 1),
        (["now", "", COUNTS, 1, "more"], [], [], 1),
        (["now", "", COUNTS, 1], [[*REQUEST, "more"]], [[*ERROR, "more"]], 2),
    ],
)
async def test_what_another_release_tells_otherwise_is_passed_over(
    together: Together, first: Any, requests: list[Any], errors: list[Any], processes: int
) -> None:
    """Containers of two releases share a folder while one replaces the other."""
    told = json.dumps(first).replace('"now"', str(time.time()))
    together.folder.mkdir()
    (together.folder / "other.web.json").write_text(f"{told}\n{json.dumps(requests)}")
    (together.folder / "other.web.errors").write_text(json.dumps(errors))
    one = await together.start(1)
    assert one.metrics.processes == processes
    known = [record.path for record in one.activity.requests()]
    assert known == (["/theirs"] if requests == [REQUEST] else [])
    assert len(one.activity.errors()) == len(known)
