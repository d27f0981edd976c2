"""Names of indexes and constraints: a migration can change only what has a name."""

from sqlmodel import SQLModel


def name_constraints() -> None:
    """Give every constraint of a later model a name that follows from its columns."""
    SQLModel.metadata.naming_convention = {
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
