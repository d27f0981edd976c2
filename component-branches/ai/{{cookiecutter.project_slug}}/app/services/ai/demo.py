"""The demo provider: needs no key, and shows everything but thought."""

import asyncio
from collections.abc import AsyncIterator

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from app.services.ai.providers import next_step

PAUSE_SECONDS = 0.015
"""Between two words, so that streaming is seen."""
TOOL = "system_health"


def demo_model() -> FunctionModel:
    """A model that needs nobody."""
    return FunctionModel(reply, stream_function=stream, model_name="demo")


async def reply(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """The whole answer at once."""
    return ModelResponse(parts=[TextPart(text_for(messages))])


async def stream(
    messages: list[ModelMessage], info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls]:
    """The answer word by word. Asked for the health, it uses the tool as a real model would."""
    can_look = any(tool.name == TOOL for tool in info.function_tools)
    if can_look and not tool_results(messages) and "health" in question(messages).lower():
        yield {0: DeltaToolCall(TOOL, "{}", tool_call_id="demo")}
        return
    for number, word in enumerate(text_for(messages).split(" ")):
        await asyncio.sleep(PAUSE_SECONDS)
        yield word if number == 0 else f" {word}"


def text_for(messages: list[ModelMessage]) -> str:
    """What the demo says."""
    parts = [
        "**This is the demo: no AI provider has a key yet.** It repeats, and does not think.",
        next_step(),
        f"You said: {question(messages)[:500]}",
    ]
    if found := tool_results(messages):
        parts.append(f"The tool `{TOOL}` says:\n\n```\n{found[-1][:2000]}\n```")
    return "\n\n".join(part for part in parts if part)


def question(messages: list[ModelMessage]) -> str:
    """The latest message of the user."""
    for message in reversed(messages):
        for part in reversed(message.parts):
            if part.part_kind == "user-prompt":
                return str(part.content)
    return ""


def tool_results(messages: list[ModelMessage]) -> list[str]:
    """What tools said since then."""
    last = messages[-1]
    return [str(part.content) for part in last.parts if isinstance(part, ToolReturnPart)]
