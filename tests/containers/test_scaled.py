"""Several web processes: containers behind the proxy, and processes in one container."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.containers.conftest import SECRETS
from tests.containers.project import Containers
from tests.support.application import eventually

PROXY = "https://localhost"
WEBS = ("web-1", "web-2", "web-3")
GRACE_SECONDS = 30.0
STARTER_BYTES = 40e6
PROCESS_BYTES = 150e6
TIMES = 3

PROCESSES = """
import psutil
[first] = psutil.Process(1).children()
for process in (first, *first.children()):
    print(process.pid, process.memory_full_info().uss)
"""


@pytest.fixture
def scaled(large: Containers) -> Iterator[Containers]:
    """Three containers of web behind the proxy, as docs/deployment.md of the project says."""
    large.set(**SECRETS, WEB_PORTS="0")
    large.compose("--profile", "production", "up", "--detach", "--wait", "--scale", "web=3")
    eventually(lambda: large.ask(f"{PROXY}/health")[0] == 200, "the proxy serves")
    eventually(lambda: processes(large, PROXY) == 3, "they know of each other")
    yield large
    large.compose("--profile", "production", "down")


@pytest.fixture
def two(large: Containers) -> Iterator[Containers]:
    """One container with two web processes."""
    large.set(**SECRETS, WEB_WORKERS="2")
    large.up("--remove-orphans")
    eventually(lambda: processes(large, "") == 2, "they know of each other")
    yield large
    large.compose("down")


def processes(project: Containers, at: str) -> int:
    """How many web processes count together, as whoever answers there says."""
    return int(project.figures(at).get("processes", 1))


def addresses(project: Containers) -> list[str]:
    """Where each of the containers is published."""
    ports = [project.states()[name]["NetworkSettings"]["Ports"]["8000/tcp"] for name in WEBS]
    return [f"http://localhost:{published[0]['HostPort']}" for published in ports]


def answered(project: Containers) -> Counter[str]:
    """How many greetings each of the containers has logged."""
    logs = {name: project.engine.run("docker", "logs", f"{project.name}-{name}") for name in WEBS}
    return Counter({name: said.count('"/greeting"') for name, said in logs.items()})


def children(project: Containers) -> dict[int, int]:
    """The processes in the container of web, with the bytes of their own; the first has started the others."""
    lines = project.inside("web", "python", "-c", PROCESSES).splitlines()
    return {int(pid): int(own) for pid, own in (line.split() for line in lines)}


def vanish(project: Containers, name: str) -> None:
    """Let a container that is asked be gone with its address, and others be asked for a while."""
    before = answered(project)
    eventually(lambda: answered(project)[name] > before[name], f"{name} is asked")
    project.engine.run("docker", "kill", f"{project.name}-{name}")
    gone = answered(project)
    eventually(lambda: (answered(project) - gone).total() > 300, "others are asked")


def stopped_in_time(project: Containers, url: str, requests: int) -> None:
    """Stop web while requests run: they are answered whole, and all end as they should."""
    project.inside("worker-system", "rm", "-f", "data/asked")
    asking = [project.asking(url) for _ in range(requests)]
    asked = ("sh", "-c", "cat data/asked 2> /dev/null | wc -l")
    eventually(lambda: int(project.inside("worker-system", *asked)) == requests, "all of them run")
    begun = time.monotonic()
    project.compose("stop", "web")
    assert time.monotonic() - begun < GRACE_SECONDS
    answers = [one.communicate()[0].split() for one in asking]
    assert answers == [["200", '"whole"']] * requests
    states = {name: one["State"] for name, one in project.states().items() if "web" in name}
    assert {state["ExitCode"] for state in states.values()} == {0}, states


def test_three_are_as_one(scaled: Containers) -> None:
    """Each is asked, knows the figures of all, and has a dashboard for whoever has signed in at another."""
    roots = addresses(scaled)
    assert len(set(roots)) == 3
    assert [scaled.ask(f"{root}/health/ready")[0] for root in roots] == [200] * 3
    before = scaled.figures(PROXY)["requests_total"]
    answers = Counter(scaled.ask(f"{PROXY}/greeting")[0] for _ in range(30))
    assert answers == {200: 30}
    assert answered(scaled).total() == 30
    assert all(answered(scaled)[name] > 0 for name in WEBS), answered(scaled)
    for root in roots:
        eventually(
            lambda at=root: scaled.figures(at)["requests_total"] == before + 30,  # type: ignore[misc]
            f"{root} knows of all",
        )
    assert scaled.browse(PROXY, *roots) == ["303", *["200 101"] * 4]


def test_one_may_be_killed(scaled: Containers) -> None:
    """Whoever asks the proxy does not notice, be it that it returns, or that it stays away."""
    before = scaled.states()["web-2"]
    with scaled.asked_all_along(f"{PROXY}/greeting") as said:
        eventually(lambda: all(answered(scaled)[name] > 0 for name in WEBS), "all are asked")
        scaled.engine.run("sh", "-c", f"kill -9 {before['State']['Pid']}")
        eventually(
            lambda: scaled.states()["web-2"]["RestartCount"] > before["RestartCount"],
            "it is started again",
        )
        eventually(scaled.are_healthy, "all are healthy")
        so_far = answered(scaled)
        eventually(lambda: answered(scaled)["web-2"] > so_far["web-2"], "it is asked again")
    assert set(said) == {"200"}, said
    eventually(lambda: processes(scaled, PROXY) == 3, "three count together")

    # Again and again, for it may be that the proxy has just asked who is there.
    with scaled.asked_all_along(f"{PROXY}/greeting") as said:
        for _ in range(TIMES):
            vanish(scaled, "web-3")
            scaled.engine.run("docker", "start", f"{scaled.name}-web-3")
        scaled.engine.run("docker", "kill", f"{scaled.name}-web-3")
    assert set(said) == {"200"}, said
    eventually(lambda: processes(scaled, PROXY) == 2, "two count together")


def test_three_stop_with_requests_in_flight(scaled: Containers) -> None:
    """Behind the proxy nobody is cut off either."""
    stopped_in_time(scaled, f"{PROXY}/slow", 6)


def test_two_processes_share_a_container(
    two: Containers, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is healthy as long as both are, they count together, and one that ends is replaced."""
    assert two.are_healthy()
    assert two.inside("web", "ls", "/tmp/heartbeats").split() == ["web-1", "web-2"]  # noqa: S108
    sizes = children(two)
    first, *both = sizes
    assert len(both) == 2
    # Whoever starts them has nothing of the application in memory.
    assert sizes[first] < STARTER_BYTES
    assert max(sizes.values()) < PROCESS_BYTES
    with capsys.disabled():
        said = " + ".join(f"{own / 1e6:.0f}" for own in sizes.values())
        print(f"\nof their own: {said} MB")  # noqa: T201
    before = two.figures("")["requests_total"]
    assert Counter(two.ask("/greeting")[0] for _ in range(20)) == {200: 20}
    eventually(lambda: two.figures("")["requests_total"] == before + 20, "both are counted")
    for starts, number, signal in zip((3, 4), both, ("KILL", "TERM"), strict=True):
        two.inside("web", "sh", "-c", f"kill -{signal} {number}")
        eventually(
            lambda old=number: len(children(two)) == 3 and old not in children(two),  # type: ignore[misc]
            f"another one is there after {signal}",
        )
        # Until then the other one is alone, and the next round would leave nobody.
        eventually(
            lambda all_of=starts: two.compose("logs", "web").count('"serving"') == all_of,  # type: ignore[misc]
            f"it serves after {signal}",
        )
        eventually(lambda: processes(two, "") == 2, "it is counted")
    assert next(iter(children(two))) == first
    assert two.states()["web-1"]["RestartCount"] == 0
    assert two.are_healthy()


def test_two_stop_with_requests_in_flight(two: Containers) -> None:
    """SIGTERM reaches both."""
    stopped_in_time(two, "/slow", 6)
