"""The scheduler's memory in files: no server, no database."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

from app.core.constants import DATA
from app.core.filelock import file_lock
from app.services.scheduler.models import Heartbeat, Run

MAX_BYTES = 500_000
LOOKED_AT_RUNS = 1000


def scheduler_folder() -> Path:
    """Where the files are."""
    return DATA / "scheduler"


class FileMemory:
    """A heartbeat, which is written anew, and a line for each run."""

    def __init__(self) -> None:
        self.folder = scheduler_folder()
        self.beat_file = self.folder / "heartbeat.json"
        self.runs_file = self.folder / "runs.jsonl"
        self.older_runs_file = self.folder / "runs.older.jsonl"
        self.asked_folder = self.folder / "asked"

    @contextmanager
    def hold(self) -> Generator[Callable[[], bool]]:
        """A lock on a file."""
        with file_lock(self.folder / "scheduler.lock") as is_ours:
            yield lambda: is_ours

    def job_store(self) -> None:
        """Jobs live in the process."""

    def beat(self, heartbeat: Heartbeat) -> None:
        """Replace the file in one step, so that nobody reads half of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.beat_file.with_suffix(".part")
        part.write_text(heartbeat.model_dump_json(), encoding="utf-8")
        part.replace(self.beat_file)

    def last_beat(self) -> Heartbeat | None:
        """Read the file."""
        try:
            return Heartbeat.model_validate_json(self.beat_file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def add_run(self, run: Run) -> None:
        """Add a line; a file that has grown large takes the place of the older one.

        Renaming loses no line of a process that writes at that moment.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.runs_file.open("a", encoding="utf-8") as file:
            file.write(run.model_dump_json() + "\n")
        with file_lock(self.folder / "runs.lock") as is_ours:
            if is_ours and self.runs_file.stat().st_size > MAX_BYTES:
                self.runs_file.replace(self.older_runs_file)

    def runs(self, limit: int = 50, job: str | None = None) -> list[Run]:
        """Read from the end."""
        found: list[Run] = []
        for line in reversed([*lines_of(self.older_runs_file), *lines_of(self.runs_file)]):
            if len(found) >= limit:
                break
            try:
                run = Run.model_validate_json(line)
            except ValidationError:
                continue  # A line that a crash has cut off.
            if job in (None, run.job):
                found.append(run)
        return found

    def last_runs(self) -> dict[str, Run]:
        """The latest run of each job."""
        return {run.job: run for run in reversed(self.runs(LOOKED_AT_RUNS))}

    def ask_for(self, job: str) -> None:
        """A file for each wish, so that none gets lost while others are taken."""
        self.asked_folder.mkdir(parents=True, exist_ok=True)
        part = self.asked_folder / f"{uuid4().hex}.part"
        part.write_text(job, encoding="utf-8")
        part.replace(part.with_suffix(".job"))

    def take_asked(self) -> set[str]:
        """Read the files, and remove them."""
        found = set()
        for path in self.asked_folder.glob("*.job"):
            found.add(path.read_text(encoding="utf-8"))
            path.unlink()
        return found

    def registered(self) -> set[str]:
        """Nothing: jobs that live in memory are gone after a restart."""
        return set()

    def remember_registered(self, jobs: set[str]) -> None:
        """Nothing to remember."""


def lines_of(path: Path) -> list[str]:
    """A file's lines; none where there is no file."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
