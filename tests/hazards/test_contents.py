"""Contents that tools trip over: binary, CRLF, no newline at the end, other encodings, Jinja-like text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, edited, everything, plain_template

BINARY = bytes(range(256)) * 8
CRLF = LINES.replace("\n", "\r\n")
JINJA = "{{ cookiecutter.project_slug }} {% if %} {# note #} {{ 7*7 }}\n"


def raw(project: Project, path: str) -> bytes:
    return (project.root / path).read_bytes()


def test_a_binary_file_arrives_and_is_updated_as_it_is(tmp_path: Path) -> None:
    """Byte for byte, at the start and with an update."""
    template = plain_template(tmp_path, {"logo.png": BINARY})
    project = Project.start(template)
    assert raw(project, "logo.png") == BINARY
    template.main("Another logo", {"logo.png": BINARY[::-1]})
    project.update()
    assert raw(project, "logo.png") == BINARY[::-1]


def test_the_users_binary_file_stays(tmp_path: Path) -> None:
    """The user's own logo survives updates of other files."""
    template = plain_template(tmp_path, {"logo.png": BINARY, "x.txt": "x\n"})
    project = Project.start(template)
    project.commit("My logo", {"logo.png": BINARY + b"mine"})
    template.main("Change", {"x.txt": "y\n"})
    project.update()
    assert raw(project, "logo.png") == BINARY + b"mine"


def test_a_binary_file_that_both_change_is_never_merged(tmp_path: Path) -> None:
    """A conflict without markers: the user's bytes lie there whole."""
    template = plain_template(tmp_path, {"logo.png": BINARY})
    project = Project.start(template)
    project.commit("My logo", {"logo.png": BINARY + b"mine"})
    template.main("Their logo", {"logo.png": BINARY + b"theirs"})
    project.update(expect=3)
    assert raw(project, "logo.png") == BINARY + b"mine"
    assert project.unmerged() == {"logo.png"}


def test_line_endings_of_the_template_stay(tmp_path: Path) -> None:
    """CRLF files arrive as CRLF, and a change on each side merges."""
    template = plain_template(tmp_path, {"dos.txt": CRLF})
    project = Project.start(template)
    assert raw(project, "dos.txt") == CRLF.encode()
    project.commit("Mine", {"dos.txt": CRLF.replace("line 2\r", "mine 2\r")})
    template.main("Theirs", {"dos.txt": CRLF.replace("line 30\r", "theirs 30\r")})
    project.update()
    merged = CRLF.replace("line 2\r", "mine 2\r").replace("line 30\r", "theirs 30\r")
    assert raw(project, "dos.txt") == merged.encode()
    assert project.is_clean()


def test_a_settled_hunk_in_a_crlf_file_is_crlf(tmp_path: Path) -> None:
    """What settling writes has the file's own line endings."""
    text = "a = 1\r\nb = 2\r\n"
    template = plain_template(tmp_path, {"dos.py": text})
    project = Project.start(template)
    project.commit("Mine", {"dos.py": text + "mine = 1\r\n"})
    template.main("Theirs", {"dos.py": text + "theirs = 1\r\n"})
    ran = project.update()
    assert "Settled" in ran.out
    assert sorted(raw(project, "dos.py").split(b"\r\n")) == [
        b"", b"a = 1", b"b = 2", b"mine = 1", b"theirs = 1",
    ]  # fmt: skip


def test_a_file_without_a_newline_at_its_end_stays_so(tmp_path: Path) -> None:
    """At the start, and when both sides change other lines of it."""
    text = LINES.rstrip("\n")
    template = plain_template(tmp_path, {"x.txt": text})
    project = Project.start(template)
    assert project.read("x.txt") == text
    project.commit("Mine", {"x.txt": edited(text, 2, to="mine")})
    template.main("Theirs", {"x.txt": edited(text, 20)})
    project.update()
    assert project.read("x.txt") == edited(edited(text, 2, to="mine"), 20)


def test_both_append_to_a_file_without_a_newline_at_its_end(tmp_path: Path) -> None:
    """Lines are never glued together: settled or a conflict, each line stands by itself."""
    template = plain_template(tmp_path, {"x.py": "a = 1\nb = 2"})
    project = Project.start(template)
    project.commit("Mine", {"x.py": "a = 1\nb = 2\nmine = 1"})
    template.main("Theirs", {"x.py": "a = 1\nb = 2\ntheirs = 1"})
    code = aegis("update", "--project-path", project.root).code
    assert code in (0, 3)
    lines = project.read("x.py").splitlines()
    assert {"b = 2", "mine = 1", "theirs = 1"} <= set(lines)


NAMES = [
    "größe.txt",
    "日本/語.txt",
    "with space.txt",
    'quo"te.txt',
    "tab\there.txt",
    "-dash.txt",
    ":(top)x",
    "*.txt",
]


