"""The tools that the assistant can use. Add yours to TOOLS.

A tool is a function with types and a docstring, which the model reads. `ctx.deps` is the caller: a tool
does nothing that they could not do themselves. What it returns goes to the provider.
"""

from pydantic_ai import RunContext, Tool
from pydantic_ai.tools import ToolDefinition

from app.core.redaction import redact
from app.services.ai.models import Caller
from app.services.system import get_system_status


async def system_health(ctx: RunContext[Caller]) -> str:
    """Look how this application is doing: its state, its components, CPU, memory and disk."""
    status = await get_system_status()
    lines = [f"{status.app} {status.version}: {status.state.value}"]
    for name, component in status.components.items():
        line = f"{name}: {component.state.value} {component.message}"
        lines.append(line.rstrip())
    used = status.resources
    lines.append(
        f"CPU {used.cpu_percent:.0f} %, memory {used.memory_percent:.0f} %, "
        f"disk {used.disk_percent:.0f} %"
    )
    return redact("\n".join(lines))


async def for_operators(ctx: RunContext[Caller], tool: ToolDefinition) -> ToolDefinition | None:
    """Offer a tool to operators only: for others it does not exist."""
    return tool if ctx.deps.is_operator else None


TOOLS: list[Tool[Caller]] = [
    Tool(system_health, prepare=for_operators),
    # Your tools
]
