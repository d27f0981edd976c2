"""`aegis check-component` finds what is wrong with a component before anybody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aegis_cli.operations import check as operation
from aegis_cli.operations.check import Checked
from aegis_cli.template.lint import Finding
from aegis_cli.template.trusted import trust
from tests.support.git import commit, git, write
from tests.support.project import Aegis, ProjectRepo
from tests.support.reporter import Silent
from tests.support.template import TOP, TemplateRepo
from tests.support.third_party import ThirdPartyRepo

Check = Callable[[], Checked]


def check_component(folder: Path, *args: Any, **words: Any) -> Checked:
    """Check a component in a folder that the user trusts."""
    trust(str(folder))
    return operation.check_component(folder, *args, **words)


@pytest.fixture
def check(notes: ThirdPartyRepo, template: TemplateRepo) -> Check:
    """Check the component against the template, without its tests."""
    return lambda: check_component(notes.path, Silent(), source=str(template.path), tests=False)


def found(checked: Checked, name: str) -> list[Finding]:
    """Return what one check found, where no other found anything."""
    others = {check.name: check.findings for check in checked.checks if check.name != name}
    assert not any(others.values()), others
    (check,) = [check for check in checked.checks if check.name == name]
    assert checked.ok is not bool(check.findings)
    return list(check.findings)


def test_a_sound_component_has_no_findings(check: Check) -> None:
    checked = check()
    assert (checked.ok, checked.name, checked.template) == (True, "notes", "v0.1.0")
    assert [c.name for c in checked.checks] == [
        "manifest", "files", "slots", "others", "settings", "rendering", "stacks", "project",
    ]  # fmt: skip
    assert not any(c.findings or c.skipped for c in checked.checks)


def test_it_is_tried_in_every_stack(check: Check) -> None:
    """database, postgres, redis, scheduler, worker and auth: what is required comes along, and the bridge."""
    (stacks,) = [c for c in check().checks if c.name == "stacks"]
    names = {"database": 0, "redis": 1, "scheduler": 2, "worker": 3, "postgres": 4, "auth": 5}
    closed = set()
    for number in range(2 ** len(names)):
        chosen = {name for name, bit in names.items() if number >> bit & 1}
        chosen |= {"redis"} if "worker" in chosen else set()
        chosen |= {"database"} if chosen & {"postgres", "auth"} else set()
        closed.add(frozenset(chosen))
    assert stacks.note == f"{len(closed)} stacks"


def test_what_is_not_committed_is_checked_and_nothing_is_written(
    check: Check, notes: ThirdPartyRepo
) -> None:
    repository = ProjectRepo(notes.path)
    part = "components/notes/parts/app/config.py/setings.py"
    write(notes.path, {part: "x = 1\n"})
    before = repository.snapshot(objects=True)
    (finding,) = found(check(), "slots")
    assert finding == Finding(
        "app/config.py", "no slot 'setings'. Did you mean 'settings'? It has: settings, start"
    )
    assert repository.snapshot(objects=True) == before
    (notes.path / part).unlink()
    write(notes.path, {".gitignore": "*.tmp\n", f"{TOP}/app/main.py.tmp": "x"})
    assert check().ok


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("app/cnofig.py/settings.py", "the base template has no such file. Did you mean 'app/config.py'?"),
        ("docs/guide.md/more.md", "the file has no slots"),
        ("app/notes.py/more.py", "the base template has no such file"),
    ],
)  # fmt: skip
def test_a_part_without_a_slot(check: Check, notes: ThirdPartyRepo, part: str, words: str) -> None:
    notes.commit("Part", parts={part: "x = 1\n"})
    (finding,) = found(check(), "slots")
    assert words in finding.text


def test_a_slot_of_another_component_is_there_for_whoever_requires_it(
    check: Check, notes: ThirdPartyRepo, template: TemplateRepo
) -> None:
    template.component("redis", files={"app/extra.py": "# slot: more\n"})
    template.release("v0.2.0")
    notes.commit("Part", parts={"app/extra.py.d/more.py": "x = 1\n"})
    (finding,) = found(check(), "slots")
    assert finding == Finding(
        "app/extra.py", "'redis' brings this file: require it in the manifest to fill its slots"
    )
    manifest = "components/notes/component.yml"
    facts = json.loads((notes.path / manifest).read_text())
    notes.commit("Require it", root={manifest: json.dumps({**facts, "requires": ["redis"]})})
    assert check().ok
    notes.commit("Part", parts={"app/extra.py.d/mroe.py": "x = 1\n"})
    (finding,) = found(check(), "slots")
    assert finding.text == "no slot 'mroe'. Did you mean 'more'? It has: more"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("REDIS_URL: str = ''", "REDIS_URL"),
        ("def redis_url_is_complete(self) -> None: ...", "redis_url_is_complete"),
        ("PORT: int = 1", "PORT"),
    ],
)
def test_the_name_of_a_setting_or_a_validator_is_taken_once(
    check: Check, notes: ThirdPartyRepo, template: TemplateRepo, line: str, name: str
) -> None:
    """Even in a stack that has both of them, Python would say nothing, and ask only one."""
    redis = "class RedisSettings:\n    REDIS_URL: str = ''\n\n    def redis_url_is_complete(self): ...\n"
    template.main("Settings", {"app/core/config.py": "class Settings:\n    PORT: int = 8000\n"})
    template.component("redis", files={"app/settings/redis.py": redis})
    template.release("v0.2.0")
    allowed = "    model_config = 1\n    NOTES: int = 1\n\n    def warnings(self): ...\n\n"
    text = f"class NotesSettings:\n{allowed}    {line}\n"
    notes.commit("Settings", {"app/settings/notes.py": text})
    (finding,) = found(check(), "settings")
    owner = "the base template" if name == "PORT" else "'redis'"
    assert finding == Finding(
        "app/settings/notes.py", f"{owner} has a setting or validator '{name}' already"
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{TOP}/app/main.py", "the base template has this file"),
        (f"{TOP}/app/redis.py", "the component 'redis' brings this file"),
        (f"{TOP}/app/backup.py", "the component 'scheduler+database' brings this file"),
        ("{{ cookiecutter.project_slug }}/x.py", f"the template's project folder is '{TOP}'"),
        ("components/notes/parts/settings.py", "a part is called"),
        ("components/notes/config.yml", "a part is called"),
    ],
)
def test_a_file_at_the_wrong_place(
    check: Check, notes: ThirdPartyRepo, path: str, words: str
) -> None:
    notes.commit("File", root={path: "x = 1\n"})
    (finding,) = found(check(), "files")
    assert words in finding.text


def test_every_problem_is_told_at_once(check: Check, notes: ThirdPartyRepo) -> None:
    notes.commit(
        "Much",
        {"app/main.py": "x\n", "app/redis.py": "x\n", "app/asks.py": "import app.database\n"},
        {"app/config.py/a.py": "x\n", "app/config.py/b.py": "x\n"},
    )
    checks = {c.name: c for c in check().checks}
    assert [len(checks[name].findings) for name in ("files", "slots", "others")] == [2, 2, 1]
    assert checks["stacks"].skipped
    assert checks["project"].skipped


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import app.database\n", "imports app.database, which 'database' brings"),
        ("def f():\n    from app import database\n", "imports app.database, which 'database' brings"),
        ('X = 1{% if "redis" in cookiecutter.project_slug %}{% endif %}\n', "asks whether 'redis' is there"),
    ],
)  # fmt: skip
def test_what_depends_on_another_component_says_so(
    check: Check, notes: ThirdPartyRepo, text: str, words: str
) -> None:
    notes.commit("Depends", {"app/more.py": text})
    (finding,) = found(check(), "others")
    assert words in finding.text


def test_what_it_requires_it_may_import(
    template: TemplateRepo, tmp_path: Path, notes: ThirdPartyRepo
) -> None:
    third = ThirdPartyRepo(tmp_path / "mailer", "mailer", requires=["worker"])
    third.commit("Uses", {"app/more.py": "import app.worker, app.redis, app.main, json\n"})
    checked = check_component(third.path, Silent(), source=str(template.path), tests=False)
    assert found(checked, "others") == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"app/more.py": "{{ cookiecutter.nothing }}\n"}, "does not render: "),
        ({"app/more.py": "x = \n"}, "is no valid Python: "),
        ({"more.toml": "a = 1\na = 2\n"}, "is no valid TOML: "),
        ({"more.json": '{"a": 1, "a": 2}\n'}, "is no valid JSON: a key stands there twice"),
        ({"more.yml": "a: b: c\n"}, "is no valid YAML: "),
        ({"../{{ '..' }}/more.txt": "x\n"}, "outside of the project"),
    ],
)
def test_what_does_not_render_or_parse(
    check: Check, notes: ThirdPartyRepo, files: dict[str, str | bytes | None], words: str
) -> None:
    content = {path.removeprefix("../"): text for path, text in files.items()}
    notes.commit("Broken", content)
    (finding,) = found(check(), "rendering")
    assert words in finding.text


def test_a_part_that_breaks_a_shared_file(check: Check, notes: ThirdPartyRepo) -> None:
    notes.commit("Broken", parts={"app/config.py/settings.py": "url = (\n"})
    (finding,) = found(check(), "rendering")
    assert (finding.path, "is no valid Python" in finding.text) == ("app/config.py", True)


def test_what_breaks_only_beside_another_component(
    template: TemplateRepo, check: Check, notes: ThirdPartyRepo
) -> None:
    """Both bring the same TOML key: each is sound alone."""
    template.main("TOML", {"keys.toml": "a = 1\n# slot: keys\n"})
    template.component("redis", parts={"keys.toml/keys.toml": "url = 1\n"})
    template.release("v0.2.0")
    notes.commit("Key", parts={"keys.toml/keys.toml": "url = 2\n"})
    finding = found(check(), "stacks")[0]
    assert (finding.path, "with redis: is no valid TOML" in finding.text) == ("keys.toml", True)


@pytest.mark.parametrize(
    ("name", "manifest", "words"),
    [
        ("redis", {}, "the template has a component 'redis' of its own"),
        ("mailer", {"requires": ["pigeons"]}, "requires 'pigeons'"),
        ("a+b", {}, "a name with '+'"),
    ],
)
def test_a_manifest_that_will_not_do(
    template: TemplateRepo, tmp_path: Path, name: str, manifest: dict[str, object], words: str
) -> None:
    third = ThirdPartyRepo(tmp_path / "third", name, **manifest)
    checked = check_component(third.path, Silent(), source=str(template.path), tests=False)
    (finding,) = found(checked, "manifest")
    assert words in finding.text


def test_a_fork_may_change_nothing_of_the_template(template: TemplateRepo, tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "--quiet", str(template.path), str(fork))
    manifest = '{"name": "extra", "kind": "component", "summary": "Extra."}'
    commit(
        fork,
        "Extra",
        {"components/extra/component.yml": manifest, f"{TOP}/app/extra.py": "X = 1\n"},
    )
    words = {"source": str(template.path), "tests": False}
    assert check_component(fork, Silent(), **words).ok
    write(fork, {f"{TOP}/app/main.py": "mine\n"})
    (finding,) = found(check_component(fork, Silent(), **words), "files")
    assert finding.path == f"{TOP}/app/main.py"


def test_on_the_command_line(
    notes: ThirdPartyRepo, template: TemplateRepo, aegis: Aegis, tmp_path: Path
) -> None:
    """Calm and aligned, from a folder below as well; status 1 where something is found; JSON is data."""
    words = ("check-component", notes.path / TOP, "--no-tests", "--template", template.path)
    code, out, err = aegis(*words)
    assert (code, err) == (0, "")
    assert "\nslots      ok          4 parts\n" in out
    write(notes.path, {"components/notes/parts/app/config.py/nowhere.py": "x = 1\n"})
    code, out, _ = aegis(*words)
    assert (code, "\nslots      1 finding\n    app/config.py: no slot 'nowhere'" in out) == (
        1,
        True,
    )
    code, out, _ = aegis(*words, "--json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert (code, checks["slots"]["findings"][0]["path"]) == (1, "app/config.py")
    (tmp_path / "plain").mkdir()
    code, _, err = aegis(
        "check-component", tmp_path / "plain", "--template", template.path, "--trust"
    )
    assert (code, "git init" in err) == (1, True)
    code, _, err = aegis("check-component", template.path, "--template", template.path, "--trust")
    assert (code, "holds no component" in err) == (1, True)


def test_somebody_elses_component_is_not_checked_without_a_yes(
    notes: ThirdPartyRepo, template: TemplateRepo, aegis: Aegis, tmp_path: Path
) -> None:
    """Checking runs its code."""
    theirs = tmp_path / "theirs"
    git(tmp_path, "clone", "--quiet", str(notes.path), str(theirs))
    words = ("check-component", theirs, "--no-tests", "--template", template.path)
    code, out, err = aegis(*words)
    assert (code, out, f"'{theirs}' can run code" in err) == (1, "", True)
    code, _, _ = aegis(*words, "--trust")
    assert code == 0


def test_marks_that_nobody_would_see_are_told(
    notes: ThirdPartyRepo, template: TemplateRepo
) -> None:
    """A misspelt trailer in the message of a commit; it is a warning, for the commit may be published."""
    commit(notes.path, "Mend it\n\nSecurty: CVE-2026-1\n")
    said: list[str] = []

    class Listening(Silent):
        def warn(self, text: str) -> None:
            said.append(text)

    checked = check_component(notes.path, Listening(), source=str(template.path), tests=False)

    assert checked.ok
    assert [text for text in said if "'Securty:'" in text and "'Security:' was meant?" in text]


def test_a_repository_within_that_has_no_commit_is_told(
    notes: ThirdPartyRepo, aegis: Aegis
) -> None:
    """Git cannot take it, and says so in words that name no way out."""
    git(notes.path, "init", "--quiet", "drafts")
    code, _, err = aegis("check-component", notes.path)
    assert code == 1
    assert f"'{notes.path / 'drafts'}' is a git repository of its own and has no commit yet" in err
    assert ".gitignore" in err
