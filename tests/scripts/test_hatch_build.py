"""What is installed carries the template repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, SourceRepository, component, git

pytest.importorskip("hatchling")

BUNDLE = "aegis_cli/embedded/template.bundle"
SCAFFOLD = "aegis_cli/scaffold"
SLUG = "{{cookiecutter.project_slug}}"


@pytest.fixture
def checkout(source: SourceRepository) -> SourceRepository:
    """Our build configuration and scripts, around a template that is quick to read."""
    ignored = shutil.ignore_patterns("__pycache__", "bench", "embedded")
    for folder in ("aegis_cli", "scripts"):
        shutil.copytree(ROOT / folder, source.root / folder, ignore=ignored)
    for name in ("pyproject.toml", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, source.root)
    source.commit("engine: begin", {"README.md": "# Sample\n"})
    source.commit(
        "template: begin",
        {
            "template/cookiecutter.json": '{"project_slug": "sample"}\n',
            f"template/{SLUG}/README.md": "# {{ cookiecutter.project_slug }}\n",
        },
    )
    source.commit("scheduler: begin", component("scheduler", {f"{SLUG}/jobs.py": "jobs = []\n"}))
    source.commit("auth: begin", component("auth", {f"{SLUG}/auth.py": "\n"}, kind="service"))
    return source


def test_sdist_then_wheel_carry_the_branches(checkout: SourceRepository, tmp_path: Path) -> None:
    (sdist,) = _build("sdist", checkout.root, tmp_path / "dist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    (wheel,) = _build("wheel", unpacked, tmp_path / "dist")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.namelist().count(BUNDLE) == 1
        scaffold = {p for p in (ROOT / SCAFFOLD).rglob("*") if p.is_file()}
        assert {str(p.relative_to(ROOT)) for p in scaffold} <= set(archive.namelist())
        bundle = archive.extract(BUNDLE, tmp_path)
    checkout.root.rename(tmp_path / "gone")

    assert Path(bundle).read_bytes() == (unpacked / BUNDLE).read_bytes()
    git(tmp_path, "clone", "--quiet", "--mirror", bundle, "clone.git")
    branches = git(tmp_path / "clone.git", "branch", "--format=%(refname:lstrip=2)").splitlines()
    assert branches == ["component/scheduler", "main", "service/auth"]

    cookiecutter = [sys.executable, "-m", "cookiecutter", "--no-input", "--output-dir", "made"]
    url = (tmp_path / "clone.git").as_uri()
    for branch in ("main", "component/scheduler"):
        subprocess.run(
            [*cookiecutter, url, "--checkout", branch, "project_slug=made-" + branch[:4]],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
    assert (tmp_path / "made/made-main/README.md").read_text() == "# made-main\n"
    assert (tmp_path / "made/made-comp/jobs.py").exists()


def test_a_wheel_straight_from_the_checkout_carries_what_is_committed(
    checkout: SourceRepository, tmp_path: Path
) -> None:
    (checkout.root / BUNDLE).parent.mkdir()
    (checkout.root / BUNDLE).write_text("from an earlier build")
    checkout.write({f"template/{SLUG}/README.md": "not committed\n"})
    (wheel,) = _build("wheel", checkout.root, tmp_path / "dist")
    with zipfile.ZipFile(wheel) as archive:
        bundle = archive.extract(BUNDLE, tmp_path)

    git(tmp_path, "clone", "--quiet", bundle, "clone")
    readme = tmp_path / "clone" / SLUG / "README.md"
    assert readme.read_text() == "# {{ cookiecutter.project_slug }}\n"
    assert not git(checkout.root, "status", "--porcelain", "--", "aegis_cli")


def test_a_build_without_a_template_is_refused(checkout: SourceRepository, tmp_path: Path) -> None:
    shutil.rmtree(checkout.root / ".git")
    shutil.rmtree(checkout.root / "template")

    with pytest.raises(subprocess.CalledProcessError) as failure:
        _build("wheel", checkout.root, tmp_path / "dist")
    assert b"there is no template yet" in failure.value.stderr


def test_the_build_needs_the_same_gitpython_as_the_program() -> None:
    """The hook runs `aegis_cli.git`, so what that imports is asked for at two places."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [line for line in told["project"]["dependencies"] if line.startswith("GitPython")]
    assert [line for line in told["build-system"]["requires"] if line.startswith("Git")] == needed


def _build(target: str, root: Path, into: Path) -> list[Path]:
    """As a build front end does it, without the environment that it makes first."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)],
        cwd=root,
        check=True,
        capture_output=True,
    )
    return list(into.glob("*.tar.gz" if target == "sdist" else "*.whl"))
