"""The application's data models."""
# slot: setup


def load_models() -> None:
    """Import every module that declares models, for tools that must see all of them."""
    # slot: models
    # Your models
