"""A project that somebody else made: no command runs any of its code, or touches anything outside of it, unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from aegis_cli import completion
from aegis_cli.template.trusted import trust
from tests.support.git import commit, git
from tests.support.hostile import (
    Trap,
    arm_bare,
    bare_in_clone,
    everything_below,
    hostile_template,
    lie_about,
    tree_with,
)
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TOP, TemplateRepo

COMMANDS = [
    ["status"],
    ["status", "--json"],
    ["status", "--all", "."],
    ["log"],
    ["news"],
    ["conflicts"],
    ["resolutions"],
    ["components"],
    ["services"],
    ["restore", "x.txt"],
    ["restore", "."],
    ["answers"],
    ["answers", "--set", "asked=x", "--no-sync", "--yes"],
    ["doctor"],
    ["doctor", "--fix"],
    ["diff"],
    ["diff", "--upstream"],
    ["add", "scheduler", "--dry-run"],
    ["remove", "evil", "--dry-run"],
    ["update", "--dry-run"],
    ["resolve"],
    ["pick", "1234567"],
    ["add", "scheduler", "--no-sync", "--yes"],
    ["add-service", "auth", "--no-sync", "--yes"],
    ["remove", "evil", "--no-sync", "--yes"],
    ["remove-service", "evil", "--no-sync", "--yes"],
    ["update", "--no-sync", "--yes"],
    ["update", "--yes"],
    ["update", "--all", ".", "--dry-run"],
    ["update", "--all", ".", "--branch", "new", "--jobs", "2"],
    ["update", "--security", "--no-sync"],
    ["adopt", "--yes"],
    ["offer", "HEAD", "--to", "copy"],
    ["update", "--set", "asked=x", "--no-sync", "--yes"],
    ["check-component"],
    ["check-component", "--no-tests"],
]


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "sprung")


def write_state(
    project: Path, source: str, commit: str, components: dict[str, dict[str, object]] | None = None
) -> None:
    """Write `.aegis/` by hand, as an author who means harm does."""
    state = {
        "schema": 1,
        "template": {"source": source, "release": "v1", "commit": commit},
        "answers": {"project_slug": "app"},
    }
    (project / ".aegis/components").mkdir(parents=True, exist_ok=True)
    (project / ".aegis/project.yml").write_text(yaml.safe_dump(state, sort_keys=False))
    for name, facts in (components or {}).items():
        text = yaml.safe_dump(facts, sort_keys=False)
        (project / f".aegis/components/{name}.yml").write_text(text)


def withdraw(home: Path) -> None:
    """Forget whom the user trusts."""
    for file in home.rglob("trusted-templates.txt"):
        file.unlink()


def component(source: str, commit: str) -> dict[str, object]:
    return {
        "kind": "component",
        "source": source,
        "branch": "main",
        "commit": commit,
        "requested": True,
    }


def given(place: Path) -> Path:
    """Make an empty repository for a project to be given away."""
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main")
    return place


class Walk:
    """Types every command in a project of somebody else."""

    def __init__(self, aegis: Aegis, home: Path, trap: Trap, go: pytest.MonkeyPatch) -> None:
        self._aegis, self.home, self._trap, self._go = aegis, home, trap, go

    def __call__(self, project: Path, outside: Path | None = None) -> None:
        """Nothing runs, nothing outside changes, every refusal has words."""
        before = everything_below(outside) if outside else {}
        for words in COMMANDS:
            self.type(project, words)
        assert not list(self.home.rglob("trusted-templates.txt")), "nobody said yes to anything"
        if outside:
            assert everything_below(outside) == before

    def type(self, project: Path, words: list[str]) -> str:
        """Type one command, and return what it said of problems."""
        self._go.chdir(project)
        code, _, err = self._aegis(*words)
        assert not self._trap.sprung, f"{words} ran code"
        assert not (project / self._trap.mark.name).exists(), f"{words} ran code"
        assert code in (0, 1, 2, 3), f"{words}: {code} {err}"
        assert "Traceback" not in err
        return err


@pytest.fixture
def walk(aegis: Aegis, sealed: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch) -> Walk:
    return Walk(aegis, sealed, trap, monkeypatch)


def histories(project: Path, tmp_path: Path) -> dict[str, Path]:
    """Return clones of a project: whole, shallow, squashed to one commit, and with none of the template's commits."""
    found = {}
    for name, words in {"whole": [], "shallow": ["--depth=1"]}.items():
        found[name] = tmp_path / f"victim-{name}"
        git(tmp_path, "clone", "--quiet", *words, project.as_uri(), str(found[name]))
    found["squashed"] = tmp_path / "victim-squashed"
    git(tmp_path, "clone", "--quiet", project.as_uri(), str(found["squashed"]))
    tree = git(found["squashed"], "rev-parse", "HEAD^{tree}")
    one = git(found["squashed"], "commit-tree", tree, "-m", "All in one")
    git(found["squashed"], "reset", "--quiet", "--hard", one)
    found["absent"] = tmp_path / "victim-absent"
    found["absent"].mkdir()
    git(found["absent"], "init", "--quiet")
    for path, content in everything_below(project).items():
        if not path.startswith(".git/"):
            (found["absent"] / path).parent.mkdir(parents=True, exist_ok=True)
            (found["absent"] / path).write_bytes(content)
    commit(found["absent"], "Downloaded")
    return found


