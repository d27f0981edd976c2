"""The path of a request as logs and the dashboard show it, and as the application knows it."""

from starlette.types import Scope

LONGEST = 200


def route_path(scope: Scope) -> str:
    """The route's pattern: it says as much as the path, and holds no token that a path may hold."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or local_path(scope)[:LONGEST]


def local_path(scope: Scope) -> str:
    """The path without a proxy's prefix. Ask before the request is routed: mounts have prefixes as well."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) if root else path
