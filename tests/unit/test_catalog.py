"""The catalogue: what comes along, why, and what is refused."""

from __future__ import annotations

import itertools
import json

import pytest

from aegis_cli.errors import TemplateProblem, UnknownName
from aegis_cli.model import Component
from aegis_cli.template.catalog import Catalog, StillRequired, parse_manifest


def component(name: str, *requires: str, kind: str = "component", **more: object) -> Component:
    return Component(name, kind, f"The {name}.", requires=requires, **more)


ALL = [
    component("database"),
    component("redis"),
    component("scheduler"),
    component("worker", "redis"),
    component("postgres", "database", option_of="database"),
    component("auth", "database", kind="service"),
    component("oauth", "auth", kind="service", option_of="auth"),
    component("ai", "auth", "worker", kind="service"),
    component("scheduler+database", kind="bridge", bridges=("scheduler", "database")),
]
CATALOG = Catalog(ALL)


def test_a_stack_is_closed_over_requirements_each_with_its_reason() -> None:
    stack = CATALOG.close(["ai"])
    assert set(stack.names) == {"ai", "auth", "database", "worker", "redis"}
    assert stack.reasons == {
        "auth": "required by ai",
        "worker": "required by ai",
        "database": "required by auth",
        "redis": "required by worker",
    }


def test_a_bridge_comes_with_the_components_that_it_joins() -> None:
    stack = CATALOG.close(["scheduler", "auth"])
    assert stack.reasons["scheduler+database"] == "comes with scheduler and database"
    assert "scheduler+database" not in CATALOG.close(["scheduler"]).names


def test_the_order_is_the_same_whatever_order_things_were_added_in() -> None:
    for few in itertools.permutations(ALL[:4]):
        assert list(Catalog([*few, *ALL[4:]]).components) == list(CATALOG.components)
    order = list(CATALOG.components)
    assert order.index("redis") < order.index("worker") < order.index("ai")
    assert order.index("scheduler") < order.index("scheduler+database")


def test_requirements_in_a_circle_are_refused() -> None:
    with pytest.raises(TemplateProblem, match="circle"):
        Catalog([component("a", "b"), component("b", "a")])


def test_a_requirement_that_is_not_there_is_named() -> None:
    with pytest.raises(TemplateProblem, match="'a' requires 'b'"):
        Catalog([component("a", "b")]).close(["a"])


@pytest.mark.parametrize(
    "words", [["redis,database"], ["redis", "database"], ["redis, database"], ["redis database,"]]
)
def test_names_come_by_comma_or_space(words: list[str]) -> None:
    assert CATALOG.parse(words) == ["redis", "database"]


def test_an_option_brings_what_it_is_an_option_of() -> None:
    assert CATALOG.parse(["database[postgres]"]) == ["database", "postgres"]
    assert CATALOG.parse(["auth[oauth]"], "service") == ["auth", "oauth"]


@pytest.mark.parametrize(
    ("word", "kind", "told"),
    [
        ("databse", None, "Did you mean 'database'?"),
        ("scheduler+database", None, "no component 'scheduler\\+database'"),
        ("redis", "service", "'redis' is a component, not a service"),
        ("database[postgers]", None, "Did you mean 'postgres'?"),
        ("database[postgres", None, "no option"),
        ("redis[x]", None, "no option 'x'"),
    ],
)
def test_a_name_that_is_unknown_is_told_with_what_was_meant(
    word: str, kind: str | None, told: str
) -> None:
    with pytest.raises(UnknownName, match=told):
        CATALOG.parse([word], kind)


def test_what_only_came_along_goes_with_what_required_it() -> None:
    assert CATALOG.without(["worker", "database"], ["worker"]).names == ("database",)
    assert (
        "scheduler+database" not in CATALOG.without(["scheduler", "database"], ["scheduler"]).names
    )


def test_what_others_require_stays_and_they_are_named() -> None:
    with pytest.raises(StillRequired, match="required by auth") as refusal:
        CATALOG.without(["auth", "database"], ["database"])
    assert refusal.value.hint == "Remove them together: aegis remove auth database"


GOOD = {"name": "a", "kind": "component", "summary": "An a."}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "b"}, "not the folder's"),
        ({"kind": "thing"}, "kind 'thing'"),
        ({"summary": None}, "no summary"),
        ({"requires": "b"}, "not a list of names"),
        ({"bridges": ["b"]}, "kind bridge"),
        ({"kind": "bridge"}, "a bridge needs it"),
        ({"requiers": ["b"]}, "unknown key 'requiers'"),
    ],
)
def test_a_manifest_that_says_what_it_cannot_is_refused(
    change: dict[str, object], told: str
) -> None:
    with pytest.raises(TemplateProblem, match=told):
        parse_manifest("a", json.dumps({**GOOD, **change}).encode())


@pytest.mark.parametrize("content", [None, b"[", b"[]"])
def test_a_manifest_that_is_missing_or_no_mapping_is_refused(content: bytes | None) -> None:
    with pytest.raises(TemplateProblem):
        parse_manifest("a", content)
