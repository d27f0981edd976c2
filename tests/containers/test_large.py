"""Scheduler, workers, Redis and PostgreSQL in containers, in production."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.containers.project import TOKEN, Containers
from tests.support.application import eventually

SERVICES = ("postgres", "redis", "scheduler", "web", "worker-load-test", "worker-system")
OURS = ("scheduler", "web", "worker-load-test", "worker-system")
UP_SECONDS = 15.0
GRACE_SECONDS = 30.0
KILLED = 137


def test_all_are_healthy_soon(production: Containers, capsys: pytest.CaptureFixture[str]) -> None:
    """Within 15 s from nothing on two cores that have nothing else to do, databases included."""
    production.compose("down", "--volumes")
    is_idle = os.getloadavg()[0] <= (os.cpu_count() or 1)
    seconds = production.up()
    with capsys.disabled():
        print(f"\nup --wait: {seconds:.1f} s (load before: {os.getloadavg()[0]:.1f})")  # noqa: T201
    assert production.are_healthy()
    assert set(production.states()) == {f"{service}-1" for service in SERVICES}
    assert production.is_ready()
    if is_idle:
        assert seconds < UP_SECONDS


def test_checks_lose_no_time(production: Containers) -> None:
    """Whoever waits for a container that starts waits for its start, and not for its next check."""
    for name, one in production.states().items():
        check = one["Config"]["Healthcheck"]
        assert check["StartInterval"] <= 1_000_000_000, name
        assert check["StartPeriod"] >= 30_000_000_000, name
        assert 10_000_000_000 <= check["Interval"] <= 60_000_000_000, name


def test_nobody_can_do_more_than_its_work(production: Containers) -> None:
    """No root, no capability, nothing to write but volumes and /tmp, and logs that end."""
    for name, one in production.states().items():
        host = one["HostConfig"]
        assert host["ReadonlyRootfs"] is True, name
        assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], None), name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}, name
        assert host["RestartPolicy"]["Name"] == "unless-stopped", name
        # A file system in memory has half of the machine's where nothing is said.
        assert all("size=" in options for options in host["Tmpfs"].values()), name
    for service in SERVICES:
        assert production.inside(service, "id", "-u").strip() != "0"
        status = production.inside(service, "cat", "/proc/self/status")
        rights = [line.split()[1] for line in status.splitlines() if line.startswith("Cap")]
        assert set(rights) == {"0" * 16}, service
        for folder in ("/", "/usr/bin", "/etc"):
            said = production.inside(service, "touch", f"{folder}/mark", check=False)
            assert "Permission denied" in said or "Read-only" in said, (service, folder, said)


def test_the_application_writes_where_it_keeps_things(production: Containers) -> None:
    """To its data, and not to its code, even if the file system could be written."""
    for service in OURS:
        production.inside(service, "touch", "/app/data/mark", "/tmp/mark")  # noqa: S108
    others = (
        "find",
        "/app",
        "-path",
        "/app/data",
        "-prune",
        "-o",
        "!",
        "-type",
        "l",
        "-perm",
        "/022",
        "-print",
    )
    assert production.inside("web", *others).split() == []
    owners = ("find", "/app", "-path", "/app/data", "-prune", "-o", "!", "-user", "root", "-print")
    assert production.inside("web", *owners).split() == []


def test_logs_are_json(production: Containers) -> None:
    """Each line of each process of ours, a start and an error included."""
    production.compose("down")
    production.up()
    assert production.ask("/nowhere")[0] == 404
    for service in OURS:
        # Not by Compose, which adds to what they say.
        said = production.engine.run("docker", "logs", f"{production.name}-{service}-1")
        lines = [json.loads(line) for line in said.splitlines() if line.strip()]
        assert lines, service
        assert all({"event", "level", "timestamp"} <= line.keys() for line in lines), service


def test_a_worker_is_scaled(production: Containers) -> None:
    """Three work together, each of the jobs is done once, and two go again."""
    production.up("--scale", "worker-system=3")
    assert len(production.queues()["system"]["workers"]) == 3
    first = 1000
    production.enqueue(first, first + 60, waits=False)
    every = dict.fromkeys(range(first, first + 60), 1)
    eventually(lambda: every.items() <= production.marks("ended").items(), "all are done")
    assert every.items() <= production.marks("begun").items()
    production.up("--scale", "worker-system=1")
    assert len(production.queues()["system"]["workers"]) == 1


def test_stopping_with_jobs_in_flight_loses_nothing(production: Containers) -> None:
    """All stop in time, what can end does, and what cannot runs again after the next start."""
    production.inside("web", "rm", "-rf", "data/marks")
    production.enqueue(0, 3, waits=True)
    eventually(lambda: len(production.marks("begun")) == 3, "those that wait have begun")
    production.enqueue(3, 6, waits=False)
    begun = time.monotonic()
    production.compose("stop")
    seconds = time.monotonic() - begun
    assert seconds < GRACE_SECONDS + 10, seconds
    codes = {name: one["State"]["ExitCode"] for name, one in production.states().items()}
    assert set(codes.values()) == {0}, codes
    production.up()
    production.inside("web", "touch", "data/marks/go")
    every = dict.fromkeys(range(6), 1)
    eventually(lambda: production.marks("ended").keys() == every.keys(), "all are done")
    assert production.marks("ended") == Counter(every)
    assert all(count <= 2 for count in production.marks("begun").values())
    eventually(lambda: production.queues()["system"]["running"] == 0, "the queue is worked off")
    assert production.queues()["system"]["failed"] == 0


def test_a_request_in_flight_is_answered(production: Containers) -> None:
    """Whoever stops the web process cuts nobody off."""
    production.inside("web", "rm", "-f", "data/asked")
    request = production.asking("/slow")
    asked = ("ls", "data/asked")
    eventually(
        lambda: "No such" not in production.inside("worker-system", *asked, check=False), "it runs"
    )
    production.compose("stop", "web")
    assert request.communicate()[0].split() == ["200", '"whole"']
    assert production.states()["web-1"]["State"]["ExitCode"] == 0


@pytest.mark.parametrize("service", SERVICES)
def test_whoever_is_killed_returns(production: Containers, service: str) -> None:
    """By itself, and the others find it again."""
    name = f"{service}-1"
    state = production.states()[name]
    before = state["RestartCount"]
    production.engine.run("sh", "-c", f"kill -9 {state['State']['Pid']}")
    eventually(lambda: production.states()[name]["RestartCount"] > before, "it is started again")
    eventually(production.are_healthy, "all are healthy")
    eventually(production.is_ready, "the application is ready")


def test_data_stays(production: Containers) -> None:
    """Over `down` and `up`: in PostgreSQL, in Redis, and in the volume."""
    production.sql("create table kept (what text); insert into kept values ('row')")
    production.inside("redis", "redis-cli", "set", "kept", "key")
    production.inside("web", "sh", "-c", "echo file > data/kept")
    production.compose("down")
    assert production.states() == {}
    production.up()
    assert production.sql("select what from kept") == ["row"]
    assert production.inside("redis", "redis-cli", "get", "kept").split() == ["key"]
    assert production.inside("scheduler", "cat", "data/kept").split() == ["file"]


def test_a_backup_is_restored(production: Containers) -> None:
    """By the application's commands, from within a container, while everything runs."""
    production.sql("drop table if exists saved; create table saved (what text)")
    production.sql("insert into saved values ('before')")
    assert "Made /app/data/backups/" in production.command("db", "backup")
    production.sql("insert into saved values ('after')")
    production.command("db", "restore", "latest", "--yes")
    assert production.sql("select what from saved") == ["before"]
    # What was there is a backup first; it is on the volume, so every container sees both.
    assert production.inside("worker-system", "ls", "data/backups").count(".dump") >= 2
    eventually(production.is_ready, "the application is ready")


