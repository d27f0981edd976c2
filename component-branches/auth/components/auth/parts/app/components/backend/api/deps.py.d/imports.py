from app.components.backend.api.identity import CurrentAdmin as CurrentAdmin
from app.components.backend.api.identity import CurrentUser as CurrentUser
from app.components.backend.api.identity import get_current_active_user as get_current_active_user
from app.components.backend.api.identity import get_current_user as get_current_user
from app.components.backend.api.identity import require_role as require_role
