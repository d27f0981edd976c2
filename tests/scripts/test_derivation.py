"""What the history of this repository becomes in the template repository."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SourceRepository, Template, component, git, project
from derivation import DerivationError

Derive = Callable[..., Template]


def test_each_commit_of_the_template_becomes_one_on_main(
    story: SourceRepository, derived: Derive
) -> None:
    template = derived(story)

    assert template.subjects("main") == ["both: at once", "template: second", "template: begin"]
    assert template.git("rev-parse", "main^{tree}") == git(story.root, "rev-parse", "HEAD:template")


def test_author_dates_and_message_are_carried_over(
    source: SourceRepository, derived: Derive
) -> None:
    text = (
        "template: begin\n\nWhy it is so: \xe4\xf6\xfc.\n\n  indented, and a trailer\n\nRefs: #7\n"
    )
    commit = source.commit(text, {"template/a": "a\n"}, author="J\xf6rg")
    template = derived(source)

    carried = "--format=%an|%ae|%ad|%cd|%B"
    assert template.git("log", carried, "--date=raw", "main") == git(
        source.root, "log", "-1", carried, "--date=raw", commit
    )
    assert (
        template.git("log", "--format=%cn <%ce>", "main")
        == "Aegis Stack <template@aegis-stack.invalid>"
    )


def test_an_author_is_shown_as_the_commits_own_mailmap_says(
    source: SourceRepository, derived: Derive
) -> None:
    """A line that comes later changes no commit of before: users have it."""
    source.commit("one", {"template/a": "1\n"}, author="Old")
    before = derived(source).git("rev-parse", "main")
    mail = git(source.root, "log", "-1", "--format=%ae")
    shown = f"Ada Lovelace <ada@example.org> <{mail}>\n"
    source.commit("two", {"template/a": "2\n", ".mailmap": shown}, author="Old")
    source.commit("three", {"template/a": "3\n", ".mailmap": None}, author="Old")

    template = derived(source)

    assert template.git("log", "--format=%s: %an <%ae>", "main").splitlines() == [
        f"three: Old <{mail}>", "two: Ada Lovelace <ada@example.org>", f"one: Old <{mail}>"
    ]  # fmt: skip
    assert template.git("rev-parse", "main~2") == before


@pytest.mark.parametrize("shown", ["A > B <ada@example.org>", "Ada <a<b@example.org>", "Ada <>"])
def test_a_line_of_the_mailmap_that_no_commit_could_hold_counts_for_nothing(
    source: SourceRepository, derived: Derive, shown: str
) -> None:
    source.commit("one", {"template/a": "1\n", ".mailmap": f"{shown} <old@example.org>\n"}, "Old")
    assert derived(source).git("log", "--format=%an <%ae>", "main") == "Old <old@example.org>"


def test_a_message_in_another_encoding_is_kept_byte_by_byte(
    source: SourceRepository, derived: Derive
) -> None:
    source.write({"template/a": "a\n"})
    git(source.root, "add", "--all")
    git(
        source.root,
        *("-c", "user.name=A", "-c", "user.email=a@b", "-c", "i18n.commitEncoding=latin1"),
        *("commit", "--quiet", "--message", "caf\udce9"),
    )
    template = derived(source)

    raw = git(template.path, "cat-file", "commit", "main")
    assert "\nencoding latin1\n" in raw
    assert raw.endswith("caf\udce9")


def test_a_mode_that_only_very_old_tools_wrote_becomes_the_one_of_today(
    source: SourceRepository, derived: Derive
) -> None:
    source.commit("one", {"template/a": "a\n"})
    base, blob = git(source.root, "rev-parse", "HEAD:template", "HEAD:template/a").split()
    redis = _tree(source.root, ("100664", "a.py", blob))
    components = _tree(source.root, ("40000", "redis", redis))
    whole = _tree(
        source.root, ("40000", "component-branches", components), ("40000", "template", base)
    )
    who = ("-c", "user.name=A", "-c", "user.email=a@b")
    git(source.root, "reset", "--quiet", git(source.root, *who, "commit-tree", "-mtwo", whole))
    template = derived(source)

    tree = git(template.path, "rev-parse", "component/redis^{tree}")
    assert git(template.path, "cat-file", "tree", tree).count("100644 ") == 2


def test_a_component_branch_is_main_and_what_the_component_adds(
    story: SourceRepository, derived: Derive
) -> None:
    template = derived(story)

    added = template.git("diff", "--name-status", "main", "component/scheduler").splitlines()
    assert added == ["A\tcomponents/scheduler/component.yml", "A\tlib/jobs.py"]
    assert template.git("show", "component/scheduler:lib/jobs.py") == "more"
    assert template.git("show", "component/scheduler:app.py") == "three"


def test_a_manifest_of_kind_service_names_the_branch(
    story: SourceRepository, derived: Derive
) -> None:
    assert sorted(ref for ref in derived(story).refs() if "heads" in ref) == [
        "refs/heads/component/scheduler",
        "refs/heads/main",
        "refs/heads/service/auth",
    ]


def test_main_is_merged_into_every_component_as_it_moves(
    story: SourceRepository, derived: Derive
) -> None:
    template = derived(story)

    merge = "Merge branch 'main' into "
    assert template.subjects("service/auth") == [
        f"{merge}service/auth",
        f"{merge}service/auth",
        "auth: begin",
        "template: begin",
    ]
    assert template.parents("service/auth") == [
        template.git("rev-parse", "service/auth~1"),
        template.git("rev-parse", "main"),
    ]
    assert template.git("log", "-1", "--format=%an %ad", "--date=raw", "service/auth") == (
        f"Aegis Stack {story.now} -0300"
    )


def test_a_commit_to_both_sides_is_merged_first_and_then_carried_over(
    story: SourceRepository, derived: Derive
) -> None:
    template = derived(story)

    assert template.subjects("component/scheduler")[:2] == [
        "both: at once",
        "Merge branch 'main' into component/scheduler",
    ]
    assert template.git("show", "component/scheduler~1:lib/jobs.py") == "jobs"
    assert template.git("show", "component/scheduler~1:app.py") == "three"


def test_a_release_is_tagged_on_every_branch(story: SourceRepository, derived: Derive) -> None:
    template = derived(story)

    tags = {ref: oid for ref, oid in template.refs().items() if ref.startswith("refs/tags/")}
    assert tags == {
        "refs/tags/v0.2.0": template.git("rev-parse", "refs/heads/main~1"),
        "refs/tags/component/scheduler/v0.2.0": template.git(
            "rev-parse", "refs/heads/component/scheduler~2"
        ),
        "refs/tags/service/auth/v0.2.0": template.git("rev-parse", "refs/heads/service/auth~1"),
    }


@pytest.mark.parametrize("version", ["0.3.0.dev0", "0.3.0+local"])
def test_a_development_version_is_no_release(
    story: SourceRepository, derived: Derive, version: str
) -> None:
    story.commit("start 0.3.0", {"pyproject.toml": project(version)})

    assert not [ref for ref in derived(story).refs() if "v0.3.0" in ref]


def test_a_release_that_comes_back_stays_where_it_was_first(
    story: SourceRepository, derived: Derive
) -> None:
    first = derived(story).refs()["refs/tags/v0.2.0"]
    story.commit("0.3.0", {"pyproject.toml": project("0.3.0")})
    story.commit("template: more", {"template/more": "more\n"})
    story.commit("revert: 0.3.0", {"pyproject.toml": project("0.2.0")})

    assert derived(story).refs()["refs/tags/v0.2.0"] == first


def test_a_project_file_that_does_not_parse_is_no_release(
    story: SourceRepository, derived: Derive
) -> None:
    story.commit("oops", {"pyproject.toml": "[project\n"})
    story.commit("repaired", {"pyproject.toml": project("0.2.0")})

    assert len([ref for ref in derived(story).refs() if "tags" in ref]) == 3


def test_a_deleted_component_ends_and_its_releases_stay(
    story: SourceRepository, derived: Derive
) -> None:
    folder = "component-branches/scheduler"
    story.commit(
        "scheduler: end",
        {f"{folder}/components/scheduler/component.yml": None, f"{folder}/lib/jobs.py": None},
    )
    refs = derived(story).refs()

    assert "refs/heads/component/scheduler" not in refs
    assert "refs/tags/component/scheduler/v0.2.0" in refs


def test_a_component_that_becomes_a_service_starts_anew_from_main(
    story: SourceRepository, derived: Derive
) -> None:
    story.commit("scheduler: a service", component("scheduler", {}, kind="service"))
    template = derived(story)

    assert "refs/heads/component/scheduler" not in template.refs()
    assert template.parents("service/scheduler") == [template.git("rev-parse", "main")]


def test_a_component_that_was_there_before_the_template_waits_for_it(
    source: SourceRepository, derived: Derive
) -> None:
    source.commit("redis: begin", component("redis", {"redis.py": "r\n"}))
    assert derived(source).refs() == {}

    source.commit("template: begin", {"template/app.py": "one\n"})
    template = derived(source)
    assert template.subjects("component/redis") == ["template: begin", "template: begin"]


def test_a_bridge_is_a_component_with_two_names(story: SourceRepository, derived: Derive) -> None:
    story.commit("bridge: begin", component("scheduler+auth", {"lib/b.py": "b\n"}, kind="bridge"))

    assert "refs/heads/component/scheduler+auth" in derived(story).refs()


def test_a_file_of_both_the_base_and_a_component_is_an_error_that_names_both(
    story: SourceRepository, derived: Derive
) -> None:
    story.commit("auth: too much", {"component-branches/auth/lib/a.py": "mine\n"})

    with pytest.raises(DerivationError) as failure:
        derived(story)
    assert "component-branches/auth/lib/a.py and template/lib/a.py" in str(failure.value)
    with pytest.raises(DerivationError):  # and it stays one
        derived(story)


def test_a_file_where_the_other_has_a_folder_is_the_same_error(
    story: SourceRepository, derived: Derive
) -> None:
    story.commit("auth: too much", {"component-branches/auth/app.py/x": "mine\n"})

    with pytest.raises(DerivationError, match=r"template/app\.py"):
        derived(story)


def test_a_collision_that_was_repaired_is_passed_over(
    story: SourceRepository, derived: Derive
) -> None:
    before = derived(story).refs()["refs/heads/service/auth"]
    story.commit("auth: too much", {"component-branches/auth/lib/a.py": "mine\n"})
    story.commit("template: third", {"template/app.py": "four\n"})
    story.commit("auth: repaired", {"component-branches/auth/lib/a.py": None})
    template = derived(story)

    assert template.warnings
    assert template.parents("service/auth") == [before, template.git("rev-parse", "main")]
    assert derived(story, "afresh.git").refs() == template.refs()


def test_a_file_that_moves_from_a_component_to_the_base_leaves_there_first(
    story: SourceRepository, derived: Derive
) -> None:
    story.commit(
        "jobs: for all",
        {"component-branches/scheduler/lib/jobs.py": None, "template/lib/jobs.py": "jobs\n"},
    )
    template = derived(story)

    assert template.subjects("component/scheduler")[:2] == [
        "Merge branch 'main' into component/scheduler",
        "jobs: for all",
    ]
    assert "lib/jobs.py" not in template.files("component/scheduler~1")
    assert "lib/jobs.py" in template.files("component/scheduler")


def test_files_that_change_sides_in_both_directions_come_in_one_merge(
    story: SourceRepository, derived: Derive
) -> None:
    story.commit(
        "swap",
        {
            "component-branches/scheduler/lib/jobs.py": None,
            "template/lib/jobs.py": "jobs\n",
            "template/lib/a.py": None,
            "component-branches/scheduler/lib/a.py": "a\n",
        },
    )
    template = derived(story)

    assert template.subjects("component/scheduler")[0] == "swap"
    assert len(template.parents("component/scheduler")) == 2
    assert {"lib/a.py", "lib/jobs.py"} <= set(template.files("component/scheduler"))


def test_a_merged_topic_is_one_commit_with_the_words_of_the_merge(
    story: SourceRepository, derived: Derive
) -> None:
    git(story.root, "checkout", "--quiet", "-b", "topic")
    story.commit("topic: one", {"template/t1": "1\n"})
    story.commit("topic: two", {"template/t2": "2\n"})
    git(story.root, "checkout", "--quiet", "main")
    story.commit("engine: meanwhile", {"aegis_cli/y.py": "y\n"})
    identity = ("-c", "user.name=M", "-c", "user.email=m@example.org")
    git(story.root, *identity, "merge", "--quiet", "--no-ff", "-m", "merge the topic", "topic")
    template = derived(story)

    assert template.subjects("main")[:2] == ["merge the topic", "both: at once"]


def test_odd_names_modes_and_links_are_kept(source: SourceRepository, derived: Derive) -> None:
    names = ['quo"te', "back\\slash", "new\nline", "sp ace", "{{cookiecutter.x}}", "\xfcml"]
    source.write({"template/base": "b\n"} | component("odd", dict.fromkeys(names, "x\n")))
    (source.root / "template" / "run").write_text("#!/bin/sh\n")
    (source.root / "template" / "run").chmod(0o755)
    (source.root / "component-branches/odd/link").symlink_to("base")
    source.commit("template: odd", {})
    template = derived(source)

    assert set(template.files("component/odd")) == {
        *names,
        *("base", "run", "link", "components/odd/component.yml"),
    }
    listed = template.git("ls-tree", "component/odd").splitlines()
    modes = {line.split()[3]: line.split()[0] for line in listed}
    assert (modes["run"], modes["link"]) == ("100755", "120000")


def test_a_folder_that_can_be_no_branch_is_named(story: SourceRepository, derived: Derive) -> None:
    story.commit("bad name", {"component-branches/a b/x": "x\n"})

    with pytest.raises(DerivationError, match="component-branches/a b"):
        derived(story)

    story.commit("no more", {"component-branches/a b/x": None})
    assert "a b" not in "".join(derived(story).refs())


def test_a_repository_of_sha256_is_derived_likewise(tmp_path: Path, derived: Derive) -> None:
    source = SourceRepository.__new__(SourceRepository)
    source.root, source.now = tmp_path / "sha256", 1_700_000_000
    source.root.mkdir()
    git(source.root, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    source.commit("template: begin", {"template/a/b": "b\n"} | component("c", {"a/c": "c\n"}))
    template = derived(source)

    assert set(template.files("component/c")) >= {"a/b", "a/c"}


def _tree(where: Path, *entries: tuple[str, str, str]) -> str:
    content = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(i) for mode, name, i in entries)
    made = ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"]
    return (
        subprocess.run(made, cwd=where, input=content, capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )
