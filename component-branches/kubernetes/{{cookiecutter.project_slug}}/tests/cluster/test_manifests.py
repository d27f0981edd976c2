"""What a cluster is told is what Compose and the application say, and no process can do more than it needs."""

from typing import Any

import pytest
import yaml
from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.components.backend.api.health import router
from app.components.backend.middleware.trusted_hosts import TrustedHostsMiddleware
from app.core.config import Settings
from app.core.constants import DASHBOARD_PATH, DATA, ROOT
from app.entrypoints.processes import find_processes, processes
from tests.cluster import manifests
from tests.cluster.manifests import (
    FOLDER,
    LABEL,
    OVERLAYS,
    container,
    labels,
    of_kind,
    read_values,
    variables,
)

MANIFESTS = manifests.base()
DEPLOYMENTS = of_kind("Deployment", MANIFESTS)
WORKLOADS = DEPLOYMENTS | of_kind("Job", MANIFESTS)
SETTINGS = read_values(FOLDER / "base/config.env")
FILES = [FOLDER / "base/config.env", *sorted(FOLDER.glob("overlays/*/config.env"))]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

every_workload = pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
every_deployment = pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)


def service_of(deployment: dict[str, Any]) -> dict[str, Any]:
    """The service of Compose that runs the same process."""
    return COMPOSE["services"][deployment["metadata"]["name"]]


# --- One truth ------------------------------------------------------------------------------------


def test_every_process_has_a_deployment() -> None:
    """One of yours needs one as well: docs/kubernetes.md."""
    assert {process.name for process in processes()} == set(DEPLOYMENTS)


@every_deployment
def test_it_runs_its_process_as_compose_does(deployment: dict[str, Any]) -> None:
    command = container(deployment)["args"]
    assert command == service_of(deployment)["command"]
    assert [process.name for process in find_processes(command[1:])] == [
        deployment["metadata"]["name"]
    ]


@every_deployment
def test_it_stops_as_it_does_with_compose(deployment: dict[str, Any]) -> None:
    compose = service_of(deployment)
    ours, theirs = variables(deployment), compose["environment"]
    # Pods share no folder.
    common = {*COMPOSE["x-environment"], "FIGURES_DIR"}
    own = {name: value for name, value in theirs.items() if name not in common}
    assert own.items() <= ours.items()
    grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    drain = float(ours.get("WEB_DRAIN_SECONDS", 0))
    assert grace >= manifests.seconds(compose["stop_grace_period"]) + drain


def test_all_that_compose_tells_every_process_is_told_here() -> None:
    """In config.env, or in the Secret."""
    missing = COMPOSE["x-environment"].keys() - SETTINGS.keys()
    assert {name for name in missing if not manifests.is_secret(name)} == set()


def test_settings_exist_and_fit() -> None:
    values = [read_values(file) for file in FILES]
    values += [variables(workload) for workload in WORKLOADS.values()]
    known = Settings.model_fields.keys() | COMPOSE["x-environment"].keys()
    for told in values:
        assert told.keys() <= known
        manifests.settings_of(told)


def test_nothing_secret_is_in_git() -> None:
    told = {name for file in FILES for name in read_values(file)}
    told |= {name for workload in WORKLOADS.values() for name in variables(workload)}
    assert {name for name in told if manifests.is_secret(name)} == set()
    assert not of_kind("Secret", MANIFESTS)


def test_the_port_is_that_of_compose_and_image() -> None:
    published = COMPOSE["services"]["web"]["ports"]
    ports = {one["name"]: one["containerPort"] for one in container(DEPLOYMENTS["web"])["ports"]}
    assert ports["http"] == int(SETTINGS["PORT"])
    assert SETTINGS["PORT"] in {port.rpartition(":")[2] for port in published}
    assert f"EXPOSE {SETTINGS['PORT']}\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


@every_deployment
def test_probes_ask_what_is_there(deployment: dict[str, Any]) -> None:
    """The web process is asked by HTTP, all others by Compose's check."""
    own = container(deployment)
    probes = [own[key] for key in ("startupProbe", "livenessProbe", "readinessProbe") if key in own]
    assert len(probes) == (3 if deployment["metadata"]["name"] == "web" else 2)
    paths = {route.path for route in router.routes if isinstance(route, APIRoute)}
    guard = TrustedHostsMiddleware(APIRouter(), ["app.example.com"])
    for probe in probes:
        if "exec" in probe:
            check = service_of(deployment)["healthcheck"]["test"]
            assert ["CMD", *probe["exec"]["command"]] == check
            continue
        asked = probe["httpGet"]
        assert asked["path"] in paths
        assert asked["port"] in {port["name"] for port in own["ports"]}
        [host] = asked["httpHeaders"]
        assert guard.is_allowed({"headers": [(b"host", host["value"].encode())]})


