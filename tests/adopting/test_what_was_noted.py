"""What other tools have noted is read as each of them writes it; it is input, and what cannot be used is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from aegis_cli.project.other_tools import Broken, Record, read, read_replay
from tests.adopting.conftest import cruft_file
from tests.support.git import commit, git
from tests.support.project import Aegis, ProjectRepo, Refused
from tests.support.template import TOP, TemplateRepo

COMMIT = "97a6a0eefe07c4b06d5b93ff9f3ee4f5728d86f4"
URL = "https://example.org/ada/template"
CONTEXT = {"name": "My App", "docker": True, "_template": URL, "_commit": COMMIT}
ANSWERS = {"name": "My App", "docker": True}


def noted(files: Mapping[str, object]) -> Record | None:
    """Read what stands in a project's files."""
    held = {
        path: content if isinstance(content, bytes) else json.dumps(content).encode()
        for path, content in files.items()
    }
    return read(held.get)


def cruft(**more: object) -> dict[str, object]:
    """Return what stands in `.cruft.json`."""
    known = {"template": URL, "commit": COMMIT, "checkout": None, "directory": None}
    return {".cruft.json": {**known, "context": {"cookiecutter": CONTEXT}, **more}}


# The forms


def test_cruft() -> None:
    assert noted(cruft()) == Record("cruft", ".cruft.json", URL, COMMIT, ANSWERS)
    found = noted(cruft(checkout="develop", directory="python/", skip=["docs/*", 3]))
    assert found == Record(
        "cruft", ".cruft.json", URL, COMMIT, ANSWERS, "python", "develop", ("docs/*",)
    )
    settings = {"pyproject.toml": b'[tool.cruft]\nskip = ["a", "docs/*"]\n'}
    again = noted({**cruft(skip=["docs/*"]), **settings})
    assert again is not None
    assert again.skip == ("docs/*", "a")
    for broken in (b"[tool", b"tool = 1\n", b"\xff", b"[tool.cruft]\nskip = 1\n"):
        assert noted({**cruft(), "pyproject.toml": broken}) is not None


def test_cutty() -> None:
    template = {"location": "gh:ada/template", "revision": COMMIT, "directory": None}
    found = noted({"cutty.json": {"template": template, "bindings": ANSWERS}})
    assert found == Record(
        "cutty", "cutty.json", "https://github.com/ada/template.git", COMMIT, ANSWERS
    )


def test_battenberg() -> None:
    content = {**CONTEXT, "_checkout": "v1.2", "_output_dir": "/x", "_extensions": ["a"]}
    found = noted({".cookiecutter.json": content})
    assert found == Record("battenberg", ".cookiecutter.json", URL, "v1.2", ANSWERS)
    assert noted({".cookiecutter.json": {"name": "not theirs"}}) is None


def test_copier() -> None:
    lines = b"# Changes here will be overwritten by Copier\n_src_path: git+%s\nname: My App\nyear: 2024\n"
    content = lines % URL.encode()
    for said, means in (
        ("v1.2.0", "v1.2.0"),
        ("v1.2.0-5-gfc1ba3d", "fc1ba3d"),
        ("fc1ba3d", "fc1ba3d"),
    ):
        found = noted({".copier-answers.yml": content + f"_commit: {said}\n".encode()})
        answers = {"name": "My App", "year": "2024"}
        assert found == Record("copier", ".copier-answers.yml", URL, means, answers)


def test_a_replay_file_of_cookiecutters() -> None:
    content = {"cookiecutter": {**CONTEXT, "_checkout": None}, "_cookiecutter": {"name": "x"}}
    found = read_replay("r.json", json.dumps(content).encode())
    assert found == Record("cookiecutter", "r.json", URL, "", ANSWERS)
    relative = {"cookiecutter": {**CONTEXT, "_template": "../template"}}
    assert read_replay("r.json", json.dumps(relative).encode()).source == ""
    with pytest.raises(Broken):
        read_replay("r.json", b"{}")


# What a stranger wrote

