"""Is it alive, is it ready, and how is it doing?"""

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict
from starlette.types import Receive, Scope, Send

from app.components.backend.api.deps import require_operator
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


@router.get("/health", response_model=HealthResponse, summary="Health")
async def health() -> Response:
    """The process serves requests. `/health/ready` says whether all that it needs is there."""
    return _HEALTHY


@router.get("/health/live", response_model=HealthResponse, summary="Liveness")
async def live() -> Response:
    """Checks nothing: restart the process when this does not answer."""
    return _HEALTHY


@router.get(
    "/health/ready",
    summary="Readiness",
    responses={503: {"model": ReadyResponse, "description": "Something required is unhealthy"}},
)
async def ready(response: Response) -> ReadyResponse:
    """Send requests here only when all required components work."""
    status = await get_system_status()
    required = {name: c.state for name, c in status.components.items() if c.required}
    is_ready = State.UNHEALTHY not in required.values()
    if not is_ready:
        response.status_code = 503
    return ReadyResponse(ready=is_ready, components=required)


@router.get("/health/detailed", summary="Detailed health", dependencies=[Depends(require_operator)])
async def detailed() -> SystemStatus:
    """The whole health tree. In production it takes the dashboard's token as bearer token."""
    return await get_system_status()
