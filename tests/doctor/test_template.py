"""What `aegis doctor` says of the template. It renders nothing, and asks no address that is not known and trusted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aegis_cli.template import mirrors
from tests.doctor.conftest import Doctor
from tests.support.git import git
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    made = TemplateRepo(tmp_path / "template")
    made.main("Start", {"a.txt": "1\n"})
    made.release("v0.1.0")
    return made


@pytest.fixture
def app(template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    return ProjectRepo.init(template.path.as_uri(), tmp_path)


def copy_of(template: TemplateRepo) -> Path:
    found = mirrors.known(template.path.as_uri())
    assert found is not None
    return found


def damage(place: Path) -> None:
    """Lose what the branches lead to, and leave the branches."""
    for folder in (place / "objects").iterdir():
        if folder.name != "info":
            shutil.rmtree(folder)


def forget_trust(home: Path) -> None:
    (home / ".config/aegis/trusted-templates.txt").unlink()


def test_a_folder(project: ProjectRepo, story: TemplateRepo, doctor: Doctor) -> None:
    told = doctor(project.path)
    assert told.about("template", "Commit")["level"] == "ok"
    assert "is trusted" in told.about("template", "Trust")["text"]


def test_an_address_that_answers(app: ProjectRepo, doctor: Doctor) -> None:
    told = doctor(app.path)
    assert told.levels == {}
    assert "answers" in told.about("template", "Address")["text"]


def test_an_address_that_does_not_answer(
    app: ProjectRepo, template: TemplateRepo, doctor: Doctor
) -> None:
    """The copy is enough for all but news."""
    template.path.rename(template.path.with_name("gone"))
    told = doctor(app.path)
    assert told.levels == {"warning": ["template Address"]}
    assert told.about("template", "Commit")["level"] == "ok"


def test_an_unknown_address_is_not_asked(
    app: ProjectRepo, template: TemplateRepo, sealed: Path, doctor: Doctor
) -> None:
    """Not even where it is trusted, and not to repair anything."""
    shutil.rmtree(sealed / "cache")
    told = doctor(app.path, "--fix")
    assert told.levels == {"warning": ["template Template"]}
    assert "was not asked" in told.about("template", "Template")["text"]
    assert mirrors.known(template.path.as_uri()) is None


def test_an_address_that_is_not_trusted_is_not_asked(
    app: ProjectRepo, template: TemplateRepo, sealed: Path, doctor: Doctor
) -> None:
    forget_trust(sealed)
    template.path.rename(template.path.with_name("gone"))
    told = doctor(app.path)
    assert "not asked" in told.about("template", "Address")["text"]
    assert told.levels == {"warning": ["template Trust"]}


def test_a_damaged_copy_is_fetched_anew(
    app: ProjectRepo, template: TemplateRepo, doctor: Doctor
) -> None:
    """With `--fix`; without it nothing is fetched."""
    place = copy_of(template)
    damage(place)
    assert doctor(app.path).levels["problem"] == ["template Template"]
    assert mirrors.lacks(place)

    told = doctor(app.path, "--fix")

    assert told.levels == {}
    assert told.repairs == [f"fetch {template.path.as_uri()} anew"]
    assert mirrors.lacks(place) == ""


def test_one_object_that_is_missing_is_found(
    app: ProjectRepo, template: TemplateRepo, doctor: Doctor
) -> None:
    """All that the branches lead to is looked for."""
    place = copy_of(template)
    (pack,) = (place / "objects/pack").glob("*.pack")
    content = pack.read_bytes()
    for file in (place / "objects/pack").iterdir():
        file.chmod(0o600)
        file.unlink()
    (place / "loose.pack").write_bytes(content)
    with (place / "loose.pack").open("rb") as file:
        git_unpack(place, file.read())
    blob = git(place, "rev-parse", "main:{{cookiecutter.project_slug}}/a.txt")
    (place / "objects" / blob[:2] / blob[2:]).unlink()

    assert "damaged" in doctor(app.path).about("template", "Template")["text"]


def git_unpack(place: Path, pack: bytes) -> None:
    import subprocess

    subprocess.run(["git", "unpack-objects", "-q"], cwd=place, input=pack, check=True)


def test_a_damaged_copy_of_what_is_not_trusted_stays(
    app: ProjectRepo, template: TemplateRepo, sealed: Path, doctor: Doctor
) -> None:
    """Nothing is fetched from there, also not to repair it."""
    damage(copy_of(template))
    forget_trust(sealed)
    told = doctor(app.path, "--fix")
    assert told.levels["problem"] == ["template Template"]
    assert told.data["repairs"] == []


def test_the_recorded_commit_is_gone(
    app: ProjectRepo, template: TemplateRepo, doctor: Doctor, aegis: Aegis
) -> None:
    """A history that was made anew."""
    shutil.rmtree(template.path)
    again = TemplateRepo(template.path)
    again.main("Start anew", {"b.txt": "1\n"})
    shutil.rmtree(copy_of(template))
    assert aegis("update", "--dry-run", "--project-path", app.path)[0] in (0, 1, 3)

    told = doctor(app.path)

    assert told.levels["problem"] == ["template Commit"]
    assert told.about("template", "Commit")["next"] == "aegis update"


def test_a_release_that_moved(
    app: ProjectRepo, template: TemplateRepo, aegis: Aegis, doctor: Doctor
) -> None:
    template.main("More", {"a.txt": "2\n"})
    git(template.path, "tag", "--force", "v0.1.0")
    assert aegis("update", "--dry-run", "--project-path", app.path)[0] == 0
    assert doctor(app.path).levels == {"warning": ["template Release"]}


def test_a_folder_that_is_gone(project: ProjectRepo, tmp_path: Path, doctor: Doctor) -> None:
    text = project.read(".aegis/project.yml")
    source = next(line for line in text.splitlines() if "source:" in line)
    project.commit(
        "Moved", {".aegis/project.yml": text.replace(source, f"  source: {tmp_path}/none")}
    )
    assert doctor(project.path).levels["problem"] == ["template Template"]