def test_a_project_of_a_template_that_nobody_trusts(walk: Walk, tmp_path: Path, trap: Trap) -> None:
    """Whatever its history: whole, squashed, shallow or absent."""
    template = tmp_path / "their template"
    start = hostile_template(template, trap)
    project = given(tmp_path / "given")
    write_state(project, str(template), start)
    commit(project, "A nice project", {"README.md": "hi\n"})
    commit(project, "More", {"more.txt": "hi\n"})
    git(project, "commit", "--quiet", "--allow-empty", "-m", f"Fix\n\nTemplate-Commit: {start}")
    commit(template, "Next", {"next.txt": trap.jinja})
    for name, victim in histories(project, tmp_path).items():
        assert not trap.sprung, name
        walk(victim, template)


@pytest.mark.parametrize("source", ["docs/t.git", "./docs/t.git", "embedded"])
def test_a_bare_repository_in_the_clone(
    walk: Walk, tmp_path: Path, trap: Trap, source: str
) -> None:
    """A component's source that is a folder of the clone, also one that is called `embedded`, is none."""
    template = tmp_path / "their component"
    start = hostile_template(template, trap, "evil")
    project = given(tmp_path / "given")
    bare_in_clone(project, "embedded" if source == "embedded" else "docs/t.git", template, trap)
    write_state(project, "embedded", start, {"evil": component(source, start)})
    git(project, "add", "--all", "--force")
    commit(project, "A nice project")
    git(tmp_path, "clone", "--quiet", project.as_uri(), "victim")
    walk(tmp_path / "victim")


@pytest.mark.parametrize("form", ["{path}", "file://{path}"])
@pytest.mark.parametrize("as_template", [True, False], ids=["template", "component"])
def test_settings_of_the_repository_that_is_read(
    walk: Walk, tmp_path: Path, trap: Trap, form: str, as_template: bool
) -> None:
    """An absolute path, or file://, to a repository whose every setting names a command."""
    template = tmp_path / "their template"
    start = hostile_template(template, trap, "" if as_template else "evil")
    place = tmp_path / "armed.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(template), str(place))
    lost = git(place, "commit-tree", git(place, "rev-parse", "main^{tree}"), "-p", start, "-m", "x")
    git(place, "update-ref", "refs/heads/main", lost)
    arm_bare(place, trap)
    project = given(tmp_path / "given")
    source = form.format(path=place)
    if as_template:
        write_state(project, source, start)
    else:
        write_state(project, "embedded", "1" * 40, {"evil": component(source, start)})
    commit(project, "A nice project")
    for missing in (False, True):
        if missing:  # git would ask the promisor for it
            for path in (place / "objects/pack").glob("*.promisor"):
                path.unlink()
            blob = git(place, "rev-parse", "main")
            (place / "objects" / blob[:2] / blob[2:]).unlink()
        walk(project, place)


