"""What the web process does once, after its last request and before its resources close."""

from fastapi import FastAPI


async def on_shutdown(app: FastAPI) -> None:
    """Run the hooks."""
    # Your shutdown hooks