def test_names_that_need_quoting_arrive_and_are_updated(tmp_path: Path) -> None:
    """Non-ASCII names, spaces, quotes, tabs, leading dashes, pathspec magic."""
    template = plain_template(tmp_path, dict.fromkeys(NAMES, LINES))
    project = Project.start(template)
    assert project.paths() == set(NAMES)
    project.commit("Mine", {name: edited(LINES, 2, to="mine") for name in NAMES})
    template.main("Change", {name: edited(LINES, 30) for name in NAMES})
    project.update()
    for name in NAMES:
        assert project.read(name) == edited(edited(LINES, 2, to="mine"), 30)
    assert project.is_clean()


def test_names_that_need_quoting_are_settled_and_stay_deleted(tmp_path: Path) -> None:
    """Settling and keeping deletions work on such names, too, and touch no other file."""
    template = plain_template(tmp_path, dict.fromkeys(NAMES, "a = 1\n"))
    project = Project.start(template)
    project.commit("Mine", dict.fromkeys(NAMES[:-1], "a = 1\nmine = 1\n") | {"*.txt": None})
    template.main("Theirs", dict.fromkeys(NAMES, "a = 1\ntheirs = 1\n"))
    project.update()
    assert project.paths() == set(NAMES[:-1])
    for name in NAMES[:-1]:
        assert "mine = 1\n" in project.read(name)
        assert "theirs = 1\n" in project.read(name)
    assert project.is_clean()


def test_names_that_are_not_utf8_are_merged_around(tmp_path: Path) -> None:
    """A file of the user's own with a latin-1 name stays as it is."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    name = b"gr\xf6\xdfe.txt".decode("utf-8", "surrogateescape")
    project.commit("Mine", {name: "mine\n"})
    template.main("Change", {"x.txt": "y\n"})
    project.update()
    assert project.read(name) == "mine\n"
    project.run("status")
    project.run("diff")
    assert project.is_clean()


def test_latin_1_content_of_the_user_survives(tmp_path: Path) -> None:
    """The user saved a template file as latin-1: template changes elsewhere in it merge byte for byte."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    mine = edited(LINES, 2, to="gr\xf6\xdfe").encode("latin-1")
    project.commit("Latin-1", {"x.txt": mine})
    template.main("Change", {"x.txt": edited(LINES, 30)})
    project.update()
    assert raw(project, "x.txt") == mine.replace(b"line 30\n", b"changed 30\n")


def test_latin_1_content_in_a_conflict_survives(tmp_path: Path) -> None:
    """Settled or not, the user's bytes are there."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    mine = edited(LINES, 2, to="gr\xf6\xdfe").encode("latin-1")
    project.commit("Latin-1", {"x.txt": mine})
    template.main("Change", {"x.txt": edited(LINES, 2)})
    project.update(expect=3)
    assert b"gr\xf6\xdfe 2\n" in raw(project, "x.txt")
    assert b"changed 2\n" in raw(project, "x.txt")


LATIN = "gr\xf6\xdfe und l\xe4nge, \xfcber alles\n".encode("latin-1") * 3


def test_latin_1_in_the_template_is_a_clean_error_at_init(tmp_path: Path) -> None:
    """Stock Cookiecutter cannot read it: the error names the file, and nothing is made."""
    template = plain_template(tmp_path, {"x.txt": "x\n", "docs/latin.txt": LATIN})
    ran = aegis(
        "init", "app", "-y", "--trust", "--template", template.path, "--output-dir", tmp_path
    )
    assert ran.code == 1, ran.text
    assert "docs/latin.txt" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["template"]


def test_latin_1_in_the_template_is_a_clean_error_at_update(tmp_path: Path) -> None:
    """The update is refused and names the file; the project stays as it is."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    template.main("Latin-1", {"docs/latin.txt": LATIN})
    ran = project.refuses("update")
    assert "docs/latin.txt" in ran.err


def test_an_answer_that_looks_like_jinja_stays_verbatim(tmp_path: Path) -> None:
    """In files, in names of files, in the state, and in the next update."""
    template = plain_template(
        tmp_path, {"x.txt": "{{ cookiecutter.author }}\n", "{{ cookiecutter.author }}.txt": "x\n"},
        author="nobody", greeting="Hello {{ cookiecutter.author }}",
    )  # fmt: skip
    project = Project.start(template, "--set", "author={{ 7*7 }}{% raw %}{#")
    assert project.read("x.txt") == "{{ 7*7 }}{% raw %}{#\n"
    assert "{{ 7*7 }}{% raw %}{#.txt" in project.paths()
    template.main("Change", {"y.txt": "{{ cookiecutter.greeting }}\n"})
    project.update()
    assert project.read("y.txt") == "Hello {{ 7*7 }}{% raw %}{#\n"
    assert project.read("x.txt") == "{{ 7*7 }}{% raw %}{#\n"


