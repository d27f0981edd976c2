"""The user's git configuration: what it says about their own commands never changes what ours do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.git import tree
from tests.support.project import VENDOR, Aegis, ProjectRepo
from tests.support.template import TemplateRepo

HOSTILE = {
    "merge.conflictStyle=diff3": ["merge.conflictStyle=diff3"],
    "merge.conflictStyle=zdiff3": ["merge.conflictStyle=zdiff3"],
    "core.autocrlf=true": ["core.autocrlf=true"],
    "core.autocrlf=input": ["core.autocrlf=input"],
    "core.eol=crlf": ["core.eol=crlf"],
    "core.safecrlf=true": ["core.safecrlf=true", "core.autocrlf=input"],
    "core.quotePath=true": ["core.quotePath=true"],
    "core.abbrev=4": ["core.abbrev=4"],
    "core.commentChar=*": ["core.commentChar=*"],
    "core.logAllRefUpdates=false": ["core.logAllRefUpdates=false"],
    "merge.ff=only": ["merge.ff=only", "pull.ff=only"],
    "merge.renames=false": ["merge.renames=false", "merge.directoryRenames=false"],
    "merge.verifySignatures": ["merge.verifySignatures=true"],
    "merge.log": ["merge.log=true", "merge.stat=true", "merge.branchdesc=true"],
    "merge.autoStash": ["merge.autoStash=true"],
    "merge.renormalize=false": ["merge.renormalize=false"],
    "mergeOptions=--squash": ["branch.main.mergeOptions=--squash"],
    "mergeOptions=--ff-only": ["branch.main.mergeOptions=--ff-only"],
    "mergeOptions=--no-commit": ["branch.main.mergeOptions=--no-commit"],
    "mergeOptions=-s ours": ["branch.main.mergeOptions=-s ours"],
    "mergeOptions=-X ours": ["branch.main.mergeOptions=-X ours"],
    "rerere": ["rerere.enabled=true", "rerere.autoUpdate=true"],
    "commit.template": ["commit.template=/nowhere/template.txt"],
    "commit.cleanup=scissors": ["commit.cleanup=scissors", "commit.verbose=true"],
    "commit.status=false": ["commit.status=false"],
    "diff.noprefix": ["diff.noprefix=true", "diff.mnemonicPrefix=true"],
    "diff.external": ["diff.external=false", "diff.renames=copies", "diff.algorithm=histogram"],
    "diff.ignoreSubmodules": ["diff.ignoreSubmodules=all"],
    "grep.patternType=fixed": ["grep.patternType=fixed"],
    "grep.patternType=perl": ["grep.patternType=perl", "grep.extendedRegexp=true"],
    "i18n.commitEncoding": ["i18n.commitEncoding=ISO-8859-1", "i18n.logOutputEncoding=ISO-8859-1"],
    "init.defaultBranch": ["init.defaultBranch=trunk"],
    "log.showSignature": ["log.showSignature=true", "log.follow=true", "log.decorate=full"],
    "status": ["status.showUntrackedFiles=no", "status.short=true", "status.branch=true"],
    "status.relativePaths": ["status.relativePaths=false", "status.renames=copies"],
    "submodule.recurse": ["submodule.recurse=true"],
    "user.useConfigOnly": ["user.useConfigOnly=true"],
    "color.ui=always": ["color.ui=always", "column.ui=always"],
    "core.pager": ["core.pager=false", "core.editor=false", "pager.log=true"],
    "fetch.fsckObjects": ["transfer.fsckObjects=true", "fetch.prune=true"],
    "feature.manyFiles": ["feature.manyFiles=true", "index.version=4"],
    "gc": ["gc.auto=1", "gc.autoDetach=false"],
    "fastimport": ["fastimport.unpackLimit=0"],
    "alias": ["alias.merge=status", "alias.commit=status"],
}


def _configure(home: Path, settings: list[str]) -> None:
    with (home / ".gitconfig").open("a") as file:
        for setting in settings:
            key, _, value = setting.partition("=")
            section, _, name = key.rpartition(".")
            head, _, below = section.partition(".")
            title = f'{head} "{below}"' if below else head
            file.write(f"[{title}]\n\t{name} = {value}\n")


@pytest.mark.parametrize("settings", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_project_is_the_same_under_any_configuration(
    story: TemplateRepo, sealed: Path, tmp_path: Path, settings: list[str]
) -> None:
    """Init, edit, update (with a hunk to settle) and add give the same commits as under none."""
    plain = _live(story, tmp_path / "plain")
    _configure(sealed, settings)

    configured = _live(story, tmp_path / "configured")

    assert configured == plain


def _live(story: TemplateRepo, place: Path) -> list[object]:
    """Live with a project, and return what its history holds."""
    place.mkdir()
    project = ProjectRepo.init(story, place, "scheduler", ref="v0.1.0")
    branch = project.git("symbolic-ref", "--short", "HEAD")
    project.git("branch", "--move", "main") if branch != "main" else None
    main = project.read("app/main.py")
    project.commit("Grüße", {"app/main.py": f"{main}MINE = 1\n", "docs/gr\u00fc\u00dfe.md": "mine\n"})
    update = project.update("v0.2.0")
    assert [hunk.path for hunk in update.settled] == ["app/main.py"]
    added = project.add("database")
    assert (update.status, added.status, project.dirty()) == ("done", "done", [])
    history = project.git("log", "--format=%T %P %an %cn %B", "HEAD", "--encoding=UTF-8")
    return [project.head(), project.git("rev-parse", VENDOR), tree(project.path), history]


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
