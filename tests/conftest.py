"""Every test runs sealed: a HOME of its own, fixed dates, no user's git configuration.

Templates and projects that many tests start from are built once per session. `story` is shared and must not be
changed; `project` is a copy of one's own.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from aegis_cli.cli.app import run
from aegis_cli.project import lock
from tests.support.project import Aegis, ProjectRepo, Refused, seal, trusted
from tests.support.project import story as make_story
from tests.support.template import TemplateRepo


def pytest_configure() -> None:
    """Heed signals that the tests' starter ignores (nohup, a shell's `&`): what the tests start inherits that."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(
                number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
            )


@pytest.fixture(autouse=True)
def sealed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Seal the environment and return the HOME that holds."""
    home = tmp_path_factory.mktemp("home")
    seal(home, monkeypatch)
    # What a killed run left at work ends sooner, and later on a busy machine.
    monkeypatch.setattr(lock, "_PATIENCE", 120.0)
    return home


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TemplateRepo, ProjectRepo]:
    """Build the shared template, and a project of its v0.1.0 with the scheduler, once."""
    place = tmp_path_factory.mktemp("built")
    home = place / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        seal(home, patch)
        template = make_story(place / "template")
        project = ProjectRepo.init(template, place, "scheduler", ref="v0.1.0")
    return template, project


@pytest.fixture
def story(built: tuple[TemplateRepo, ProjectRepo]) -> TemplateRepo:
    """A template with releases v0.1.0, v0.2.0 and v0.3.0; shared: read it only."""
    return trusted(built[0])


@pytest.fixture
def project(
    story: TemplateRepo, built: tuple[TemplateRepo, ProjectRepo], tmp_path: Path
) -> ProjectRepo:
    """A project of `story` at v0.1.0 with the scheduler, at tmp_path / "app"."""
    return ProjectRepo.copy(built[1], tmp_path / "app")


@pytest.fixture
def aegis(capfd: pytest.CaptureFixture[str]) -> Aegis:
    """Run the command line in this process: (exit status, standard output, standard error)."""

    def call(*argv: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run([str(word) for word in argv])
        said = capfd.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def refused(aegis: Aegis) -> Refused:
    """Run the command line, expect a refusal that changes nothing at all, and return its words."""

    def call(project: ProjectRepo, *argv: str | Path, code: int = 1) -> str:
        before = project.snapshot()
        got, out, err = aegis(*argv, "--project-path", project.path)
        assert (got, out) == (code, ""), f"{got}: {out}{err}"
        assert err.startswith("Error: ")
        assert "\n  Next: " in err, "a refusal names the next command"
        assert project.snapshot() == before
        return err

    return call
