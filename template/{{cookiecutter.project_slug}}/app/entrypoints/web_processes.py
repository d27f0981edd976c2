"""Several web processes that share one port: `WEB_WORKERS`.

What each has counted is in a folder of theirs, so whoever asks one of them is told the figures of all.
"""

import signal
import sys
import tempfile
from datetime import UTC, datetime

from app.core.config import settings
from app.core.constants import PROJECT_SLUG
from app.core.logging import configure_logging, get_logger
from app.core.supervisor import Child, Supervisor
from app.core.this_process import FOLDER_VARIABLE, NUMBER_VARIABLE, SINCE_VARIABLE
from app.entrypoints.port import bind_port, refuse_taken_port

log = get_logger(__name__)


class WebProcesses(Supervisor):
    """Replaces those that end. What they say is theirs, as if each were alone."""

    def say(self, name: str, text: str) -> None:
        """Log it."""
        log.warning("web_process", process=name, reason=text)


def serve_several() -> None:
    """Be the one that has `WEB_WORKERS` web processes."""
    configure_logging(settings)
    refuse_taken_port()
    try:
        # Nobody else gets the port as long as this socket has it, though all of them are replaced at once.
        kept = bind_port(shared=True)
    except OSError as error:
        sys.exit(f"Nobody can listen on {settings.HOST}, port {settings.PORT}: {error}")
    # A signal that comes before the supervisor takes it leaves no folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with kept, tempfile.TemporaryDirectory(prefix=f"{PROJECT_SLUG}-") as folder:
        found = WebProcesses(children(folder))
        code = found.run()
        forget_figures(found.children)
    # A bad setting stays bad: whoever watches this process need not try again.
    sys.exit(2 if any(child.exit_code == 2 for child in found.children) else code)


def forget_figures(ended: list[Child]) -> None:
    """Let web processes elsewhere, if they share a folder with these, not count what these have counted."""
    if settings.FIGURES_DIR is not None:
        # Heavy, and of no use to this process before.
        from app.services.metrics.siblings import forget

        forget([child.name for child in ended], settings.FIGURES_DIR)


def children(folder: str) -> list[Child]:
    """All of them, not started."""
    shared = {
        FOLDER_VARIABLE: folder,
        SINCE_VARIABLE: datetime.now(UTC).isoformat(),
        "FIGURES_DIR": str(settings.FIGURES_DIR or folder),
    }
    return [
        Child(
            f"web-{number}",
            [sys.executable, "-m", "app.entrypoints", "web"],
            settings.WEB_DRAIN_SECONDS + settings.WEB_STOP_SECONDS,
            environment=shared | {NUMBER_VARIABLE: str(number)},
            # Somebody may end one of them: the others are not to stay fewer.
            is_kept=True,
            is_prefixed=False,
        )
        for number in range(1, settings.WEB_WORKERS + 1)
    ]
