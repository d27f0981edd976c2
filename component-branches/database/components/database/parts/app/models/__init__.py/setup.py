
from app.core.db.naming import name_constraints, store_enums_as_text

name_constraints()
store_enums_as_text()
