"""What the web process does once, after its resources are open and before it serves."""

from fastapi import FastAPI


async def on_startup(app: FastAPI) -> None:
    """Run the hooks. An exception here keeps the process from serving."""
    # Your startup hooks