@pytest.mark.parametrize(
    "answer", ["a\nb", "  spaces ", "'\"", "\\n", "{}", "null", "yes", "1.10", "ü", "#x"]
)
def test_odd_answers_are_rendered_and_remembered_as_they_are(tmp_path: Path, answer: str) -> None:
    """No parser on the way takes them for something else, now or with the next update."""
    template = plain_template(tmp_path, {"x.txt": "<{{ cookiecutter.title }}>\n"}, title="none")
    project = Project.start(template, "--set", f"title={answer}")
    assert project.read("x.txt") == f"<{answer}>\n"
    template.main("Change", {"y.txt": "<{{ cookiecutter.title }}>\n"})
    project.update()
    assert project.read("y.txt") == f"<{answer}>\n"


def test_jinja_like_text_of_the_user_is_never_rendered(tmp_path: Path) -> None:
    """What the user writes is text, whatever it looks like."""
    template = plain_template(tmp_path, {"x.txt": LINES, "y.txt": "y\n"})
    project = Project.start(template)
    project.commit("Mine", {"x.txt": JINJA + LINES, "own.txt": JINJA})
    template.main("Change", {"x.txt": edited(LINES, 30)})
    project.update()
    assert project.read("x.txt") == JINJA + edited(LINES, 30)
    assert project.read("own.txt") == JINJA


def test_what_the_template_does_not_render_stays_verbatim(tmp_path: Path) -> None:
    """`_copy_without_render` and raw blocks, at the start and when they change."""
    template = plain_template(
        tmp_path, {"pages/a.html": JINJA, "x.txt": "{% raw %}{{ x }}{% endraw %}\n"},
        _copy_without_render=["pages/*.html"],
    )  # fmt: skip
    project = Project.start(template)
    assert project.read("pages/a.html") == JINJA
    assert project.read("x.txt") == "{{ x }}\n"
    template.main("Change", {"pages/a.html": JINJA * 2, "x.txt": "{% raw %}{% x %}{% endraw %}\n"})
    project.update()
    assert project.read("pages/a.html") == JINJA * 2
    assert project.read("x.txt") == "{% x %}\n"


def test_a_folder_that_is_copied_keeps_the_names_in_it(tmp_path: Path) -> None:
    """Names below a folder in `_copy_without_render` are verbatim as well."""
    name = "pages/{{ cookiecutter.nothing }}.html"
    template = plain_template(tmp_path, {name: JINJA}, _copy_without_render=["pages"])
    project = Project.start(template)
    assert project.paths() == {name}
    assert project.read(name) == JINJA


def test_an_empty_file_is_an_empty_file(tmp_path: Path) -> None:
    """From the template, emptied by the template, emptied by the user."""
    template = plain_template(tmp_path, {"empty": "", "x.txt": LINES, "y.txt": LINES})
    project = Project.start(template)
    assert raw(project, "empty") == b""
    project.commit("Mine", {"y.txt": ""})
    template.main("Empty", {"x.txt": ""})
    project.update()
    assert (raw(project, "x.txt"), raw(project, "y.txt")) == (b"", b"")


def test_the_longest_file_name_works(tmp_path: Path) -> None:
    """255 bytes, as file systems allow, nested deeply."""
    name = "/".join(["d" * 100] * 8 + ["f" * 255])
    template = plain_template(tmp_path, {name: "x\n"})
    project = Project.start(template)
    template.main("Change", {name: "y\n"})
    project.update()
    assert project.read(name) == "y\n"


def test_a_name_that_becomes_too_long_is_a_clean_error(tmp_path: Path) -> None:
    """An answer makes a file's name longer than the file system takes: refused, nothing is made."""
    template = plain_template(tmp_path, {"{{ cookiecutter.title }}.txt": "x\n"}, title="short")
    ran = aegis(
        "init", "app", "-y", "--trust", "--template", template.path, "--output-dir", tmp_path,
        "--set", f"title={'x' * 300}",
    )  # fmt: skip
    assert ran.code == 1, ran.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["template"]


def test_undecodable_names_in_the_template_are_no_bug_of_ours(tmp_path: Path) -> None:
    """A latin-1 file name in the template arrives, or is refused with a word; no traceback."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    before = everything(project.root)
    name = b"gr\xf6\xdfe.txt".decode("utf-8", "surrogateescape")
    template.main("Latin-1 name", {name: "x\n"})
    ran = aegis("update", "--project-path", project.root)
    assert ran.code in (0, 1), ran.text
    if ran.code:
        assert everything(project.root) == before
    else:
        assert project.read(name) == "x\n"
