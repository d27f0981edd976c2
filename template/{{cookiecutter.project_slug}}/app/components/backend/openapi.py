"""The OpenAPI description: every error is documented as problem+json."""

from typing import Any

from fastapi import FastAPI

from app.components.backend.errors import PROBLEM_TYPE, Problem

_PROBLEM_CONTENT = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


class Application(FastAPI):
    """FastAPI, describing the errors that `errors.py` really sends."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            describe_problems(super().openapi())
        return super().openapi()


def describe_problems(schema: dict[str, Any]) -> None:
    """Replace FastAPI's own error schema, and give every operation its error answers."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    for operations in schema.get("paths", {}).values():
        for operation in operations.values():
            responses = operation["responses"]
            if "422" in responses:
                responses["422"]["content"] = _PROBLEM_CONTENT
            responses.setdefault("default", {"description": "Error", "content": _PROBLEM_CONTENT})
