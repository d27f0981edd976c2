"""Whatever Cookiecutter can do, our render equals the stock command's, at `init` and after an update."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from aegis_cli.errors import AegisError
from tests.properties.stories import started, updated
from tests.support.git import git, tree
from tests.support.history import FILE, LINK, SCRIPT, TOP, History
from tests.support.stock import assert_equals_stock, assert_same, stock_tree, vendor_tree

VENDOR = "refs/heads/aegis/vendor"
Files = Mapping[str, "str | bytes"]
ASKED: dict[str, object] = {"project_slug": "app", "name": "Ada"}

PLAIN: dict[str, tuple[dict[str, object], Files]] = {
    "files that are copied": (
        {"_copy_without_render": ["*.html", "raw/*.txt"]},
        {
            f"{TOP}/a.html": "{{ raw }}",
            f"{TOP}/deep/b.html": "{% nothing %}",
            f"{TOP}/raw/{{{{cookiecutter.name}}}}.txt": "{{ raw }}",
            f"{TOP}/raw/other.md": "{{ cookiecutter.name }}",
        },
    ),
    "folders that are copied": (
        {"_copy_without_render": ["assets", "deep/{{cookiecutter.name}}"]},
        {
            f"{TOP}/assets/{{{{ raw }}}}/x.txt": "{{ raw }}",
            f"{TOP}/deep/{{{{cookiecutter.name}}}}/{{% y %}}.txt": "{{ raw }}",
            f"{TOP}/deep/z.txt": "{{ cookiecutter.name }}",
        },
    ),
    "a pattern with a question mark and a class": (
        {"_copy_without_render": ["?.txt", "[!a-m]*.md"]},
        {
            f"{TOP}/a.txt": "{{ raw }}",
            f"{TOP}/ab.txt": "{{ cookiecutter.name }}",
            f"{TOP}/z.md": "{{ raw }}",
            f"{TOP}/b.md": "{{ cookiecutter.name }}",
        },
    ),
    "other delimiters": (
        {
            "_jinja2_env_vars": {
                "variable_start_string": "<<",
                "variable_end_string": ">>",
                "block_start_string": "<%",
                "block_end_string": "%>",
                "lstrip_blocks": True,
                "trim_blocks": True,
            },
            "greeting": "Hello << cookiecutter.name >>",
        },
        {
            "<<cookiecutter.project_slug>>/a.txt": (
                "<< cookiecutter.greeting >> {{ stays }}\n  <% if true %>\nyes\n<% endif %>\n"
            ),
            "<<cookiecutter.project_slug>>/<<cookiecutter.name>>.txt": "{% stays %}\n",
        },
    ),
    "line endings that are set": (
        {"_new_lines": "\r\n"},
        {f"{TOP}/a.txt": "one\ntwo {{ cookiecutter.name }}\n", f"{TOP}/b.txt": "one\r\ntwo\r\n"},
    ),
    "line endings that are kept": (
        {},
        {
            f"{TOP}/crlf.txt": "one\r\n{{ cookiecutter.name }}\r\n",
            f"{TOP}/mixed.txt": "one\ntwo\r\n",
            f"{TOP}/none.txt": "no newline",
            f"{TOP}/blanks.txt": "\n\n{{ cookiecutter.name }}\n\n",
            f"{TOP}/empty.txt": "",
        },
    ),
    "private variables": (
        {
            "_raw": "{{ cookiecutter.name }}",
            "_list": ["a", "b"],
            "__upper": "{{ cookiecutter.name|upper }}",
            "__twice": "{{ cookiecutter.__upper }}{{ cookiecutter.__upper }}",
        },
        {
            f"{TOP}/a.txt": (
                "{{ cookiecutter._raw }} {{ cookiecutter.__twice }}"
                " {% for x in cookiecutter._list %}{{ x }},{% endfor %}\n"
            )
        },
    ),
    "kinds of questions": (
        {
            "licence": ["MIT", "BSD {{ cookiecutter.name }}"],
            "docker": True,
            "tests": False,
            "number": 3,
            "nothing": None,
            "empty": "",
            "servers": {"one": {"port": "{{ cookiecutter.name }}"}, "two": {"port": 2}},
            "__prompts__": {"docker": "Use Docker?"},
        },
        {
            f"{TOP}/a.txt": (
                "{{ cookiecutter.licence }} {{ cookiecutter.docker }} {{ cookiecutter.number + '1' }}"
                "{% if cookiecutter.tests %}tests{% endif %} {{ cookiecutter.nothing }}"
                " {{ cookiecutter.empty }}|{% for k, v in cookiecutter.servers|dictsort %}{{ k }}={{ v.port }};"
                "{% endfor %}\n"
            )
        },
    ),
    "what the template asked, unrendered": (
        {"greeting": "Hi {{ cookiecutter.name }}"},
        {f"{TOP}/a.txt": "{{ _cookiecutter.greeting }} / {{ _cookiecutter.name }}\n"},
    ),
    "the choices that there are": (
        {"licence": ["MIT", "BSD {{ cookiecutter.name }}", "GPL"]},
        {f"{TOP}/a.txt": "{% for x in _cookiecutter.licence %}{{ x }};{% endfor %}\n"},
    ),
    "questions without a default": (
        {"nothing": None, "servers": {"one": None}},
        {
            f"{TOP}/a.txt": (
                "{% if cookiecutter.nothing is none %}none{% endif %}"
                " {{ 'asked' if cookiecutter.servers.one else 'none' }}\n"
            )
        },
    ),
    "answers in the order of the questions": (
        {"servers": {"one": "1"}, "last": "z"},
        {f"{TOP}/a.txt": ("{% for k in cookiecutter if k[:1] != '_' %}{{ k }};{% endfor %}\n")},
    ),
    "all answers in one file": (
        {"_copy_without_render": ["*.raw"], "docker": True},
        {
            f"{TOP}/answers.json": (
                "{% for k, v in cookiecutter|dictsort if k[:1] != '_' or k == '_copy_without_render' %}"
                "{{ k }}: {{ v }}\n{% endfor %}"
            )
        },
    ),
    "extensions that come with Cookiecutter": (
        {"__slug": "{{ cookiecutter.name|slugify }}"},
        {
            f"{TOP}/a.txt": "{{ 'Grüße an Ada'|slugify }} {{ {'a': 1}|jsonify }} {{ cookiecutter.__slug }}\n"
        },
    ),
    "an extension from a package": (
        {"_extensions": ["jinja2.ext.do", "jinja2.ext.loopcontrols"]},
        {
            f"{TOP}/a.txt": "{% for x in [1,2,3] %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}\n"
        },
    ),
    "an extension of its own": (
        {"_extensions": ["local.Shout"], "__loud": "{{ cookiecutter.name|shout }}"},
        {
            "local.py": (
                "from jinja2.ext import Extension\nfrom helper import more\n\n\n"
                "class Shout(Extension):\n    def __init__(self, environment):\n"
                "        super().__init__(environment)\n"
                "        environment.filters['shout'] = lambda text: more(text.upper())\n"
            ),
            "helper.py": "def more(text):\n    return text + '!'\n",
            f"{TOP}/a.txt": "{{ cookiecutter.name|shout }} {{ cookiecutter.__loud }}\n",
        },
    ),
    "inheritance and includes": (
        {},
        {
            "templates/base.txt": "<{% block body %}{% endblock %}>\n",
            "templates/macros.txt": "{% macro hi(x) %}hi {{ x }}{% endmacro %}",
            f"{TOP}/a.txt": "{% extends 'base.txt' %}{% block body %}{{ cookiecutter.name }}{% endblock %}",
            f"{TOP}/b.txt": "{% from 'macros.txt' import hi %}{{ hi(cookiecutter.name) }}\n",
            f"{TOP}/c.txt": "{% include 'd.txt' %}",
            f"{TOP}/d.txt": "{{ cookiecutter.name }}\n",
        },
    ),
    "names that depend on answers": (
        {"docker": False, "module": "a/b"},
        {
            f"{TOP}/{{% if cookiecutter.docker %}}Dockerfile{{% endif %}}": "no\n",
            f"{TOP}/deep/{{% if not cookiecutter.docker %}}yes.txt{{% endif %}}": "yes\n",
            f"{TOP}/{{{{cookiecutter.module}}}}/in.txt": "folder from an answer\n",
            f"{TOP}/{{{{cookiecutter.name}}}}-{{{{cookiecutter.name|lower}}}}.txt": "twice\n",
        },
    ),
    "two files with one place": (
        {"docker": True},
        {
            f"{TOP}/a.txt": "plain\n",
            f"{TOP}/{{% if cookiecutter.docker %}}a.txt{{% endif %}}": "docker\n",
        },
    ),
    "binaries and unusual text": (
        {},
        {
            f"{TOP}/logo.png": b"\x89PNG\r\n\x1a\n\0{{ raw }}",
            f"{TOP}/naïve ☃.txt": "Grüße {{ cookiecutter.name }} \u2028 \x0c x\n",
            f"{TOP}/quote'\".txt": "quotes\n",
            f"{TOP}/bom.txt": "\ufeffhello {{ cookiecutter.name }}\n",
        },
    ),
}
HOOKS: dict[str, tuple[dict[str, object], Files]] = {
    "a hook in Python that deletes and makes files": (
        {"docker": False},
        {
            "hooks/post_gen_project.py": (
                "import os, shutil\n"
                "if '{{ cookiecutter.docker }}' != 'True':\n    os.remove('Dockerfile')\n    shutil.rmtree('deploy')\n"
                "open('made.txt', 'w').write('{{ cookiecutter.name }}')\nos.chmod('run', 0o755)\n"
            ),
            f"{TOP}/Dockerfile": "x\n",
            f"{TOP}/deploy/a": "x\n",
            f"{TOP}/run": "x\n",
        },
    ),
    "a hook in shell, before": (
        {},
        {
            "hooks/pre_gen_project.sh": "#!/bin/sh\necho {{ cookiecutter.name }} > before.txt\n",
            f"{TOP}/a.txt": "a\n",
        },
    ),
    "a hook that makes a repository": (
        {},
        {
            "hooks/post_gen_project.sh": "#!/bin/sh\ngit init -q . && git add -A && git commit -qm x\n",
            f"{TOP}/a.txt": "a\n",
            f"{TOP}/.gitignore": "*.log\n",
        },
    ),
}
ALL = {**PLAIN, **HOOKS}


def template_with(place: Path, questions: Mapping[str, object], files: Files) -> History:
    """Return a template with one release."""
    history = History(place / "template", {**ASKED, **questions})
    change(history, "Start", files)
    history.release("v0.1.0")
    history.write()
    return history


def change(history: History, message: str, files: Files) -> None:
    """Commit files, by their paths in the template; hooks are executable."""
    raw = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    modes = {path: SCRIPT if path.endswith(".sh") else FILE for path in raw}
    history.commit(message, {path: (modes[path], text) for path, text in raw.items()}, top="")


@pytest.mark.parametrize("case", ALL)
def test_a_new_project_equals_what_the_stock_command_makes(case: str, tmp_path: Path) -> None:
    template = template_with(tmp_path, *ALL[case]).path
    project = started(template)
    assert_equals_stock(template, project, "HEAD")
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.parametrize("case", ALL)
def test_an_update_equals_what_the_stock_command_makes(case: str, tmp_path: Path) -> None:
    questions, files = ALL[case]
    history = template_with(tmp_path, questions, files)
    project = started(history.path)
    for number, (path, text) in enumerate(files.items()):
        if path.startswith((TOP, "templates")):
            more = text + (b"\0" if isinstance(text, bytes) else f"More {number}\n")
            change(history, f"Change {number}", {path: more})
    top = next(path.partition("/")[0] for path in files if "cookiecutter.project_slug" in path)
    change(history, "Add", {f"{top}/added.txt": "added\n"})
    history.release("v0.2.0")
    history.write()
    updated(project)
    assert_equals_stock(history.path, project, VENDOR)
    assert tree(project) == tree(project, VENDOR)


def test_the_command_itself_makes_the_same(tmp_path: Path) -> None:
    template = template_with(tmp_path, *PLAIN["names that depend on answers"]).path
    assert_equals_stock(template, started(template), "HEAD", command=True)


def test_a_link_stays_a_link_and_its_target_is_rendered(tmp_path: Path) -> None:
    history = History(tmp_path / "template", ASKED)
    target = b"{{cookiecutter.name}}.txt"
    history.commit("Start", {target.decode(): (FILE, b"x\n"), "link": (LINK, target)})
    history.write()
    assert vendor_tree(started(history.path), "HEAD")["link"] == (LINK, b"Ada.txt")


def test_a_hook_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    hook = "print('no luck')\nraise SystemExit(1)\n"
    files = {"hooks/post_gen_project.py": hook, f"{TOP}/a.txt": "a\n"}
    template = template_with(tmp_path, {}, files).path
    with pytest.raises(AegisError, match="no luck"):
        started(template)
    assert list((tmp_path / "home").iterdir()) == []


def test_what_a_hook_says_is_not_repeated_for_every_commit(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {"hooks/post_gen_project.py": "print('Have fun')\n", f"{TOP}/a.txt": "a\n"}
    started(template_with(tmp_path, {}, files).path)
    assert capfd.readouterr() == ("", "")


def test_a_commit_whose_hook_fails_is_folded_into_the_next(tmp_path: Path) -> None:
    hook, good = "hooks/post_gen_project.py", "print('fine')\n"
    history = template_with(tmp_path, {}, {hook: good, f"{TOP}/a.txt": "a\n"})
    project = started(history.path)
    change(history, "Break", {hook: "raise SystemExit(1)\n", f"{TOP}/a.txt": "b\n"})
    change(history, "Mend", {hook: good})
    history.release("v0.2.0")
    history.write()
    outcome = updated(project)
    assert [folded.subject for folded in outcome.folded] == ["Break"]
    assert_equals_stock(history.path, project, VENDOR)


# Output that varies


SECRETS: dict[str, tuple[dict[str, object], Files]] = {
    "in a file": ({}, {f"{TOP}/.env": "A=1\nSECRET={{ random_ascii_string(20) }}\nB=1\n"}),
    "by a filter": ({}, {f"{TOP}/.env": "A=1\nSECRET={{ range(10**9)|random }}\nB=1\n"}),
    "in a private variable": (
        {"__secret": "{{ random_ascii_string(20) }}"},
        {f"{TOP}/.env": "A=1\nSECRET={{ cookiecutter.__secret }}\nB=1\n"},
    ),
    "by a hook": (
        {},
        {
            "hooks/post_gen_project.py": (
                "import secrets\ntext = open('.env').read()\n"
                "open('.env', 'w').write(text.replace('!!', secrets.token_hex(9)))\n"
            ),
            f"{TOP}/.env": "A=1\nSECRET=!!\nB=1\n",
        },
    ),
    "the time, beside a hook": (
        {},
        {
            "hooks/post_gen_project.py": "",
            f"{TOP}/.env": "A=1\nSECRET={% now 'utc', '%f' %}\nB=1\n",
        },
    ),
    "by an extension of its own": (
        {"_extensions": ["local.Secret"]},
        {
            "local.py": (
                "import secrets\nfrom jinja2.ext import Extension\n\n\nclass Secret(Extension):\n"
                "    def __init__(self, environment):\n        super().__init__(environment)\n"
                "        environment.globals['hidden'] = lambda: secrets.token_hex(9)\n"
            ),
            f"{TOP}/.env": "A=1\nSECRET={{ hidden() }}\nB=1\n",
        },
    ),
}


@pytest.mark.parametrize("case", SECRETS)
def test_a_value_that_varies_stays_as_the_project_has_it(case: str, tmp_path: Path) -> None:
    questions, files = SECRETS[case]
    history = template_with(tmp_path, questions, {**files, f"{TOP}/other.txt": "x\n"})
    project = started(history.path)
    (secret,) = (x for x in (project / ".env").read_text().splitlines() if "SECRET" in x)
    env = str(files[f"{TOP}/.env"])
    change(history, "Other", {f"{TOP}/other.txt": "y\n"})
    change(history, "Same file", {f"{TOP}/.env": env.replace("B=1", "B=2")})
    history.ask({**ASKED, **questions, "later": "x"})
    change(history, "Ask", {f"{TOP}/third.txt": "y\n"})
    history.release("v0.2.0")
    history.write()
    outcome = updated(project)
    assert (project / ".env").read_text() == f"A=1\n{secret}\nB=2\n"
    assert [commit.paths for commit in outcome.upstream] == [
        ("other.txt",),
        (".env",),
        ("third.txt",),
    ]


@pytest.mark.parametrize("case", [case for case in SECRETS if case != "in a private variable"])
def test_a_secret_that_a_later_commit_brings_does_not_change_with_the_next(
    case: str, tmp_path: Path
) -> None:
    questions, files = SECRETS[case]
    early = {path: text for path, text in files.items() if path != f"{TOP}/.env"}
    if case == "by a hook":
        early["hooks/post_gen_project.py"] = ""
    history = template_with(tmp_path, questions, {**early, f"{TOP}/other.txt": "x\n"})
    project = started(history.path)
    change(history, "Secret", {**files, f"{TOP}/.env": files[f"{TOP}/.env"]})
    change(history, "Other", {f"{TOP}/other.txt": "y\n"})
    change(history, "Third", {f"{TOP}/other.txt": "z\n"})
    history.release("v0.2.0")
    history.write()
    outcome = updated(project)
    assert [commit.paths for commit in outcome.upstream] == [
        (".env",),
        ("other.txt",),
        ("other.txt",),
    ]


def test_an_answer_with_jinja_in_it_is_taken_as_it_is(tmp_path: Path) -> None:
    files = {f"{TOP}/a.txt": "{{ cookiecutter.name }}\n"}
    template = template_with(tmp_path, {"more": json.dumps({"a": 1})}, files).path
    from aegis_cli.operations.create import Request, create
    from tests.support.reporter import Silent

    request = Request(
        "app",
        tmp_path,
        source=str(template),
        settings={"name": '{{ 7*7 }} "q" \\ {% x %}'},
        trusted=True,
    )
    create(request, Silent())
    assert (tmp_path / "app" / "a.txt").read_text() == '{{ 7*7 }} "q" \\ {% x %}\n'


REPLAYS: dict[str, list[dict[str, tuple[str, bytes] | None]]] = {
    "a name that becomes plain": [
        {"{{cookiecutter.name}}.txt": (FILE, b"one\n"), "b": (FILE, b"b\n")},
        {"{{cookiecutter.name}}.txt": None, "Ada.txt": (FILE, b"two\n")},
        {"Ada.txt": (FILE, b"three\n")},
    ],
    "a file that becomes a folder and a file again": [
        {"x": (FILE, b"file\n")},
        {"x": None, "x/y": (FILE, b"folder\n")},
        {"x/y": None, "x": (SCRIPT, b"script\n")},
    ],
    "a file that becomes a link and a file again": [
        {"x": (FILE, b"file\n"), "y": (FILE, b"y\n")},
        {"x": (LINK, b"y")},
        {"x": (FILE, b"again\n")},
    ],
    "a folder whose name becomes plain": [
        {"{{cookiecutter.name}}/x": (FILE, b"one\n")},
        {"{{cookiecutter.name}}/x": None, "Ada/x": (FILE, b"one\n"), "Ada/y": (FILE, b"two\n")},
        {"Ada/x": (FILE, b"three\n")},
    ],
    "two places for one file, then one": [
        {"a": (FILE, b"a\n"), "{{'a'}}": (FILE, b"b\n")},
        {"a": (FILE, b"c\n")},
        {"{{'a'}}": None},
        {"b": (FILE, b"b\n")},
    ],
}


@pytest.mark.parametrize("case", REPLAYS)
def test_each_step_of_one_replay_equals_the_stock_command(case: str, tmp_path: Path) -> None:
    first, *later = REPLAYS[case]
    history = History(tmp_path / "template", ASKED)
    history.commit("Start", first)
    history.release("v0.1.0")
    for number, changes in enumerate(later):
        history.commit(f"Change {number}", changes)
    history.release("v0.2.0")
    history.write()
    project = started(history.path, ref="v0.1.0")
    updated(project)
    log = git(
        project, "log", "--reverse", "--format=%H %(trailers:key=Template-Commit,valueonly)", VENDOR
    )
    commits = [line.split() for line in log.splitlines() if line][1:]
    assert len(commits) >= len(later)
    for commit, upstream in commits:
        answers = {"project_slug": "app", "name": "Ada"}
        assert_same(vendor_tree(project, commit), stock_tree(history.path, upstream, {}, answers))