def test_two_projects_are_side_by_side(production: Containers, small: Containers) -> None:
    """With another PORT each; what one does, the other does not notice."""
    small.up()
    before = {name: one["State"]["StartedAt"] for name, one in production.states().items()}
    assert small.is_ready()
    assert production.is_ready()
    assert "database" not in small.ask("/health/ready")[1]
    assert "database" in production.ask("/health/ready")[1]
    small.compose("down", "--volumes")
    assert production.are_healthy()
    after = {name: one["State"]["StartedAt"] for name, one in production.states().items()}
    assert after == before


def test_the_proxy_serves_strangers_by_https(production: Containers) -> None:
    """With one right more than all others: to listen where browsers ask."""
    production.compose("--profile", "production", "up", "--detach", "--wait", "proxy")
    eventually(lambda: production.ask("https://localhost/health")[0] == 200, "it serves")
    proxy = production.states()["proxy-1"]["HostConfig"]
    assert [right.removeprefix("CAP_") for right in proxy["CapAdd"]] == ["NET_BIND_SERVICE"]
    assert (proxy["ReadonlyRootfs"], proxy["CapDrop"]) == (True, ["ALL"])
    assert proxy["LogConfig"]["Config"]["max-size"] == "10m"
    production.compose("--profile", "production", "rm", "--stop", "--force", "proxy")


def test_production_does_not_take_the_usual_password(production: Containers) -> None:
    """`change-me` is for development."""
    production.set(APP_ENV="production", DASHBOARD_TOKEN=TOKEN)
    said = production.compose("run", "--rm", "--no-deps", "-T", "web", check=False)
    assert "change-me" in said, said
    assert "Traceback" not in said, said


@pytest.fixture
def development(large: Containers) -> Iterator[Containers]:
    """Without any setting. The volumes know the password, so none stays for whoever has another one."""
    large.compose("down", "--volumes")
    large.set()
    yield large
    large.compose("down", "--volumes")


def test_nothing_takes_the_place_of_a_redis_that_is_away(development: Containers) -> None:
    """In development as well: REDIS_URL names the container, whose jobs the workers see."""
    development.up()
    development.compose("stop", "redis")
    development.compose("restart", "--no-deps", "web")
    refusal = "no Redis answers at redis://redis:6379/0"
    eventually(
        lambda: refusal in development.compose("logs", "web"), "it says why it does not start"
    )
    assert not development.is_ready()
    development.compose("start", "redis")
    eventually(development.is_ready, "it comes by itself")
    status, text = development.ask("/api/load-test", json.dumps({"jobs": 10}))
    assert status == 202
    report = f"/api/load-test/{json.loads(text)['id']}"
    eventually(
        lambda: json.loads(development.ask(report)[1])["is_finished"], "the workers do the jobs"
    )
    # A worker tells its counts with its next beat.
    eventually(
        lambda: development.queues()["load_test"]["done"] >= 10, "these workers have done them"
    )
    assert "embedded" not in development.compose("logs", "web").lower()