def test_a_commit_of_one_repository_under_the_name_of_another(
    walk: Walk, story: TemplateRepo, tmp_path: Path, trap: Trap
) -> None:
    """Trust in a template is none in a commit that only a component's repository holds, though git can read both."""
    evil = tmp_path / "evil"
    start = hostile_template(evil, trap)
    other = commit(evil, "As a component", {
        "components/evil/component.yml": "{name: evil, kind: component, summary: x}\n",
    })  # fmt: skip
    project = given(tmp_path / "given")
    evil_part = component(str(evil), other)
    for source in ("embedded", str(story.path)):
        own = {
            "kind": "component",
            "branch": "component/scheduler",
            "commit": other,
            "requested": True,
        }
        write_state(project, source, start, {"evil": evil_part, "scheduler": own})
        commit(project, "A nice project")
        for words in COMMANDS:
            walk.type(project, words)


def test_a_component_whose_repository_is_nowhere(
    walk: Walk, story: TemplateRepo, tmp_path: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its commit can be read all the same, out of another component's repository: that is none of its own."""
    monkeypatch.chdir(tmp_path)
    evil = tmp_path / "evil"
    away = hostile_template(evil, trap, "away")
    git(evil, "branch", "away")
    commit(evil, "Another", {
        "components/away/component.yml": None,
        **dict.fromkeys(git(evil, "ls-files", "-z", TOP).rstrip("\0").split("\0")),
        "components/there/component.yml": "{name: there, kind: component, summary: x}\n",
        f"{TOP}/there.txt": "x\n",
    })  # fmt: skip
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "--quiet", str(evil), str(copy))
    git(copy, "branch", "away", away)
    theirs = ProjectRepo.init(story, tmp_path)
    for source in (evil.as_uri(), str(copy), str(story.path)):
        trust(source)
    theirs.add(f"{evil.as_uri()}#main")
    theirs.add(f"{copy}#away")
    (tmp_path / "copy").rename(tmp_path / "gone")
    withdraw(walk.home)
    trust(str(story.path))
    trap.mark.unlink()
    git(tmp_path, "clone", "--quiet", theirs.path.as_uri(), "victim")

    for words in (["remove", "there", "--dry-run"], ["remove", "there", "--no-sync"], *COMMANDS):
        walk.type(tmp_path / "victim", words)


def test_what_git_would_never_check_out_is_not_restored(
    walk: Walk, project: ProjectRepo, tmp_path: Path, trap: Trap
) -> None:
    """A vendor commit of somebody's making can hold hooks for git: no clone of it is refused, and no look at it."""
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\n{trap.command}\n")
    vendor = project.git("rev-parse", "HEAD")
    blob = project.git("hash-object", "-w", str(hook))
    hooks = tree_with(project.path, [("100755", b"post-index-change", blob)])
    for name in (b".git", b".GIT", b"git~1", b".git ", b".git::$INDEX_ALLOCATION"):
        own = [("40000", name, tree_with(project.path, [("40000", b"hooks", hooks)]))]
        for line in project.git("ls-tree", "-z", vendor).strip("\0").split("\0"):
            facts, _, path = line.partition("\t")
            mode, _, oid = facts.split(" ")
            own.append((mode.lstrip("0"), path.encode(), oid))
        tree = tree_with(project.path, sorted(own, key=lambda entry: entry[1]))
        text = project.git("cat-file", "commit", vendor).partition("\n")[2]
        forged = tmp_path / "forged"
        forged.write_text(f"tree {tree}\n{text}\n")
        base = project.git("hash-object", "-t", "commit", "-w", "--literally", str(forged))
        head = project.git("commit-tree", f"{vendor}^{{tree}}", "-p", base, "-m", "A nice project")
        project.git("update-ref", "refs/heads/main", head)
        victim = tmp_path / f"victim {name.hex()}"
        git(tmp_path, "clone", "--quiet", project.path.as_uri(), str(victim))
        before = everything_below(victim / ".git/hooks")
        for words in (
            ["restore", "."],
            ["restore", f"{name.decode()}/hooks"],
            ["diff"],
            ["status"],
        ):
            walk.type(victim, words)
            assert not (victim / name.decode() / "hooks/post-index-change").exists()
        assert everything_below(victim / ".git/hooks") == before


