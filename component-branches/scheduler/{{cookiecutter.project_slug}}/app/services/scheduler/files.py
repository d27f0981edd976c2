"""The scheduler's memory in files: no server, no database."""

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

from app.core.constants import DATA
from app.core.filelock import file_lock
from app.core.logging import get_logger
from app.services.scheduler.models import Heartbeat, Run, Wish, read_wishes

log = get_logger(__name__)

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
        self.paused_file = self.folder / "paused.json"

    @contextmanager
    def hold(self) -> Generator[Callable[[], bool]]:
        """A lock on a file."""
        with file_lock(self.folder / "scheduler.lock") as is_ours:
            yield lambda: is_ours

    def job_store(self) -> None:
        """Jobs live in the process."""

    def beat(self, heartbeat: Heartbeat) -> None:
        """Replace the file."""
        replace(self.beat_file, heartbeat.model_dump_json())

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

    def ask_for(self, wish: Wish) -> None:
        """A file for each wish, so that none gets lost while others are taken."""
        replace(self.asked_folder / f"{time_ordered()}.json", wish.model_dump_json())

    def take_asked(self) -> list[Wish]:
        """Read the files, and remove them."""
        texts = []
        for path in sorted(self.asked_folder.glob("*.json")):
            texts.append(path.read_bytes())
            path.unlink()
        return read_wishes(texts)

    def paused(self) -> set[str]:
        """Read the file; one that somebody has spoilt pauses nothing, and keeps no scheduler from starting."""
        try:
            return set(json.loads(self.paused_file.read_bytes()))
        except FileNotFoundError:
            return set()
        except (ValueError, TypeError):
            log.error("paused_jobs_unreadable", file=str(self.paused_file))
            return set()

    def remember_paused(self, jobs: set[str]) -> None:
        """Replace the file."""
        replace(self.paused_file, json.dumps(sorted(jobs)))

    def registered(self) -> set[str]:
        """Nothing: jobs that live in memory are gone after a restart."""
        return set()

    def remember_registered(self, jobs: set[str]) -> None:
        """Nothing to remember."""


def time_ordered() -> str:
    """A name that no other wish has; names of later ones come later."""
    return f"{time.time_ns():020}-{uuid4().hex}"


def replace(path: Path, text: str) -> None:
    """Replace a file in one step, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def lines_of(path: Path) -> list[str]:
    """A file's lines; none where there is no file."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
