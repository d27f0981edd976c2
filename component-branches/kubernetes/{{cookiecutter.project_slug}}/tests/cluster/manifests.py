"""The manifests of `deploy/kubernetes`, and what they have to agree with."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.config import Settings
from app.core.constants import ROOT

FOLDER = ROOT / "deploy/kubernetes"
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())
LABEL = "app.kubernetes.io/component"

Manifest = dict[str, Any]


def read(path: Path) -> list[Manifest]:
    """The documents of a file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def read_values(path: Path) -> dict[str, str]:
    """The settings of a `config.env`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def base() -> list[Manifest]:
    """All that the base lists; what every process has is merged into those that it is for."""
    [kustomization] = read(FOLDER / "base/kustomization.yaml")
    [common] = read(FOLDER / "base/process.yaml")
    files = [FOLDER / "base" / name for name in kustomization["resources"]]
    found = [one for file in files if file.is_file() for one in read(file)]
    for one in found:
        if one["kind"] in ("Deployment", "Job"):
            merge(one["spec"]["template"], common["spec"]["template"])
    return found


def merge(into: Manifest, more: Manifest) -> None:
    """As Kustomize does, for what occurs here: containers by their names, other lists one after the other."""
    for key, value in more.items():
        if key == "containers":
            merge(into[key][0], value[0])
        elif isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        elif isinstance(value, list):
            into[key] = value + into.get(key, [])
        else:
            into[key] = value


def of_kind(kind: str, among: list[Manifest]) -> dict[str, Manifest]:
    """Those of a kind, by their names."""
    return {one["metadata"]["name"]: one for one in among if one["kind"] == kind}


def container(workload: Manifest) -> Manifest:
    """The only one of a Deployment or Job."""
    [only] = workload["spec"]["template"]["spec"]["containers"]
    return only


def variables(workload: Manifest) -> dict[str, str]:
    """What only this process is told."""
    return {one["name"]: one["value"] for one in container(workload).get("env", [])}


def comes_first(manifest: Manifest) -> bool:
    """Whether it belongs to the first step of a roll-out."""
    return manifest["metadata"].get("labels", {}).get("rollout") == "first"


def labels(workload: Manifest) -> dict[str, str]:
    """The labels of its Pods."""
    return workload["spec"]["template"]["metadata"]["labels"]


def settings_of(told: dict[str, Any]) -> Settings:
    """What the application makes of them; a test has no secrets, which production would ask for."""
    values: dict[str, Any] = {**told, "APP_ENV": "test"}
    return Settings(**values)


def is_secret(setting: str) -> bool:
    """Whether its value is a secret, or an address that may hold a password."""
    field = Settings.model_fields.get(setting)
    return bool(re.search(r"SecretStr|Address\.checked", repr(field)))


def seconds(text: str) -> int:
    """A duration as Compose writes it: `30s`, `1m`."""
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]


@cache
def kubectl() -> str | None:
    """The command, if there is one that knows what is used here."""
    found = shutil.which("kubectl")
    if found is None:
        return None
    words = [found, "version", "--client", "--output=yaml"]
    version = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return found if re.search(r"kustomizeVersion: v([5-9]|\d\d)", version) else None


def built(overlay: str) -> list[Manifest]:
    """What `kubectl apply -k` would send."""
    command = kubectl()
    if command is None:
        pytest.skip("needs kubectl 1.27 or newer")
    words = [command, "kustomize", str(FOLDER / "overlays" / overlay)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))
