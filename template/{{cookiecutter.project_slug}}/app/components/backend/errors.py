"""Every error leaves as `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from app.core.context import request_id
from app.core.errors import AppError

PROBLEM_TYPE = "application/problem+json"


class InvalidField(BaseModel):
    """One value that does not fit."""

    location: str = Field(examples=["body.email"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no such thing.",
                    "instance": "/api/things/7",
                    "request_id": "5f0c2a9b00000001",
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    request_id: str | None = None
    errors: list[InvalidField] | None = None


class ProblemResponse(JSONResponse):
    """A problem as a response."""

    media_type = PROBLEM_TYPE


def problem(
    status: int,
    detail: str | None = None,
    *,
    title: str | None = None,
    instance: str | None = None,
    headers: dict[str, str] | None = None,
    errors: list[InvalidField] | None = None,
    problem_type: str = "about:blank",
    members: Mapping[str, str | int] | None = None,
) -> ProblemResponse:
    """The response for a problem; `members` are what only problems of its type have."""
    content = Problem(
        type=problem_type,
        title=title or phrase(status),
        status=status,
        detail=detail,
        instance=instance,
        request_id=request_id.get(),
        errors=errors,
    )
    found = dict(members or {}) | content.model_dump(exclude_none=True)
    return ProblemResponse(found, status, headers)


def phrase(status: int) -> str:
    """The status in words."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


async def handle_app_error(request: Request, error: Exception) -> ProblemResponse:
    """An error that a service raised on purpose."""
    found = cast("AppError", error)
    headers = {"WWW-Authenticate": "Bearer"} if found.status == 401 else {}
    return problem(
        found.status,
        found.detail,
        title=found.title,
        instance=request.url.path,
        headers=headers | found.headers,
        problem_type=found.problem_type,
        members=found.members,
    )


async def handle_http_exception(request: Request, error: Exception) -> ProblemResponse:
    """An error that the framework or a route raised."""
    found = cast("HTTPException", error)
    detail = found.detail if found.detail != phrase(found.status_code) else None
    headers: dict[str, str] | None = dict(found.headers) if found.headers else None
    return problem(found.status_code, detail, instance=request.url.path, headers=headers)


async def handle_validation_error(request: Request, error: Exception) -> ProblemResponse:
    """A request that does not fit. What was sent is not repeated: it may hold a password."""
    found: list[Any] = list(cast("RequestValidationError", error).errors())
    errors = [
        InvalidField(location=".".join(map(str, item["loc"])), message=item["msg"])
        for item in found
    ]
    detail = "; ".join(f"{e.location}: {e.message}" for e in errors)
    return problem(422, detail, instance=request.url.path, errors=errors)


def add_error_handlers(app: FastAPI) -> None:
    """Register the handlers. What nobody expected is answered by `middleware/failures.py`."""
    app.add_exception_handler(AppError, handle_app_error)
    app.add_exception_handler(HTTPException, handle_http_exception)
    app.add_exception_handler(RequestValidationError, handle_validation_error)
    # Your error handlers