def test_a_folder_called_like_an_address_that_is_trusted(
    aegis: Aegis, tmp_path: Path, trap: Trap, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trust in `git@host:path` is none in a folder of a project that bears that name."""
    address = "git@example.invalid:team/template"
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    trust(address)
    template = tmp_path / "their template"
    start = hostile_template(template, trap)
    project = given(tmp_path / "given")
    bare_in_clone(project, address, template, trap)
    write_state(project, address, start)
    git(project, "add", "--all", "--force")
    commit(project, "A nice project")
    git(tmp_path, "clone", "--quiet", project.as_uri(), "victim")
    monkeypatch.chdir(tmp_path / "victim")
    for words in COMMANDS:
        code, _, err = aegis(*words)
        assert not trap.sprung, f"{words} ran code"
        assert code in (0, 1, 2), err


def test_a_store_that_lies_about_ids(
    walk: Walk, story: TemplateRepo, tmp_path: Path, trap: Trap
) -> None:
    """A component's repository, as files of a clone, that has other contents under the ids of a trusted template's."""
    trust(str(story.path))
    names = git(story.path, "ls-tree", "-r", "--name-only", "main").split("\n")
    component_of = tmp_path / "their component"
    start = hostile_template(component_of, trap, "evil")
    project = given(tmp_path / "given")
    place = bare_in_clone(project, "docs/t.git", component_of, trap)
    for release in ("v0.1.0", "main"):
        for name in {"cookiecutter.json", *names}:
            oid = git(
                story.path, "rev-parse", "--verify", "--quiet", f"{release}:{name}", check=False
            )
            content = trap.jinja + "\n"
            if name == "cookiecutter.json":
                asked = json.loads(git(story.path, "show", f"{release}:{name}"))
                content = json.dumps({**asked, "another": trap.jinja})
            if oid:
                lie_about(place / "objects", oid, content.encode())
    source = str(tmp_path / "victim/docs/t.git")
    at = git(story.path, "rev-parse", "v0.1.0")
    write_state(project, str(story.path), at, {"evil": component(source, start)})
    git(project, "add", "--all", "--force")
    commit(project, "A nice project")
    git(tmp_path, "clone", "--quiet", project.as_uri(), "victim")
    for words in COMMANDS:
        walk.type(tmp_path / "victim", words)


def test_values_that_would_be_options(
    walk: Walk, story: TemplateRepo, tmp_path: Path, trap: Trap
) -> None:
    """Commits, branches, sources and trailers that begin with `-` never reach git."""
    precious = tmp_path / "precious"
    precious.write_text("mine\n")
    git(story.path, "rev-parse", "main")
    start = git(story.path, "rev-parse", "v0.1.0")
    bad = [
        f"--upload-pack={trap.command}",
        f"--output={precious}",
        f"-o{precious}",
        "-",
        "--",
        "HEAD",
        "@{u}",
    ]
    project = given(tmp_path / "given")
    for word in bad:
        for facts in (
            component(str(story.path), word),
            {**component(str(story.path), start), "branch": word},
            {**component(str(story.path), start), "source": word},
        ):
            write_state(project, str(story.path), start, {"evil": facts})
            commit(project, "A nice project")
            for words in (["components"], ["status"], ["update", "--dry-run"]):
                said = walk.type(project, words)
                assert precious.read_text() == "mine\n"
    assert ".aegis/components/evil.yml cannot be read: " in said


def test_trailers_that_would_be_options(project: ProjectRepo, tmp_path: Path) -> None:
    """What a commit's message says is a value, or nothing."""
    precious = tmp_path / "precious"
    precious.write_text("mine\n")
    for trailer in (
        f"Template-Commit: --output={precious}",
        "Template-Commit: 12345",
        "Template-Branch: -x",
    ):
        project.git("commit", "--quiet", "--allow-empty", "-m", f"Mine\n\n{trailer}")
    before = project.status()
    assert precious.read_text() == "mine\n"
    assert before.picked == ()


def test_a_folder_laid_out_like_a_git_directory(walk: Walk, tmp_path: Path, trap: Trap) -> None:
    """A command typed inside of a bare repository that a clone brought obeys none of its settings."""
    project = given(tmp_path / "given")
    sub = project / "sub"
    git(project, "init", "--quiet", "--bare", "sub")
    arm_bare(sub, trap)
    git(sub, "config", "core.bare", "false")
    git(sub, "config", "core.worktree", str(tmp_path))
    write_state(sub, "embedded", "1" * 40)
    write_state(project, "embedded", "1" * 40)
    for folder in ("refs/heads", "refs/tags", "objects/info", "objects/pack"):
        (sub / folder / ".keep").touch()
    git(project, "add", "--all", "--force")
    commit(project, "A nice project")
    git(tmp_path, "clone", "--quiet", project.as_uri(), "victim")
    walk(tmp_path / "victim/sub")


def test_completion_in_a_folder_laid_out_like_a_git_directory(
    tmp_path: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To list commits git can run a program that is to look at signatures: not one that such a folder names."""
    sub = tmp_path / "victim/sub"
    git(tmp_path, "init", "--quiet", "--bare", str(sub))
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{trap.command}\n")
    program.chmod(0o755)
    git(sub, "config", "gpg.program", str(program))
    git(sub, "config", "log.showSignature", "true")
    who = "A <a@b> 1700000000 +0000"
    signed = tmp_path / "signed"
    signed.write_text(
        f"tree {git(sub, 'hash-object', '-t', 'tree', '-w', '/dev/null')}\nauthor {who}\ncommitter {who}\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\nSigned\n"
    )
    oid = git(sub, "hash-object", "-t", "commit", "-w", "--literally", str(signed))
    (sub / "refs/heads/main").write_text(f"{oid}\n")
    (sub / "HEAD").write_text("ref: refs/heads/main\n")
    monkeypatch.chdir(sub)

    words = completion.candidates(["offer"])

    assert not trap.sprung
    assert oid[:7] not in words


def test_trees_that_git_would_not_make(aegis: Aegis, tmp_path: Path, trap: Trap) -> None:
    """Names that lead elsewhere, and trees that stand for more files than there is room for, are refused."""
    template = tmp_path / "template"
    hostile_template(template, trap)
    blob = git(template, "rev-parse", "main:cookiecutter.json")
    tree = git(template, "rev-parse", "main^{tree}")
    for entry in (b"..", b".", b"a/b", b"", b"/etc/x"):
        bad = tree_with(template, [("100644", b"cookiecutter.json", blob), ("40000", entry, tree)])
        _offer(aegis, template, bad)
    level = tree
    for _ in range(30):
        level = tree_with(template, [("40000", b"%d" % n, level) for n in range(10)])
    bomb = tree_with(
        template, [("100644", b"cookiecutter.json", blob), ("40000", b"{{cookiecutter.x}}", level)]
    )
    _offer(aegis, template, bomb)
    deep = tree
    for _ in range(250):
        deep = tree_with(template, [("40000", b"d", deep)])
    top = [("100644", b"cookiecutter.json", blob), ("40000", b"{{cookiecutter.x}}", deep)]
    _offer(aegis, template, tree_with(template, top))
    assert not trap.sprung


def _offer(aegis: Aegis, template: Path, tree: str) -> None:
    bad = git(template, "commit-tree", tree, "-m", "x")
    git(template, "update-ref", "refs/heads/main", bad)
    place = template.parent
    code, _, err = aegis("init", "new", "-y", "--trust", "-o", place, "--template", template)
    assert (code, "Traceback" in err) == (1, False), err
    assert not (place / "new").exists()
