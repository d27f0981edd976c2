"""The assistant: instructions, tools, and their limits."""

from functools import lru_cache
from typing import Any

from pydantic_ai import Agent, RunContext, ToolDefinition, UsageLimits
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ToolFailed
from pydantic_ai.messages import ToolCallPart

from app.core.config import Settings, settings
from app.core.errors import AppError
from app.core.logging import get_logger
from app.services.ai.models import Caller
from app.services.ai.tools import TOOLS

log = get_logger(__name__)

CALLS_PER_STEP = 4
"""So many tools a step may use on average."""


class BoundedTools(AbstractCapability[Caller]):
    """A tool's result has an end, and a tool that fails does not end the answer."""

    async def after_tool_execute(
        self,
        ctx: RunContext[Caller],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: dict[str, Any],
        result: Any,
    ) -> Any:
        """Cut what is too long: it would be paid for, and crowd out the rest."""
        text = result if isinstance(result, str) else repr(result)
        limit = settings.AI_MAX_TOOL_CHARACTERS
        return result if len(text) <= limit else f"{text[:limit]}\n(cut off here)"

    async def on_tool_execute_error(
        self,
        ctx: RunContext[Caller],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: dict[str, Any],
        error: Exception,
    ) -> Any:
        """Tell the model what it may know."""
        if isinstance(error, AppError):
            raise ToolFailed(str(error)[: settings.AI_MAX_TOOL_CHARACTERS]) from error
        log.error("ai_tool_failed", tool=call.tool_name, exc_info=error)
        raise ToolFailed("The tool failed.") from error


@lru_cache(maxsize=1)
def assistant() -> Agent[Caller, str]:
    """The agent. The model comes with each run."""
    return Agent(
        deps_type=Caller,
        instructions=settings.AI_INSTRUCTIONS or None,
        tools=TOOLS,
        tool_timeout=settings.AI_TIMEOUT_SECONDS,
        capabilities=[BoundedTools()],
    )


def limits(config: Settings = settings) -> UsageLimits:
    """How far an answer may go: each step is a request that is paid for."""
    return UsageLimits(
        request_limit=config.AI_MAX_STEPS, tool_calls_limit=CALLS_PER_STEP * config.AI_MAX_STEPS
    )
