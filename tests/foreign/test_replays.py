"""Replays of templates with hooks, includes, dates and odd commits: right at each step, without needless work."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.foreign.test_equals_stock import TOP, VENDOR, Files, change, template_with
from tests.hazards.support import Project, plain_template
from tests.properties.stories import started, updated
from tests.support.git import commit, git
from tests.support.history import History
from tests.support.reporter import Silent
from tests.support.stock import assert_equals_stock, assert_same, stock_tree, vendor_tree
from tests.support.template import TemplateRepo

POST = "hooks/post_gen_project.py"
PRE = "hooks/pre_gen_project.py"


def released(history: History, tag: str = "v0.2.0") -> History:
    history.release(tag)
    history.write()
    return history


def steps(project: Path) -> list[tuple[str, str]]:
    """Return (vendor commit, template commit) of what was replayed, oldest first."""
    form = "%H %(trailers:key=Template-Commit,valueonly,separator=%x20)"
    lines = git(
        project,
        "log",
        "--reverse",
        f"--format={form}",
        "--grep=^Template ",
        "--invert-grep",
        VENDOR,
    )
    return [(words[0], words[-1]) for words in map(str.split, lines.splitlines())]


def assert_each_step_equals_stock(history: History, project: Path) -> None:
    for vendor, upstream in steps(project):
        expected = stock_tree(history.path, upstream, {}, {"project_slug": "app", "name": "Ada"})
        assert_same(vendor_tree(project, vendor), expected)


CHANGES: dict[str, list[Files]] = {
    "a hook that does nothing": [
        {POST: "", f"{TOP}/a.txt": "{{ cookiecutter.name }}\n", f"{TOP}/b/c.txt": "c\n"},
        {f"{TOP}/a.txt": "{{ cookiecutter.name }}!\n"},
        {f"{TOP}/b/d.txt": "d\n"},
        {"README.md": "not of the project\n"},
    ],
    "a hook that removes and rewrites": [
        {
            POST: "import os\nos.remove('gone.txt')\ntext = open('a.txt').read()\n"
            "open('a.txt', 'w').write(text.upper())\nopen('made.txt', 'w').write(str(len(text)))\n",
            f"{TOP}/gone.txt": "{{ cookiecutter.name }}\n",
            f"{TOP}/a.txt": "one\n",
        },
        {f"{TOP}/a.txt": "one, two\n"},
        {f"{TOP}/gone.txt": "changed\n"},
        {f"{TOP}/b.txt": "b\n"},
        {POST: "import os\nos.remove('gone.txt')\n"},
    ],
    "hooks that come and go": [
        {f"{TOP}/a.txt": "{{ cookiecutter.name }}\n"},
        {POST: "open('made.txt', 'w').write('made')\n"},
        {f"{TOP}/a.txt": "{{ cookiecutter.name }}!\n"},
        {POST: "", PRE: "open('before.txt', 'w').write('before')\n"},
        {f"{TOP}/before.txt": "of the template\n"},
    ],
    "includes": [
        {
            f"{TOP}/a.txt": "{% include 'parts/one.txt' %}",
            f"{TOP}/parts/one.txt": "{% include 'parts/two.txt' %}one\n",
            f"{TOP}/parts/two.txt": "{{ cookiecutter.name }}\n",
            f"{TOP}/m.txt": "{% from 'macros' import hi with context %}{{ hi() }}\n",
            "templates/macros": "{% macro hi() %}hi {{ cookiecutter.name }}{% endmacro %}",
        },
        {f"{TOP}/parts/two.txt": "{{ cookiecutter.name }}, two\n"},
        {"templates/macros": "{% macro hi() %}hello {{ cookiecutter.name }}{% endmacro %}"},
        {f"{TOP}/other.txt": "other\n"},
    ],
    "includes that are shadowed, beside a hook": [
        {
            POST: "",
            f"{TOP}/a.txt": "{% include ['first.txt', 'second.txt'] %}",
            "templates/second.txt": "second\n",
        },
        {"templates/first.txt": "first\n"},
        {f"{TOP}/first.txt": "of the project\n"},
    ],
    "answers that one file changes": [
        {
            POST: "",
            f"{TOP}/a.txt": "{% set _ = cookiecutter.update({'extra': 'e'}) %}a\n",
            f"{TOP}/b.txt": "{{ cookiecutter.extra }}\n",
        },
        {f"{TOP}/a.txt": "{% set _ = cookiecutter.update({'extra': 'f'}) %}a\n"},
    ],
    "answers that a hook changes before the files": [
        {
            PRE: "'{{ cookiecutter.update({'n': cookiecutter.get('n', 0) + 1}) }}"
            "{{ cookiecutter.update({'name': cookiecutter.name | upper}) }}'\n",
            POST: "open('made.txt', 'w').write('{{ cookiecutter.n }} {{ cookiecutter.name }}')\n",
            f"{TOP}/a.txt": "{{ cookiecutter.n + 1 }} {{ cookiecutter.name }}\n",
            f"{TOP}/{{{{ cookiecutter.name }}}}.txt": "x\n",
        },
        {f"{TOP}/b.txt": "{{ cookiecutter.n + 2 }}\n"},
        {PRE: "'{{ cookiecutter.update({'n': 7}) }}'\n"},
        {f"{TOP}/a.txt": "{{ cookiecutter.n }}, {{ cookiecutter.name }}\n"},
        {f"{TOP}/a.txt": "{{ cookiecutter.name }}\n", f"{TOP}/b.txt": "b\n", PRE: "", POST: ""},
        {f"{TOP}/c.txt": "{{ cookiecutter.name }}\n"},
    ],
    "a folder that a hook expects": [
        {
            POST: "import os\nos.rmdir('docs')\n",
            f"{TOP}/docs/{{% if false %}}x{{% endif %}}": "x\n",
            f"{TOP}/a.txt": "a\n",
        },
        {f"{TOP}/a.txt": "b\n"},
    ],
}


@pytest.mark.parametrize("case", CHANGES)
def test_each_step_equals_the_stock_command(case: str, tmp_path: Path) -> None:
    first, *later = CHANGES[case]
    history = template_with(tmp_path, {}, first)
    project = started(history.path)
    for number, files in enumerate(later):
        change(history, f"Change {number}", files)
    released(history)
    updated(project)
    assert_each_step_equals_stock(history, project)
    assert_equals_stock(history.path, project, VENDOR)


# How often hooks run


def counting(place: Path, more: str = "") -> str:
    return f"open({str(place)!r}, 'a').write('.')\n{more}"


def runs(history: History, project: Path, place: Path, later: int) -> int:
    """Return how often hooks run in an update across so many commits."""
    for number in range(later):
        change(history, f"Change {number}", {f"{TOP}/a.txt": f"{number}\n"})
        change(history, f"Elsewhere {number}", {"README.md": f"{number}\n"})
    released(history)
    place.write_text("")
    updated(project)
    return len(place.read_text())


def test_a_hook_runs_once_for_each_commit_that_changes_a_file(tmp_path: Path) -> None:
    """One that checks the answers runs once for all; one that sees the files runs for each."""
    before, after = tmp_path / "before", tmp_path / "after"
    files = {PRE: counting(before), POST: counting(after), f"{TOP}/a.txt": "a\n"}
    history = template_with(tmp_path, {}, files)
    project = started(history.path)
    assert runs(history, project, after, 8) == 8
    before.write_text("")
    change(history, "More", {f"{TOP}/a.txt": "more\n"})
    change(history, "Still more", {f"{TOP}/a.txt": "still more\n"})
    released(history, "v0.3.0")
    updated(project)
    assert before.read_text() == "."


def test_a_hook_that_makes_a_secret_runs_a_second_time_once(tmp_path: Path) -> None:
    """What it varies is known then; the secret stays as the project has it."""
    place = tmp_path / "runs"
    more = "import secrets\nopen('.env', 'w').write('KEY=' + secrets.token_hex(8) + '\\n')\n"
    history = template_with(tmp_path, {}, {POST: counting(place, more), f"{TOP}/a.txt": "a\n"})
    project = started(history.path)
    secret = (project / ".env").read_text()
    assert runs(history, project, place, 8) == 9
    assert (project / ".env").read_text() == secret
    assert git(project, "log", "--format=%s", VENDOR, "--", ".env") == "Template v0.1.0"


def test_the_goal_is_rendered_first(tmp_path: Path) -> None:
    """Where it does not render, nothing else is."""
    place = tmp_path / "runs"
    history = template_with(tmp_path, {}, {POST: counting(place), f"{TOP}/a.txt": "a\n"})
    project = started(history.path)
    for number in range(5):
        change(history, f"Change {number}", {f"{TOP}/a.txt": f"{number}\n"})
    change(
        history, "Ask for uv", {POST: counting(place, "print('needs uv')\nraise SystemExit(1)\n")}
    )
    released(history)
    place.write_text("")
    with pytest.raises(Exception, match="needs uv"):
        updated(project)
    assert place.read_text() == "."


# What a failing hook says


def test_the_words_of_a_failing_hook_are_shown(tmp_path: Path) -> None:
    """All of them, and nothing of the machinery around it; then what to do."""
    files = {
        "../hooks/pre_gen_project.py": "print('ERROR: \"{{ cookiecutter.mail }}\" is no address!')\n"
        "print('Give a real one.')\nraise SystemExit(1)\n",
        "a.txt": "a\n",
    }
    template = plain_template(tmp_path, {"a.txt": "a\n"}, mail="your mail")
    project = Project.start(template)
    write(template, files["../hooks/pre_gen_project.py"])
    ran = project.refuses("update")
    assert 'ERROR: "your mail" is no address!\n' in ran.err
    assert "Give a real one." in ran.err
    assert "Next: " in ran.err
    assert "Traceback" not in ran.err
    assert "cookiecutter.exceptions" not in ran.err


@pytest.mark.parametrize(
    ("name", "hook", "words"),
    [
        ("a.py", "import os\nprint(os.getcwd(), __file__)\nraise SystemExit('no')\n", "hook.py"),
        ("a.sh", "#!/bin/sh\necho $PWD $0\nno-such-command\n", "no-such-command"),
        ("a.sh", "#!/no/such/shell\n", "failed"),
    ],
)
def test_no_temporary_place_is_told_by_a_failing_hook(
    name: str, hook: str, words: str, tmp_path: Path
) -> None:
    template = plain_template(tmp_path, {"a.txt": "a\n"})
    project = Project.start(template)
    write(template, hook, name.replace("a.", "post_gen_project."))
    said = project.refuses("update").err
    assert words in said
    assert "/aegis-" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{% include 'x' %}", "b.txt needs the template file 'x', which is not there."),
        ("{{ open('/no/such') }}", "b.txt: 'open' is undefined"),
        ("{{ 1 / 0 }}", "b.txt: ZeroDivisionError"),
        ("{% now 'utc' %} \udce9", "b.txt is not UTF-8 text"),
    ],
)
def test_what_does_not_render_is_told_with_its_place_and_a_next_step(
    text: str, words: str, tmp_path: Path
) -> None:
    template = plain_template(tmp_path, {"a.txt": "a\n"})
    project = Project.start(template)
    template.main("Break it", {"b.txt": os.fsencode(text)})
    for command, untouched in (
        (["update"], "Nothing was changed.\n"),
        (["diff", "--upstream"], "\n"),
    ):
        said = project.refuses(*command).err
        assert words in said
        assert f"{untouched}  Next: " in said
        assert "/aegis-" not in said


def write(template: TemplateRepo, hook: str, name: str = "pre_gen_project.py") -> None:
    place = template.path / "hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(hook)
    template.main("A hook", {})


def test_an_empty_name_of_the_project_s_folder_is_told(tmp_path: Path) -> None:
    history = template_with(tmp_path, {"name": ""}, {POST: "", f"{TOP}/a.txt": "a\n"})
    history.ask({"project_slug": "{{ cookiecutter.name }}", "name": ""})
    change(history, "Made from another answer", {})
    released(history)
    request = Request(
        "app", tmp_path, source=str(history.path), settings={"project_slug": ""}, trusted=True
    )
    with pytest.raises(Exception, match="comes out empty") as caught:
        create(request, Silent())
    assert "--set" in str(caught.value.hint)  # type: ignore[attr-defined]


def test_an_extension_that_is_not_installed_is_told_with_the_way_to_get_it(tmp_path: Path) -> None:
    asked = {"_extensions": ["not_there.Extension"]}
    history = template_with(tmp_path, asked, {f"{TOP}/a.txt": "a\n"})
    with pytest.raises(Exception, match="No module named 'not_there'") as caught:
        started(history.path)
    assert "git+https://github.com/aegis-stack/aegis-stack --with not-there" in str(
        caught.value.hint
    )  # type: ignore[attr-defined]


# Includes of what is not there


def test_a_commit_that_includes_what_is_not_there_is_folded(tmp_path: Path) -> None:
    template = plain_template(tmp_path, {"a.txt": "one\n"})
    project = Project.start(template)
    template.main("Include too much", {"b.txt": '{% include "../AUTHORS.md" %}\n'})
    broken = git(template.path, "rev-parse", "HEAD")
    template.main("Mend it", {"b.txt": None, "a.txt": "two\n"})
    (folded,) = json.loads(project.update("--json").out)["folded"]
    assert (folded["commit"], folded["subject"]) == (broken, "Include too much")
    assert "b.txt needs the template file '../AUTHORS.md'" in folded["reason"]
    assert project.read("a.txt") == "two\n"
    assert "b.txt needs" in project.refuses("update", "--to", broken).err


# Temporary places


HELD: dict[str, Files] = {
    "all answers": {POST: "", f"{TOP}/.cookiecutter.json": "{{ cookiecutter|jsonify }}\n"},
    "by a hook": {
        POST: "import os\nopen('where.txt', 'w').write(os.getcwd() + '/x {{ cookiecutter._repo_dir }}')\n"
        "open('out.txt', 'w').write('{{ cookiecutter._output_dir }}')\n"
    },
}


@pytest.mark.parametrize("case", HELD)
def test_no_temporary_place_is_told_in_a_project(case: str, tmp_path: Path) -> None:
    """Two projects have the same commits, and a hook finds the template where it is told that it is."""
    files: Mapping[str, str | bytes] = {**HELD[case], f"{TOP}/a.txt": "a\n"}
    history = template_with(tmp_path, {}, files)
    projects = [started(history.path, place) for place in ("one", "two")]
    change(history, "Change", {f"{TOP}/a.txt": "b\n"})
    released(history)
    for project in projects:
        updated(project)
        for path in (".cookiecutter.json", "where.txt", "out.txt"):
            if (project / path).exists():
                assert "aegis-" not in (project / path).read_text()
    assert len({git(project, "rev-parse", VENDOR) for project in projects}) == 1


def test_a_hook_can_read_the_template(tmp_path: Path) -> None:
    """As it stands at each commit."""
    hook = "import shutil\nshutil.copy(r'{{ cookiecutter._repo_dir }}/extra.txt', 'extra.txt')\n"
    history = template_with(tmp_path, {}, {POST: hook, "extra.txt": "one\n", f"{TOP}/a.txt": "a\n"})
    project = started(history.path)
    change(history, "Change", {"extra.txt": "two\n"})
    released(history)
    updated(project)
    assert (project / "extra.txt").read_text() == "two\n"


# Dates


@pytest.mark.parametrize("hook", [False, True])
def test_a_line_with_a_date_changes_with_the_template_in_all_else(
    hook: bool, tmp_path: Path
) -> None:
    files = {
        f"{TOP}/LICENSE": "MIT\n\nCopyright (c) {% now 'utc', '%Y' %}, {{ cookiecutter.name }}\n"
    }
    history = template_with(tmp_path, {}, {**files, **({POST: ""} if hook else {})})
    project = started(history.path)
    change(
        history,
        "No comma",
        {f"{TOP}/LICENSE": files[f"{TOP}/LICENSE"].replace(",  {{", " {{").replace("}, {", "} {")},
    )
    released(history)
    outcome = updated(project)
    assert [c.subject for c in outcome.upstream] == ["No comma"]
    assert_equals_stock(history.path, project, VENDOR)


# Merged branches


def test_merged_branches_are_split_alike_from_a_path_and_from_an_address(tmp_path: Path) -> None:
    """Also where git has to merge within a file: the same commits with the same trees."""
    numbers = [f"{n}\n" for n in range(1, 31)]
    template = plain_template(tmp_path, {"a.txt": "".join(numbers)})
    path = Project.start(template)
    address = Project.start(template, "--template", template.path.as_uri(), name="other")
    git(template.path, "checkout", "-q", "-b", "side")
    for n in (0, 2):
        numbers[n] = f"side {n}\n"
        commit(template.path, f"Side {n}", {f"{TOP}/a.txt": "".join(numbers)})
    git(template.path, "checkout", "-q", "main")
    template.main("Main", {"a.txt": "".join([*(f"{n}\n" for n in range(1, 30)), "main\n"])})
    git(template.path, "merge", "-q", "--no-ff", "-m", "Merge side", "side")
    seen = []
    for project in (path, address):
        project.update()
        lines = project.git(
            "log", "--format=%s|%an|%at|%H", "aegis/vendor", "-3", "--skip=1"
        ).splitlines()
        seen.append(
            [
                (*line.split("|")[:3], project.git("rev-parse", line.split("|")[3] + ":a.txt"))
                for line in lines
            ]
        )
    assert seen[0] == seen[1]
    assert [subject for subject, *_ in seen[0]] == ["Side 2", "Side 0", "Main"]


# Where a project is


def test_a_project_past_the_newest_release_is_up_to_date(tmp_path: Path) -> None:
    template = plain_template(tmp_path, {"a.txt": "a\n"})
    template.release("v1.0.0")
    template.main("After the release", {"a.txt": "b\n"})
    project = Project.start(template, "--ref", "main")
    out = project.run("status").out
    assert "up to date" in out
    assert "aegis update" not in out
    assert json.loads(project.run("status", "--json").out)["newest"] != "v1.0.0"
