"""The path of a request as logs and the dashboard show it."""

from starlette.types import Scope

LONGEST = 200


def route_path(scope: Scope) -> str:
    """The route's pattern: it says as much as the path, and holds no token that a path may hold."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or scope["path"][:LONGEST]
