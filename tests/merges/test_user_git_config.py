"""The user's git configuration: what it says about their own commands never changes what ours do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import VENDOR, Aegis, ProjectRepo, seal, trusted
from tests.support.template import TemplateRepo

Life = dict[str, tuple[str, ...]]
ENCODED = ("-c", "i18n.commitEncoding=UTF-8")  # what the user commits is theirs

HOSTILE = {
    "diff3": ["merge.conflictStyle=diff3", "diff.noprefix=true", "diff.mnemonicPrefix=true"],
    "zdiff3": ["merge.conflictStyle=zdiff3", "core.quotePath=true", "core.abbrev=4"],
    "autocrlf": ["core.autocrlf=true", "merge.renormalize=false"],
    "safecrlf": ["core.safecrlf=true", "core.autocrlf=input", "core.eol=crlf"],
    "commentChar": ["core.commentChar=*", "core.logAllRefUpdates=false"],
    "ff": ["merge.ff=only", "pull.ff=only"],
    "renames": ["merge.renames=false", "merge.directoryRenames=false", "merge.renameLimit=1"],
    "signatures": ["merge.verifySignatures=true", "log.showSignature=true"],
    "merge.log": ["merge.log=true", "merge.stat=true", "merge.branchdesc=true"],
    "autoStash": ["merge.autoStash=true", "rerere.enabled=true", "rerere.autoUpdate=true"],
    "squash": ["branch.main.mergeOptions=--squash"],
    "ff-only": ["branch.main.mergeOptions=--ff-only"],
    "no-commit": ["branch.main.mergeOptions=--no-commit"],
    "strategy": ["branch.main.mergeOptions=-s ours"],
    "strategy option": ["branch.main.mergeOptions=-X ours"],
    "commit": ["commit.template=/nowhere", "commit.cleanup=scissors", "commit.verbose=true"],
    "diff": ["diff.external=false", "diff.renames=copies", "diff.ignoreSubmodules=all"],
    "fixed": ["grep.patternType=fixed", "log.follow=true", "log.decorate=full"],
    "perl": ["grep.patternType=perl", "grep.extendedRegexp=true"],
    "encoding": ["i18n.commitEncoding=ISO-8859-1", "i18n.logOutputEncoding=ISO-8859-1"],
    "trunk": ["init.defaultBranch=trunk", "user.useConfigOnly=true"],
    "status": ["status.showUntrackedFiles=no", "status.short=true", "status.relativePaths=false"],
    "colour": ["color.ui=always", "column.ui=always", "core.pager=false", "core.editor=false"],
    "objects": ["transfer.fsckObjects=true", "feature.manyFiles=true", "fastimport.unpackLimit=0"],
    "upkeep": ["gc.auto=1", "gc.autoDetach=false", "submodule.recurse=true"],
}


def _configure(home: Path, settings: list[str]) -> None:
    with (home / ".gitconfig").open("a") as file:
        for setting in settings:
            key, _, value = setting.partition("=")
            section, _, name = key.rpartition(".")
            head, _, below = section.partition(".")
            title = f'{head} "{below}"' if below else head
            file.write(f"[{title}]\n\t{name} = {value}\n")


@pytest.fixture(scope="module")
def plain(
    built: tuple[TemplateRepo, ProjectRepo], tmp_path_factory: pytest.TempPathFactory
) -> Life:
    """The same life without any of it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        seal(home, patch)
        return _live(trusted(built[0]), home)


@pytest.mark.parametrize("settings", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_project_is_the_same_under_any_configuration(
    story: TemplateRepo, sealed: Path, tmp_path: Path, plain: Life, settings: list[str]
) -> None:
    """Init, edit, update (with a hunk to settle), add and a squashed history give the same commits as under none."""
    _configure(sealed, settings)

    configured = _live(story, tmp_path)

    assert configured == plain


def _live(story: TemplateRepo, place: Path) -> Life:
    """Live with a project: {what was done: the commits, the vendor branch and the tree after it}."""
    project = ProjectRepo.init(story, place, "scheduler", ref="v0.1.0")
    if project.git("symbolic-ref", "--short", "HEAD") != "main":
        project.git("branch", "--move", "main")
    life = {"init": _look(project)}
    mine = {
        "app/main.py": project.read("app/main.py") + "MINE = 1\n",
        "docs/gr\u00fc\u00dfe.md": "mine\n",
    }
    project.write(mine)
    project.git("add", "--all")
    project.git(*ENCODED, "commit", "--quiet", "-m", "Mine")
    update = project.update("v0.2.0")
    assert [hunk.path for hunk in update.settled] == ["app/main.py"]
    life["update"] = _look(project)
    assert project.add("database").status == "done"
    life["add"] = _look(project)
    project.git("reset", "--quiet", "--soft", "HEAD~2")
    project.git(*ENCODED, "commit", "--quiet", "-m", "Squashed")
    assert project.update("v0.3.0").status == "done"
    life["anchored"] = _look(project)
    return life


def _look(project: ProjectRepo) -> tuple[str, ...]:
    assert project.dirty() == []
    assert project.git("status", "--porcelain", "--untracked-files=all") == ""
    return project.head(), project.git("rev-parse", VENDOR), project.git("log", "--format=%s")


@pytest.mark.parametrize("options", ["-X ours", "-X theirs", "-s ours"])
def test_a_conflict_is_a_conflict_under_any_merge_options(
    project: ProjectRepo, options: str
) -> None:
    """A branch whose merges always take one side does so for the user's merges, not for the template's."""
    project.git("config", "branch.main.mergeOptions", options)
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})

    assert project.update("v0.2.0").status == "conflicts"

    assert project.git("diff", "--name-only", "--diff-filter=U") == "docs/guide.md"
    assert "app/health.py" in project.git("ls-files")


