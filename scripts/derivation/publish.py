"""Taking the template repository elsewhere: as a bundle, or to a remote.

Both carry every object that they need; nothing of them points back to the checkout.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from .branches import MAIN
from .derive import Derived
from .errors import DerivationError
from .git import personal, sealed


def bundle(derived: Derived, target: Path) -> None:
    """Write all branches and tags to one file; a clone of it checks out `main`."""
    _refuse_empty(derived)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # A repository of its own, packed from scratch: the bytes of the bundle then depend on
        # nothing but its content (and the version of git), not on how the checkout is packed.
        copy = sealed(Path(folder), Path(folder, "copy"))
        copy.run(
            "init",
            "--quiet",
            "--bare",
            "--template=",
            f"--initial-branch={MAIN}",
            f"--object-format={_hash(derived)}",
        )
        copy.run("fetch", "--quiet", str(derived.path), *(f"+{ref}:{ref}" for ref in derived.refs))
        copy.run("-c", "pack.threads=1", "repack", "-adFq", "--depth=50", "--window=50")
        new = target.resolve().with_name(target.name + ".new")
        copy.run("-c", "pack.threads=1", "bundle", "create", "--quiet", str(new), *_all(derived))
        new.replace(target)


def push(derived: Derived, remote: str, *, force: bool = False) -> str:
    """Push all branches and tags in one transaction; the answer is what git says about it."""
    _refuse_empty(derived)
    pushed = personal(Path.cwd(), derived.path).run(
        "-c",
        "core.hooksPath=/dev/null",
        "push",
        "--atomic",
        "--porcelain",
        *(["--force"] if force else []),
        "--",
        remote,
        *(f"{ref}:{ref}" for ref in sorted(derived.refs)),
        check=False,
    )
    said = pushed.stdout.decode(errors="replace")
    if pushed.code:
        raise DerivationError(f"git push failed:\n{said}{pushed.stderr}")
    return said


def _all(derived: Derived) -> list[str]:
    return ["HEAD", *sorted(derived.refs)]


def _hash(derived: Derived) -> str:
    return sealed(derived.path, derived.path).run("rev-parse", "--show-object-format").text


def _refuse_empty(derived: Derived) -> None:
    if f"refs/heads/{MAIN}" not in derived.refs:
        raise DerivationError("there is no template yet: no commit has a folder `template`")
