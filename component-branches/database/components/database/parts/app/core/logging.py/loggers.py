# It announces each look at the database.
logging.getLogger("alembic").setLevel(logging.WARNING)