def test_renames_are_followed_under_any_configuration(project: ProjectRepo, sealed: Path) -> None:
    """The user's files and folders are found where they have gone, also where git merge was told not to look."""
    off = ["merge.renames=false", "merge.directoryRenames=false", "diff.renames=false"]
    _configure(sealed, [*off, "merge.renameLimit=1"])
    project.git("mv", "app", "src")
    project.git("mv", "docs/guide.md", "docs/manual.md")
    project.commit("Rename")

    update = project.update("v0.2.0")

    assert (update.status, update.conflicts) == ("done", ())
    assert "Line 5, better\n" in project.read("docs/manual.md")
    assert {"src/health.py", "src/main.py"} <= project.tree().keys()
    assert not (project.path / "app").exists()


def test_messages_are_written_in_unicode(sealed: Path, tmp_path: Path) -> None:
    """Whatever i18n.commitEncoding says, the words of the template's authors arrive whole."""
    template = TemplateRepo(tmp_path / "template")
    template.main("Anfang", {"a.txt": "a\n"})
    project = ProjectRepo.init(template, tmp_path, name="gr\u00fcn")
    template.main("Gr\u00fc\u00dfe an \u0416", {"a.txt": "b\n"}, author="J\u00f6rg <j@example.org>")
    _configure(sealed, ["i18n.commitEncoding=ISO-8859-1"])

    project.update()

    said = project.git("log", "--format=%an: %B", "--encoding=UTF-8")
    assert "* Gr\u00fc\u00dfe an \u0416" in said
    assert "J\u00f6rg: Gr\u00fc\u00dfe an \u0416" in said


def test_crlf_in_the_work_tree_is_no_change(
    story: TemplateRepo, sealed: Path, tmp_path: Path
) -> None:
    """With core.autocrlf=true files end in CRLF on disk and in LF in commits, before and after."""
    _configure(sealed, ["core.autocrlf=true"])
    project = ProjectRepo.init(story, tmp_path, ref="v0.1.0")

    project.update("v0.2.0")

    guide = (project.path / "docs/guide.md").read_bytes()
    assert b"Line 5, better\r\n" in guide
    assert b"\r" not in project.git("cat-file", "blob", "HEAD:docs/guide.md").encode()
    assert project.dirty() == []


def test_a_signature_that_fails_leaves_the_merge_waiting(
    project: ProjectRepo, sealed: Path, aegis: Aegis
) -> None:
    """With commit.gpgsign and a gpg that fails, the merge waits whole; git commit finishes it."""
    _configure(sealed, ["commit.gpgsign=true", "gpg.program=false"])

    code, out, _ = aegis("update", "--no-sync", "--project-path", project.path)

    assert code == 1
    assert "git commit" in out
    assert "Traceback" not in out
    assert (project.path / ".git/MERGE_HEAD").exists()
    project.git("commit", "--quiet", "--no-edit", "--no-gpg-sign")
    assert project.update().status == "nothing"
    assert "Line 5, best\n" in project.read("docs/guide.md")


def test_a_signature_that_fails_does_not_hinder_an_init(
    story: TemplateRepo, sealed: Path, tmp_path: Path
) -> None:
    """The first commit is the vendor commit: every clone can write it again, so nobody signs it."""
    _configure(sealed, ["commit.gpgsign=true", "gpg.program=false"])

    assert ProjectRepo.init(story, tmp_path).dirty() == []


def test_rerere_may_settle_what_it_knows(project: ProjectRepo, sealed: Path, aegis: Aegis) -> None:
    """A conflict that the user resolved once, and aborted, is resolved by git the second time."""
    _configure(sealed, ["rerere.enabled=true", "rerere.autoUpdate=true"])
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})
    assert project.update("v0.2.0").status == "conflicts"
    project.write({"docs/guide.md": guide.replace("Line 5\n", "Line five, better\n")})
    project.git("rerere")
    project.git("merge", "--abort")

    assert project.update("v0.2.0").status == "conflicts"

    assert project.git("diff", "--name-only", "--diff-filter=U") == ""
    project.git("commit", "--quiet", "--no-edit")
    assert "Line five, better\n" in project.read("docs/guide.md")
    assert aegis("update", "--to", "v0.2.0", "--project-path", project.path)[0] == 0


def test_diff_is_plain_under_any_diff_tool(
    project: ProjectRepo, sealed: Path, aegis: Aegis
) -> None:
    """`aegis diff` prints git's own form, whatever tool git diff starts."""
    _configure(sealed, ["diff.external=false", "diff.tool=none", "color.ui=always"])
    project.commit("Mine", {"app/main.py": "MINE = 1\n"})

    code, out, _ = aegis("diff", "--project-path", project.path)

    assert code == 0
    assert "\n+MINE = 1\n" in out