# --- No more than it needs ------------------------------------------------------------------------


@every_workload
def test_a_process_can_do_nothing_but_its_work(workload: dict[str, Any]) -> None:
    pod, own = workload["spec"]["template"]["spec"], container(workload)
    security = pod["securityContext"] | own["securityContext"]
    assert f"--uid {security['runAsUser']} " in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert security["runAsNonRoot"] is security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is pod["automountServiceAccountToken"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in own["resources"]["limits"]


@every_workload
def test_it_has_the_volumes_that_it_mounts(workload: dict[str, Any]) -> None:
    pod = workload["spec"]["template"]["spec"]
    mounts = {one["name"]: one["mountPath"] for one in container(workload)["volumeMounts"]}
    assert mounts.keys() == {volume["name"] for volume in pod["volumes"]}
    assert mounts["secrets"] == SETTINGS["SECRETS_DIR"]
    # Where it keeps something it has a volume that stays; the image's folder cannot be written.
    assert mounts.get("data", str(DATA)).endswith(f"/{DATA.name}")


# --- What refers to something ---------------------------------------------------------------------


def test_selectors_find_their_pods() -> None:
    known = [labels(workload) for workload in WORKLOADS.values()]
    for deployment in DEPLOYMENTS.values():
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels(deployment).items()
    for kind, key in (("Service", "selector"), ("PodDisruptionBudget", "selector")):
        for one in of_kind(kind, MANIFESTS).values():
            wanted = one["spec"][key]
            wanted = wanted.get("matchLabels", wanted)
            assert any(wanted.items() <= has.items() for has in known)
    for policy in of_kind("NetworkPolicy", MANIFESTS).values():
        wanted = policy["spec"]["podSelector"].get("matchLabels", {})
        assert any(wanted.items() <= has.items() for has in known)


def test_services_and_ingress_lead_to_web() -> None:
    """The dashboard's path has the service that keeps people with their Pod."""
    services = of_kind("Service", MANIFESTS)
    for service in services.values():
        assert service["spec"]["selector"] == {LABEL: "web"}
        assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]
    [ingress] = of_kind("Ingress", MANIFESTS).values()
    [rule] = ingress["spec"]["rules"]
    led = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert led == {DASHBOARD_PATH: "dashboard", "/": "web"}
    assert services["dashboard"]["spec"]["sessionAffinity"] == "ClientIP"


# --- What kubectl makes of it ---------------------------------------------------------------------


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_is_built(overlay: str) -> None:
    """All is in its namespace and has its image and its settings, the host is served, and a roll-out can begin."""
    found = manifests.built(overlay)
    [namespace] = of_kind("Namespace", found)
    assert {one["metadata"].get("namespace", namespace) for one in found} == {namespace}
    [(name, config)] = of_kind("ConfigMap", found).items()
    assert config["data"] == SETTINGS | read_values(FOLDER / "overlays" / overlay / "config.env")
    deployments = of_kind("Deployment", found)
    assert deployments.keys() == DEPLOYMENTS.keys()
    for workload in deployments.values():
        own = container(workload)
        assert "/" in own["image"]
        assert own["envFrom"] == [{"configMapRef": {"name": name}}]
        assert own["securityContext"]["readOnlyRootFilesystem"] is True
    [ingress] = of_kind("Ingress", found).values()
    hosts = [rule["host"] for rule in ingress["spec"]["rules"]]
    assert hosts == ingress["spec"]["tls"][0]["hosts"]
    assert hosts == manifests.settings_of(config["data"]).ALLOWED_HOSTS
    for scaler in of_kind("HorizontalPodAutoscaler", found).values():
        assert scaler["spec"]["scaleTargetRef"]["name"] in deployments
        assert "replicas" not in deployments[scaler["spec"]["scaleTargetRef"]["name"]]["spec"]
    first = {one["kind"] for one in found if manifests.comes_first(one)}
    assert first == {"Namespace", "ConfigMap"} | {one["kind"] for one in found} & {"Job"}
