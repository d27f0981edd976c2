
from app.core.db.naming import name_constraints

name_constraints()
