"""Is it alive, is it ready, and how is it doing?"""

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict
from starlette.types import Receive, Scope, Send

from app.components.backend.api.deps import require_operator
from app.core.stopping import stopping
from app.services.system import State, SystemStatus, get_system_status

router = APIRouter(tags=["health"])


class HealthResponse(BaseModel):
    """The short answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"healthy": True}]})

    healthy: bool


class ReadyResponse(BaseModel):
    """Whether requests can be served, and what keeps them from it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ready": True, "components": {"backend": "healthy"}}]}
    )

    ready: bool
    stopping: bool = False
    """The process has been told to stop: it answers what it has, and nothing new should come."""
    components: dict[str, State]


class StaticResponse(Response):
    """An answer that never varies: made once, for load balancers ask all the time."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. The headers are a copy, for middleware may add to them."""
        headers = [*self.raw_headers]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


_HEALTHY = StaticResponse(
    HealthResponse(healthy=True).model_dump_json(), media_type="application/json"
)


# Services that watch from outside, and some load balancers, ask with HEAD.
@router.head("/health", include_in_schema=False)
@router.get("/health", response_model=HealthResponse, summary="Health")
async def health() -> Response:
    """The process serves requests. `/health/ready` says whether all that it needs is there."""
    return _HEALTHY


@router.head("/health/live", include_in_schema=False)
@router.get("/health/live", response_model=HealthResponse, summary="Liveness")
async def live() -> Response:
    """Checks nothing: restart the process when this does not answer."""
    return _HEALTHY


@router.head("/health/ready", include_in_schema=False)
@router.get(
    "/health/ready",
    response_model_exclude_defaults=True,
    summary="Readiness",
    responses={
        503: {"model": ReadyResponse, "description": "Something required is unhealthy, or it stops"}
    },
)
async def ready(response: Response) -> ReadyResponse:
    """Send requests here only when all required components work."""
    status = await get_system_status()
    required = {name: c.state for name, c in status.components.items() if c.required}
    is_ready = State.UNHEALTHY not in required.values() and not stopping.begun
    if not is_ready:
        response.status_code = 503
    return ReadyResponse(ready=is_ready, stopping=stopping.begun, components=required)


@router.get("/health/detailed", summary="Detailed health", dependencies=[Depends(require_operator)])
async def detailed() -> SystemStatus:
    """The whole health tree. In production it takes the dashboard's token as bearer token."""
    return await get_system_status()
