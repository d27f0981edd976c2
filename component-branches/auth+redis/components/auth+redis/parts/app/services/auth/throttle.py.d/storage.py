from app.core.redis import is_embedded
from app.services.auth.shared_counts import SharedCounts

# One that is embedded belongs to this process alone.
if not is_embedded():
    storage = SharedCounts(storage)
