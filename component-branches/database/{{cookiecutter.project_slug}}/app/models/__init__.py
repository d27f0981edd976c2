"""The application's data models."""

from types import ModuleType

from app.core.db.naming import name_constraints, store_enums_as_text

name_constraints()
store_enums_as_text()


def load_models() -> list[ModuleType]:
    """Import every module that declares models, for tools that must see all of them."""
    loaded: list[ModuleType] = []
    # slot: models
    # Your models: import the module, and append it to `loaded`
    return loaded
