"""Build hook: puts the template repository into the wheel and the sdist, as one git bundle."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "aegis_cli/embedded/template.bundle"


class TemplateBundle(BuildHookInterface[Any]):
    """Derives the template repository anew for each build.

    Built from an sdist there is no history; what the sdist carries is passed on. An editable
    install needs no bundle, for it reads the checkout itself.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the bundle, and have it included though git ignores it."""
        if version == "editable":
            return
        root = Path(self.root)
        bundle = root / BUNDLE
        if (root / ".git").exists() or not bundle.exists():
            self._write(root, bundle)
        build_data["force_include"][str(bundle)] = BUNDLE

    def _write(self, root: Path, bundle: Path) -> None:
        sys.path[:0] = [str(root / "scripts"), str(root)]  # neither is installed here
        try:
            from derivation import derive
            from derivation.checkout import Checkout
            from derivation.publish import bundle as write_bundle
        finally:
            del sys.path[:2]

        with tempfile.TemporaryDirectory() as folder:
            derived = derive(Path(folder) / "template.git", root)
            for warning in derived.warnings:
                self.app.display_warning(warning)
            if (root / ".git").exists() and Checkout(root).is_dirty():
                self.app.display_warning("uncommitted changes of the template are not bundled")
            write_bundle(derived, bundle)
