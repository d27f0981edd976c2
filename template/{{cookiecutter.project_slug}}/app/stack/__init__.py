"""The components of this application, in the order in which they start and are shown."""

from app.core.component import Component
# slot: imports

COMPONENTS: tuple[Component, ...] = (
    # slot: components
    # Your components
)
