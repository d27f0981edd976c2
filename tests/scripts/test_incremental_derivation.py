"""The same history gives the same commits, however, wherever and how often it is derived."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import SCRIPTS, SourceRepository, Template, component, git, project
from derivation import DerivationError

Derive = Callable[..., Template]


def test_one_run_per_commit_gives_what_one_run_gives(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    whole = derived(story).refs()

    stepwise = tmp_path / "stepwise"
    git(tmp_path, "clone", "--quiet", str(story.root), str(stepwise))
    for commit in git(story.root, "rev-list", "--reverse", "HEAD").splitlines():
        git(stepwise, "reset", "--quiet", "--hard", commit)
        last = derived(stepwise, "stepwise.git").refs()

    assert last == whole


def test_another_clone_with_a_hostile_environment_gives_the_same_ids(
    story: SourceRepository, derived: Derive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = derived(story).refs()

    clone = tmp_path / "elsewhere"
    git(tmp_path, "clone", "--quiet", str(story.root), str(clone))
    config = tmp_path / "gitconfig"
    config.write_text(
        "[core]\n\tautocrlf = true\n\tquotePath = false\n[commit]\n\tgpgsign = true\n"
        "[i18n]\n\tcommitEncoding = latin1\n[init]\n\tdefaultBranch = trunk\n"
        "[user]\n\tname = Somebody Else\n\temail = else@example.org\n"
    )
    hostile = {
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00",
        "GIT_COMMITTER_NAME": "Nobody",
        "GIT_DIR": "/nonexistent",
        "GIT_INDEX_FILE": "/nonexistent",
        "GIT_CONFIG_COUNT": "no number",
        "GIT_CONFIG_PARAMETERS": "no settings",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "tr_TR.UTF-8",
    }
    with monkeypatch.context() as around:
        for name, value in hostile.items():
            around.setenv(name, value)
        there = derived(clone, "elsewhere.git")

    assert there.refs() == here


def test_a_linked_worktree_gives_the_same_ids(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    git(story.root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))

    assert derived(tmp_path / "linked", "linked.git").refs() == derived(story).refs()


def test_a_run_without_news_writes_nothing(story: SourceRepository, derived: Derive) -> None:
    template = derived(story)
    before = _state(template.path)
    derived(story)

    assert _state(template.path) == before


def test_a_run_without_news_is_over_before_the_work_is_even_loaded(
    story: SourceRepository, tmp_path: Path
) -> None:
    """`aegis` comes here at each run, so it has to be quick: few imports, few processes."""
    _run(story, tmp_path / "template.git")
    counted = (
        "import subprocess, sys, derive_template, git\n"  # which is loaded in `aegis`, and asks for git's version
        "launch, count = subprocess.Popen.__init__, []\n"
        "def init(*args, **kwargs):\n"
        "    launch(*args, **kwargs)\n"
        "    count.append(args)\n"
        "subprocess.Popen.__init__ = init\n"
        "derive_template.main(sys.argv[1:])\n"
        "assert 'derivation.work' not in sys.modules\n"
        "assert len(count) <= 4, count\n"
    )
    script, *options = _argv(story, tmp_path / "template.git")[1:]
    subprocess.run(
        [sys.executable, "-c", counted, *options, "--worktree"],
        env={**os.environ, "PYTHONPATH": str(Path(script).parent)},
        check=True,
    )


def test_rewritten_history_is_derived_anew(story: SourceRepository, derived: Derive) -> None:
    derived(story)
    git(story.root, "reset", "--quiet", "--hard", "HEAD~2")
    story.commit("template: another way", {"template/app.py": "other\n"})

    assert derived(story).refs() == derived(story, "afresh.git").refs()


def test_a_merge_that_puts_the_last_head_aside_is_derived_anew(
    story: SourceRepository, derived: Derive
) -> None:
    git(story.root, "checkout", "--quiet", "-b", "topic")
    story.commit("topic: one", {"template/t1": "1\n"})
    derived(story)
    git(story.root, "checkout", "--quiet", "main")
    identity = ("-c", "user.name=M", "-c", "user.email=m@example.org")
    git(story.root, *identity, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")

    assert derived(story).refs() == derived(story, "afresh.git").refs()


def test_a_checkout_that_moved_is_found_again(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    before = derived(story).refs()
    moved = tmp_path / "moved"
    story.root.rename(moved)
    template = derived(moved)

    assert template.refs() == before
    assert template.git("show", "main:app.py") == "three"


@pytest.mark.parametrize("damage", ["refs", "record", "half a record", "commits"])
def test_a_damaged_store_is_repaired(story: SourceRepository, derived: Derive, damage: str) -> None:
    template = derived(story)
    before = template.refs()
    if damage == "refs":
        template.git("update-ref", "-d", "refs/heads/main")
        template.git("update-ref", "refs/heads/component/scheduler", "refs/heads/service/auth")
        template.git("update-ref", "refs/heads/stray", "refs/heads/service/auth")
        (template.path / "packed-refs.lock").touch()
        (template.path / "refs/heads/main.lock").touch()
    elif damage == "record":
        (template.path / "derivation.json").unlink()
    elif damage == "half a record":
        record = template.path / "derivation.json"
        record.write_text(record.read_text()[:200])
    else:
        for folder in (template.path / "objects").glob("??"):
            shutil.rmtree(folder)
        story.commit("template: next", {"template/next": "n\n"})
    template = derived(story)

    assert template.refs() == (
        derived(story, "afresh.git").refs() if damage == "commits" else before
    )


def test_runs_at_the_same_time_agree(story: SourceRepository, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        printed = list(pool.map(lambda _: _run(story, tmp_path / "shared.git"), range(4)))

    assert len(set(printed)) == 1
    git(tmp_path / "shared.git", "fsck", "--strict", "--connectivity-only")


@pytest.mark.parametrize("calls", range(1, 10))
def test_killed_between_any_two_steps_the_next_run_finishes(
    story: SourceRepository, tmp_path: Path, calls: int
) -> None:
    """The process kills itself before its n-th git, from an empty store and in a later run."""
    killer = (
        "import os, signal, subprocess, sys, derive_template\n"
        "launch, left = subprocess.Popen.__init__, [int(sys.argv.pop(1))]\n"
        "def init(*args, **kwargs):\n"
        "    left[0] -= 1\n"
        "    left[0] or os.kill(os.getpid(), signal.SIGKILL)\n"
        "    launch(*args, **kwargs)\n"
        "subprocess.Popen.__init__ = init\n"
        "derive_template.main(sys.argv[1:])\n"
    )
    store = tmp_path / "killed.git"
    for subject in ("", "template: more"):
        if subject:
            story.commit(subject, {"template/more": "more\n"})
        argv = [sys.executable, "-c", killer, str(calls), "--output", str(store)]
        killed = subprocess.run(
            [*argv, "--source", str(story.root)],
            env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
            capture_output=True,
            check=False,
        )
        assert killed.returncode in (-signal.SIGKILL, 0)
        assert _run(story, store) == _run(story, tmp_path / f"whole{subject}.git")


def test_a_shallow_clone_works_on_what_there_is_and_warns(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    url = story.root.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=2", url, str(shallow))
    template = derived(shallow)

    assert "shallow" in template.warnings[0]
    assert template.git("show", "main:app.py") == "three"
    # What the first commit in sight changed is not known, so it is no release.
    assert not [ref for ref in template.refs() if "tags" in ref]
    assert derived(shallow).warnings == ()  # once is enough

    git(shallow, "fetch", "--quiet", "--unshallow")
    story.commit("template: next", {"template/next": "n\n"})
    git(shallow, "pull", "--quiet", "--ff-only")
    assert derived(shallow).refs() == derived(story, "full.git").refs()


def test_a_clone_without_blobs_gets_what_the_template_needs(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git(story.root, "config", key, "true")
    partial = tmp_path / "partial"
    url = story.root.as_uri()
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", "--no-checkout", url, str(partial))
    template = derived(partial)

    assert template.refs() == derived(story, "full.git").refs()
    template.git("fsck", "--no-dangling")
    assert template.git("show", "main~2:app.py") == "one"


def test_a_thousand_commits_are_derived_in_seconds(
    source: SourceRepository, derived: Derive
) -> None:
    stream = []
    for number in range(1000):
        stream.append(
            f"commit refs/heads/main\ncommitter A <a@b> {1_700_000_000 + number} +0000\n"
            f"data 4\nstep\nM 100644 inline template/f{number % 50}\ndata 4\n{number:04}\n"
        )
        if number < 5:
            for name, text in component(f"c{number}", {"x": "x"}).items():
                path = name.replace("/x", f"/x{number}")
                stream.append(f"M 100644 inline {path}\ndata {len(text or '')}\n{text}\n")
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=source.root,
        input="".join(stream).encode(),
        check=True,
    )
    before = os.times()
    template = derived(source)
    after = os.times()

    assert template.git("rev-list", "--count", "--all") == str(1000 + 5 + sum(range(995, 1000)))
    assert sum(after[:4]) - sum(before[:4]) < 10


def test_the_command_prints_what_it_made_and_says_what_is_wrong(
    story: SourceRepository, tmp_path: Path
) -> None:
    assert "refs/heads/component/scheduler" in _run(story, tmp_path / "out.git")

    story.commit("auth: too much", {"component-branches/auth/lib/a.py": "mine\n"})
    failed = subprocess.run(_argv(story, tmp_path / "out.git"), capture_output=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith(b"error: a component only adds files")


def test_no_template_yet_is_no_error(source: SourceRepository, derived: Derive) -> None:
    assert derived(source).refs() == {}
    source.commit("project: start", {"pyproject.toml": project("0.1.0")})
    assert derived(source).refs() == {}


def test_a_folder_that_cannot_be_written_is_left_alone(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    (tmp_path / "template.git").write_text("a file")

    with pytest.raises(DerivationError, match=r"template\.git"):
        derived(story)


def _state(path: Path) -> dict[str, int]:
    return {str(each): each.stat().st_mtime_ns for each in path.rglob("*")}


def _argv(source: SourceRepository, output: Path) -> list[str]:
    script = str(SCRIPTS / "derive_template.py")
    return [sys.executable, script, "--source", str(source.root), "--output", str(output)]


def _run(source: SourceRepository, output: Path) -> str:
    return subprocess.run(_argv(source, output), capture_output=True, check=True).stdout.decode()
