"""`aegis offer`: fixes of a project as commits of its template. What has no one place there is left, and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aegis_cli.errors import UsageError
from aegis_cli.operations.offer import Offered, offer
from aegis_cli.template.backwards import Why
from aegis_cli.template.trusted import trust
from tests.hazards.support import plain_template
from tests.support.fixes import with_code
from tests.support.git import commit, git
from tests.support.project import Aegis, ProjectRepo, Refused
from tests.support.reporter import Silent
from tests.support.template import TOP, TemplateRepo
from tests.support.third_party import ThirdPartyRepo

Offer = Callable[..., Offered]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Where the template is cloned to."""
    return tmp_path / "clone"


@pytest.fixture
def give(project: ProjectRepo, clone: Path) -> Offer:
    """Commit files, and offer that to `clone`; the project's repository stays as it is."""

    def call(files: dict[str, str | bytes | None], subject: str = "Mend it") -> Offered:
        made = project.commit(subject, files)
        before = project.snapshot()
        found = offer(project.path, [made], Silent(), to=clone)
        assert project.snapshot() == before
        return found

    return call


def left(found: Offered) -> list[tuple[str, Why]]:
    """Return what was not turned back."""
    return [(each.path, each.why) for each in found.commits[0].left]


def test_a_branch_with_the_commit_as_it_was(
    project: ProjectRepo, story: TemplateRepo, clone: Path
) -> None:
    """Author, date and message stay; the branch stands on the commit that the project is made from."""
    text = project.read("docs/guide.md").replace("Line 12\n", "Line twelve\n")
    project.write({"docs/guide.md": text})
    message = "Guide: say twelve\n\nBecause.\n\nTemplate-Branch: main\nHelped-by: Bea\n"
    project.git(
        "commit", "-qam", message, "--author=Cy <cy@example.org>", "--date=2026-02-03T04:05:06+0200"
    )

    found = offer(project.path, ["HEAD"], Silent(), to=clone)

    (branch,) = found.handed
    assert (found.status, branch.branch, branch.onto) == ("done", "offer/guide-say-twelve", "main")
    (made,) = branch.commits
    shown = git(clone, "show", "--format=%an %ae %aI%n%B", "--name-only", branch.branch)
    assert [*filter(None, shown.split("\n"))] == [
        "Cy cy@example.org 2026-02-03T04:05:06+02:00",
        "Guide: say twelve", "Because.", "Helped-by: Bea", f"{TOP}/docs/guide.md",
    ]  # fmt: skip
    assert git(clone, "rev-parse", f"{made}^") == git(story.path, "rev-parse", "v0.1.0")
    assert git(clone, "status", "--porcelain") == ""


def test_a_component_s_file_and_its_parts(give: Offer, project: ProjectRepo, clone: Path) -> None:
    """They go to the component's branch, a part into its file; the base file's own lines go to main."""
    config = project.read("app/config.py")
    found = give(
        {
            "app/scheduler.py": project.read("app/scheduler.py").replace("_3 = 3", "_3 = 33"),
            "app/config.py": config.replace('"scheduler://"', '"cron://"').replace(
                "debug = False", "debug = True"
            ),
        }
    )
    assert left(found) == []
    by_branch = {each.onto: each.branch for each in found.handed}
    assert by_branch == {
        "main": "offer/mend-it-main",
        "component/scheduler": "offer/mend-it",
    } or by_branch == {"main": "offer/mend-it", "component/scheduler": "offer/mend-it-scheduler"}
    names = git(clone, "show", "--format=", "--name-only", by_branch["component/scheduler"])
    assert names.split("\n") == [
        "components/scheduler/parts/app/config.py/settings.py", f"{TOP}/app/scheduler.py",
    ]  # fmt: skip
    assert git(clone, "show", f"{by_branch['component/scheduler']}:{names.split()[0]}") == (
        'scheduler_url = "cron://"'
    )
    assert (
        git(clone, "show", "--format=", "--name-only", by_branch["main"]) == f"{TOP}/app/config.py"
    )
    assert "# slot: settings" in git(clone, "show", f"{by_branch['main']}:{TOP}/app/config.py")


