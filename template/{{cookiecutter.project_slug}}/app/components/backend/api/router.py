"""What components' routers are made with."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

from app.components.backend.middleware.route_path import local_path


class ComponentRouter(APIRouter):
    """The routes below a prefix. Include it as it is, without another prefix.

    FastAPI tries each route of a router, and does so twice, also where the path begins otherwise:
    behind fifty routes of components, one of yours would take three times as long.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes fits; where the path is not below the prefix, none does."""
        if not local_path(scope).startswith(self.prefix):
            return Match.NONE, {}
        return super().matches(scope)
