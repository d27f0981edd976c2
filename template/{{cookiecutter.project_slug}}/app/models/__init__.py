"""The application's data models."""

from importlib import import_module
# slot: setup

MODULES: list[str] = [
    # slot: models
    # Your modules with models
]


def load_models() -> None:
    """Import every module that declares models, for tools that must see all of them."""
    for module in MODULES:
        import_module(module)