def test_what_an_answer_came_to_stays_an_expression(
    give: Offer, project: ProjectRepo, clone: Path
) -> None:
    """It is left alone where it stands; new lines that hold the answer are told, and offered as they are."""
    found = give(
        {
            "app/main.py": 'NAME = APP = "app"  # a name\n',
            "docs/guide.md": project.read("docs/guide.md").replace("Line 3\n", "The app\n"),
        }
    )
    assert left(found) == []
    assert git(clone, "show", f"{found.handed[0].branch}:{TOP}/app/main.py") == (
        'NAME = APP = "{{ cookiecutter.project_slug }}"  # a name'
    )
    assert [(each.line, each.question) for each in found.commits[0].literals] == [
        ("The app", "project_slug")
    ]


@pytest.mark.parametrize(
    "text",
    ['APP = "other"\n', 'APP = "apps"\n', 'APP = "my-app"\n', "X = 1\n", 'A = "app"\nB = "app"\n'],
)
def test_another_value_is_left(give: Offer, text: str) -> None:
    """Whether it should be an answer is not to be known."""
    assert left(give({"app/main.py": text})) == [("app/main.py", Why.ANSWER)]


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        # Above the slot's first line: the base's, or the part's?
        ("app/config.py", "    scheduler_url", "    new = 1\n    scheduler_url", Why.SEAM),
        ("README.md", "- scheduler\n", "- scheduler\n- more\n", Why.SEAM),
        ("docs/guide.md", "Line 3\n", "Line {{ 3 }}\n", Why.CODE),
        ("docs/guide.md", "Line 3\n", "# slot: guide\n", Why.CODE),
    ],
)
def test_what_has_no_one_place_is_left(
    give: Offer, project: ProjectRepo, path: str, old: str, new: str, why: Why
) -> None:
    """It is told, and nothing is written."""
    found = give({path: project.read(path).replace(old, new)})
    assert (found.status, found.handed, left(found)) == ("nothing", (), [(path, why)])


def test_the_rest_of_a_commit_is_offered(give: Offer, project: ProjectRepo, clone: Path) -> None:
    """What is the project's own is named: new files, other names, lines beside edits of its own."""
    mine = project.read("docs/guide.md").replace("Line 20\n", "Line 20, mine\n")
    project.commit("Mine", {"docs/guide.md": mine, "own.txt": "mine\n"})
    found = give(
        {
            "docs/guide.md": mine.replace("Line 21\n", "Line 21!\n").replace("Line 5\n", "Five\n"),
            "own.txt": "mine!\n",
            "new.txt": "new\n",
            "app/scheduler.py": None,
            "app/planner.py": project.read("app/scheduler.py"),
        }
    )
    assert sorted(left(found)) == [
        ("app/planner.py", Why.RENAMED), ("app/scheduler.py", Why.RENAMED), ("docs/guide.md", Why.YOURS),
        ("new.txt", Why.NEW), ("own.txt", Why.NOT_THEIRS),
    ]  # fmt: skip
    assert git(clone, "diff", "-U0", "v0.1.0", found.handed[0].branch).split("\n")[-2:] == [
        "-Line 5",
        "+Five",
    ]


def test_files_that_go_and_modes(give: Offer, project: ProjectRepo, clone: Path) -> None:
    """Both are changes like any other."""
    (project.path / "docs/guide.md").chmod(0o755)
    found = give({"app/scheduler.py": None})
    assert left(found) == []
    shown = git(clone, "log", "--format=", "--summary", "--all", "-2", "--author=User")
    assert sorted(line.strip() for line in shown.split("\n") if line) == [
        f"delete mode 100644 {TOP}/app/scheduler.py",
        f"mode change 100644 => 100755 {TOP}/docs/guide.md",
    ]


