"""What `kubernetes` brings is what a cluster takes: each overlay, by the schemas of its API.

That it says what Compose and the application say is a test of the project itself.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from aegis_cli.operations.create import Request, create
from tests.support.documents import blocks
from tests.support.reporter import Silent
from tests.support.stacks import Stack, catalog_of_checkout, every_stack

SMALL: Stack = ("kubernetes",)
LARGE = max(every_stack(catalog_of_checkout()), key=len)
ANCHOR = "  # Your patches of production\n"


def made(place: Path, stack: Stack) -> Path:
    """Create a project; return the folder of its manifests."""
    request = Request("my-app", place, components=stack)
    return create(request, Silent()).root / "deploy/kubernetes"


def built(overlay: Path) -> str:
    """Return what kubectl makes of an overlay."""
    return said(overlay, "kubectl", "kustomize", ".")


def said(folder: Path, program: str, *words: str) -> str:
    """Run a program, which must succeed; return what it prints."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}")
    done = subprocess.run([found, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("components", [SMALL, LARGE], ids=["small", "large"])
def test_a_cluster_takes_it(components: Stack, tmp_path: Path) -> None:
    """No value has a wrong type, and no key is unknown."""
    folder = made(tmp_path, components)
    for overlay in ("staging", "production"):
        (folder / f"{overlay}.yaml").write_text(built(folder / "overlays" / overlay))
    words = ("--strict", "--quiet", "staging.yaml", "production.yaml")
    said(folder, "kubernetes-validate", *words)


def test_what_the_page_has_for_a_cluster_fits(tmp_path: Path) -> None:
    """By the patch for PgBouncer the scheduler and the migrations go past it; PodMonitor finds every process."""
    folder = made(tmp_path, LARGE)
    guide = (folder.parents[1] / "docs/kubernetes.md").read_text()
    patches, monitor = (block.text for block in blocks(guide) if block.kind == "yaml")
    overlay = folder / "overlays/production"
    kustomization = overlay / "kustomization.yaml"
    before = kustomization.read_text()
    assert before.count(ANCHOR) == 1
    patch = dedent(patches).removeprefix("patches:\n")
    kustomization.write_text(before.replace(ANCHOR, patch + ANCHOR))
    all_of_it = list(yaml.safe_load_all(built(overlay)))
    past = {one["metadata"]["name"] for one in all_of_it if "DATABASE_URL_FILE" in str(one)}
    assert past == {"scheduler", "migrate"}
    selector = yaml.safe_load(monitor)["spec"]["selector"]["matchLabels"].items()
    pods = [one["spec"]["template"] for one in all_of_it if one["kind"] == "Deployment"]
    assert pods
    assert all(selector <= pod["metadata"]["labels"].items() for pod in pods)