HOSTILE = {
    "not JSON": b"{",
    "nothing": b"",
    "bytes": b"\xff\xfe\x00",
    "no object": b"[]",
    "deep": b"[" * 100_000,
    "long": b'{"a": "' + b"x" * 300_000 + b'"}',
    "half a character": {**cruft()[".cruft.json"], "x": "\ud800"},  # type: ignore[dict-item]
    "no context": cruft(context=None)[".cruft.json"],
    "no answers": cruft(context={"cookiecutter": []})[".cruft.json"],
    "no template": cruft(template=None)[".cruft.json"],
    "a number": cruft(template=7)[".cruft.json"],
    "a password": cruft(template="https://me:hunter2@example.org/x/y")[".cruft.json"],
    "a query": cruft(template="https://example.org/x/y?token=hunter2")[".cruft.json"],
    "a helper": cruft(template="ext::sh -c touch% /x")[".cruft.json"],
    "an option": cruft(template="--upload-pack=touch")[".cruft.json"],
    "relative": cruft(template="../template")[".cruft.json"],
    "ours": cruft(template="embedded")[".cruft.json"],
    "a line end": cruft(template=f"{URL}\nx")[".cruft.json"],
    "Mercurial": cruft(template="hg+https://example.org/x")[".cruft.json"],
    "an option for a commit": cruft(commit="--output=x")[".cruft.json"],
    "a range": cruft(commit="HEAD^{tree}")[".cruft.json"],
    "a number of a commit": cruft(commit=7)[".cruft.json"],
    "a folder of numbers": cruft(directory=[1])[".cruft.json"],
    "a folder elsewhere": cruft(directory="../../etc")[".cruft.json"],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_a_stranger_wrote_is_input(what: str) -> None:
    """Refused in a sentence, which shows no secret."""
    with pytest.raises(Broken) as error:
        noted({".cruft.json": HOSTILE[what]})
    assert error.value.message.startswith(".cruft.json cannot be used: ")
    assert "hunter2" not in error.value.message


def test_what_cannot_be_used_is_refused(project: ProjectRepo, refused: Refused) -> None:
    project.commit("Noted", {".cruft.json": json.dumps(cruft(commit="--output=x")[".cruft.json"])})
    said = refused(project, "adopt")
    assert "'commit' cannot be the name of a revision" in said
    assert "aegis adopt --template URL|PATH" in said


def test_a_link_is_no_file_of_a_tools(
    project: ProjectRepo, template: TemplateRepo, tmp_path: Path, refused: Refused
) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(cruft_file(template))
    (project.path / ".cruft.json").symlink_to(outside)
    project.commit("Noted")
    assert "No other tool has left word" in refused(project, "adopt", code=2)


# What comes of it


@pytest.mark.parametrize("how", ["noted", "named"])
def test_a_template_in_a_folder_of_its_repository(
    how: str, project: ProjectRepo, template: TemplateRepo, aegis: Aegis
) -> None:
    """Commits that are about another template are none of its history."""
    (template.path / "python").mkdir()
    git(template.path, "mv", "cookiecutter.json", TOP, "python")
    moved = commit(template.path, "Move")
    commit(template.path, "Another", {"other/cookiecutter.json": "{}"})
    words: list[str | Path] = ["adopt", "--project-path", project.path]
    if how == "noted":
        note = cruft_file(template, commit=moved, directory="python/")
        project.commit("Noted", {".cruft.json": note})
    else:
        words += ["--template", template.path, "--directory", "python"]
    code, _, err = aegis(*words)
    assert code == 0, err
    found = project.status().state
    assert (found.directory, found.commit == moved) == ("python", how == "noted")
    assert project.update().status in ("done", "nothing")


def test_a_commit_that_the_template_does_not_have_is_searched_for(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis
) -> None:
    project.commit("Noted", {".cruft.json": cruft_file(template, commit="1" * 40)})
    code, out, err = aegis("adopt", "--project-path", project.path)
    assert code == 0, err
    assert f"names the commit {'1' * 40}, which the template does not have" in err
    assert "the nearest of 3" in out
    assert project.status().state.commit == git(template.path, "rev-parse", "main^")
    assert project.status().state.answers["name"] == "Grace"


def test_what_is_not_done_is_told(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis
) -> None:
    """What cruft left alone, and the branch that it followed."""
    git(template.path, "branch", "develop")
    project.commit(
        "Noted", {".cruft.json": cruft_file(template, checkout="develop", skip=["b.txt"])}
    )
    code, out, err = aegis("adopt", "--project-path", project.path)
    assert code == 0
    assert "cruft followed 'develop'" in err
    assert "aegis update --to develop" in err
    assert "left alone what 'skip' names" in err
    assert "b.txt" in err
    assert "Left over  .cruft.json, which aegis does not need" in out


def test_a_broken_note_does_not_stop_who_names_the_template(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis
) -> None:
    project.commit("Noted", {".cruft.json": "{"})
    words = ("adopt", "--template", template.path, "--project-path", project.path)
    code, _, err = aegis(*words)
    assert code == 0
    assert ".cruft.json cannot be used" in err


def test_a_note_above_the_folder_is_found(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis
) -> None:
    project.commit("Noted", {".cruft.json": cruft_file(template), "src/deep/x.py": "x\n"})
    assert aegis("adopt", "--project-path", project.path / "src" / "deep")[0] == 0
    assert (project.path / ".aegis" / "project.yml").is_file()


@pytest.mark.parametrize("how", ["named", "found"])
def test_a_replay_file_gives_the_answers(
    how: str, project: ProjectRepo, template: TemplateRepo, aegis: Aegis,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = tmp_path / "replays"
    folder.mkdir()
    answers = {"project_slug": "app", "name": "Noted"}
    (folder / "template.json").write_text(json.dumps({"cookiecutter": answers}))
    settings = tmp_path / "settings.yml"
    settings.write_text(f"replay_dir: {folder}\n")
    words = ["adopt", "--template", template.path, "--project-path", project.path, "--json"]
    if how == "named":
        words += ["--replay", folder / "template.json"]
    else:
        monkeypatch.setenv("COOKIECUTTER_CONFIG", str(settings))
    code, out, err = aegis(*words)
    assert code == 0, err
    assert json.loads(out)["tool"] == "cookiecutter"
    assert json.loads(out)["known"] == {"project_slug": "noted", "name": "noted"}
    assert project.status().state.answers["name"] == "Noted"