def test_commits_upon_each_other(project: ProjectRepo, clone: Path) -> None:
    """They come as a series; what the template has already is passed over."""
    text = project.read("docs/guide.md")
    first = project.commit("One", {"docs/guide.md": text.replace("Line 5\n", "Line five\n")})
    second = project.commit("Two", {"docs/guide.md": text.replace("Line 5\n", "Line V\n")})
    found = offer(project.path, [first, second], Silent(), to=clone)
    assert git(clone, "log", "--format=%s", "-2", found.handed[0].branch) == "Two\nOne"

    project.update("v0.2.0")
    health = project.git("log", "--all", "--format=%H", "--grep=^guide: a better line 5$")
    assert health
    again = offer(project.path, [second], Silent(), to=clone, branch="again")
    assert (again.status, left(again)) == ("nothing", [("docs/guide.md", Why.YOURS)])


def test_code_of_a_template(tmp_path: Path) -> None:
    """Inside of a condition is a place; its edges, loops, and what an answer decides are none."""
    template = with_code(tmp_path / "template")
    project = ProjectRepo.init(template, tmp_path, author="Grace Hopper")

    def give(path: str, old: str, new: str) -> Offered:
        made = project.commit("Fix", {path: project.read(path).replace(old, new, 1)})
        found = offer(project.path, [made], Silent(), dry_run=True)
        project.git("reset", "--quiet", "--hard", "HEAD~1")
        return found

    assert left(give("README.md", "Read them.\n", "Read all of them.\n")) == []
    assert left(give("README.md", "Read them.\n", "Read them.\nTwice.\n")) == [
        ("README.md", Why.SEAM)
    ]
    assert left(give("README.md", "By Grace Hopper.", "By Grace Hopper, with love.")) == []
    assert left(give("README.md", "By Grace Hopper.", "By Ada.")) == [("README.md", Why.ANSWER)]
    assert left(give("app/stages.py", '"live": "app-live"', '"live": "app-now"')) == [
        ("app/stages.py", Why.COMPUTED)
    ]
    assert left(give("pyproject.toml", '"mkdocs"', '"mkdocs>2"')) == []
    assert left(give("app/stages.py", '    "live": "app-live",\n', "")) == [
        ("app/stages.py", Why.COMPUTED)
    ]
    assert left(give("compose.yml", "    command: echo {{ stamp }}\n", "")) == []
    assert left(give("compose.yml", "    command: echo", "    tty: true\n    command: echo")) == []
    found = give("compose.yml", "echo {{ stamp }}", "echo now {{ stamp }}")
    assert "+{% raw %}    command: echo now {{ stamp }}" in found.diff


def test_no_code_of_a_commit_runs(tmp_path: Path, aegis: Aegis) -> None:
    """Neither as code of the template nor by its hooks; and nothing of the template before it is trusted."""
    mark = tmp_path / "ran"
    template = plain_template(tmp_path, {"run.sh": "true\ntrue\n\ntrue\n", "a.txt": "a\nb\nc\n"})
    template.root("Hook", {"hooks/post_gen_project.sh": "#!/bin/sh\nsh ./run.sh\n"})
    project = ProjectRepo.init(template, tmp_path)
    attack = "{{ cycler.__init__.__globals__.os.mkdir('" + str(mark) + "') }}"
    project.commit(
        "Attack", {"run.sh": f"mkdir {mark}\ntrue\n\ntrue\n", "a.txt": f"a\n{attack}\nc\n"}
    )

    found = offer(project.path, ["HEAD"], Silent(), dry_run=True)

    assert left(found) == [("a.txt", Why.CODE)]
    assert f"+mkdir {mark}" in found.diff
    assert not mark.exists()


def test_it_asks_for_trust(
    project: ProjectRepo, refused: Refused, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The one gate stands before it."""
    project.commit("Fix", {"docs/guide.md": "x\n"})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert "not trusted" in refused(project, "offer", "HEAD", "--dry-run")


def test_what_cannot_be_offered_is_refused(
    project: ProjectRepo, refused: Refused, tmp_path: Path
) -> None:
    """In words, with the next command."""
    assert "There is no commit" in refused(project, "offer", "0123abcd", code=2)
    project.update("v0.2.0")
    assert "comes from the template" in refused(project, "offer", "aegis/vendor~1")
    first = project.git("rev-list", "--max-parents=0", "HEAD").split("\n")[0]
    assert "first commit" in refused(project, "offer", first)
    project.git("checkout", "--quiet", "-b", "side")
    project.commit("Side", {"docs/guide.md": project.read("docs/guide.md") + "More\n"})
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side")
    assert "is a merge" in refused(project, "offer", "HEAD")
    assert "not both" in refused(project, "offer", "side", "--to", "a", "--patch", "b", code=2)
    assert "no checkout of the template" in refused(project, "offer", "side", "--to", project.path)
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    commit(other, "Other", {"x": "x"})
    assert "lacks the commit" in refused(project, "offer", "side", "--to", other)


def test_a_branch_that_is_there_stays(
    give: Offer, project: ProjectRepo, refused: Refused, clone: Path
) -> None:
    """Another name is asked for."""
    found = give({"docs/guide.md": project.read("docs/guide.md").replace("Line 7\n", "Seven\n")})
    before = git(clone, "for-each-ref")
    said = refused(project, "offer", "HEAD", "--to", clone)
    assert f"has a branch '{found.handed[0].branch}' already" in said
    assert git(clone, "for-each-ref") == before
    git(clone, "branch", "fixes")
    said = refused(project, "offer", "HEAD", "--to", clone, "--branch", "fixes/one")
    assert "cannot have such a branch" in said


def test_a_clone_stays_for_a_branch_alone(
    project: ProjectRepo, refused: Refused, clone: Path
) -> None:
    """Where none can be made, nothing was changed, as it says; nor is what cannot be deleted told to be."""
    project.commit("Mend", {"docs/guide.md": project.read("docs/guide.md").replace("7\n", "VII\n")})
    said = refused(project, "offer", "HEAD", "--to", clone, "--branch", "a b", code=2)
    assert "No branch can be called 'a b'. Nothing was changed." in said
    assert not clone.exists()
    clone.mkdir()
    said = refused(project, "offer", "HEAD", "--to", clone, "--branch", "main")
    assert "has a branch 'main' already; it stays as it is. Nothing was changed." in said
    assert "branch -D" not in said
    assert not list(clone.iterdir())


def test_a_third_party_s_component(
    story: TemplateRepo, tmp_path: Path, project: ProjectRepo
) -> None:
    """Its changes are for its own repository, those of the template for that."""
    notes = ThirdPartyRepo(tmp_path / "notes")
    trust(str(notes.path))
    trust(notes.path.as_uri())
    project.add(f"{notes.path.as_uri()}#main")
    text = project.read("app/notes.py").replace("notes_1 = 1", "notes_1 = 100")
    guide = project.read("docs/guide.md").replace("Line 12\n", "Line twelve\n")
    project.commit("Both", {"app/notes.py": text, "docs/guide.md": guide})

    found = offer(project.path, ["HEAD"], Silent())

    assert left(found) == []
    places = {each.source: Path(each.place) for each in found.handed}
    assert places == {
        notes.path.as_uri(): tmp_path / "notes-offer",
        str(story.path): tmp_path / "template-offer",
    }
    shown = git(tmp_path / "notes-offer", "show", "--format=", "-U0", "offer/both")
    assert shown.split("\n")[-2:] == ["-notes_1 = 1", "+notes_1 = 100"]
    with pytest.raises(UsageError, match="several repositories"):
        offer(project.path, ["HEAD"], Silent(), to=tmp_path / "else")


def test_a_template_at_an_address(story: TemplateRepo, tmp_path: Path, aegis: Aegis) -> None:
    """The clone is of that address. What was turned back is no commit of theirs, and none of a stranger's."""
    address = "https://example.org/site.git"
    git(tmp_path, "config", "--global", f"url.{story.path.as_uri()}.insteadOf", address)
    words = ("--template", address, "-o", tmp_path, "-y", "--trust", "--ref", "v0.2.0")
    assert aegis("init", "app", *words)[0] == 0
    project = ProjectRepo(tmp_path / "app")
    project.commit("Fix", {"app/main.py": project.read("app/main.py") + "# more\n"})
    code, out, err = aegis("offer", "HEAD", "--project-path", project.path)
    assert code == 0, err
    assert "1 change turned back" in out
    assert git(tmp_path / "site-offer", "config", "remote.origin.url") == address


def test_patches_in_a_subfolder_of_a_larger_repository(
    story: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """`git am` takes them; the default is a clone beside the project; `--json` tells it all."""
    mono = tmp_path / "mono"
    mono.mkdir()
    git(mono, "init", "--quiet")
    commit(mono, "Start", {"x": "x\n"})
    project = ProjectRepo.init(story, mono, "scheduler", ref="v0.1.0")
    text = project.read("docs/guide.md").replace("Line 12\n", "Line twelve\n")
    project.commit("Twelve", {"docs/guide.md": text, "../x": "y\n"})
    words = ("offer", "HEAD", "--project-path", project.path)

    code, out, err = aegis(*words, "--patch", tmp_path / "patches", "--json")
    assert code == 0, err
    told = json.loads(out)
    (patch,) = told["handed"][0]["patches"]
    code, _, err = aegis(*words, "--patch", tmp_path / "patches")
    assert code == 2
    assert "has patches already" in err, "they stay as they are"
    code, out, err = aegis(*words)
    assert (code, err) == (0, "")
    assert f"git -C {mono / 'template-offer'} push origin offer/twelve" in out

    beside = mono / "template-offer"
    git(beside, "checkout", "--quiet", "--detach", "v0.1.0")
    git(beside, "am", "--quiet", patch)
    assert git(beside, "diff", "HEAD", "offer/twelve") == ""
    assert git(beside, "log", "-1", "--format=%an %s") == "User Twelve"


def test_a_template_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    """Its paths there begin with the folder."""
    several = tmp_path / "several"
    several.mkdir()
    git(several, "init", "--quiet", "--initial-branch=main")
    question = '{"project_slug": "app"}'
    commit(several, "Start", {"one/cookiecutter.json": question, f"one/{TOP}/a.txt": "a\nb\n"})
    project = ProjectRepo.init(several / "one", tmp_path)
    project.commit("Fix", {"a.txt": "a\nbee\n"})
    found = offer(project.path, ["HEAD"], Silent(), to=tmp_path / "clone")
    shown = git(tmp_path / "clone", "show", "--format=", "--name-only", found.handed[0].branch)
    assert shown == f"one/{TOP}/a.txt"


def test_what_is_copied_is_no_way_in(tmp_path: Path) -> None:
    """Code in a file that is copied stays text, unless another file of the template may include it."""
    files: dict[str, str | bytes | None] = {"raw/a.txt": "a\nb\nc\n", "b.txt": "b\n"}
    template = TemplateRepo(tmp_path / "template", {"_copy_without_render": ["raw"]}, slots=False)
    template.main("Start", files)
    project = ProjectRepo.init(template, tmp_path)
    project.commit("Fix", {"raw/a.txt": "a\n${{ b }}\nc\n"})
    assert left(offer(project.path, ["HEAD"], Silent(), dry_run=True)) == []

    template.main("Include", {"b.txt": "{% include 'raw/a.txt' %}\n"})
    project.update()
    (found,) = offer(project.path, ["HEAD^1"], Silent(), dry_run=True).commits
    assert [(each.path, each.why) for each in found.left] == [("raw/a.txt", Why.CODE)]
