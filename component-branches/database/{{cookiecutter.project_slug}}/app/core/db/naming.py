"""What all models have in common, whichever database system they are on."""

from sqlalchemy import Column, Enum, Table, event
from sqlmodel import SQLModel

ENUM_LENGTH = 64


def name_constraints() -> None:
    """Give every constraint of a later model a name that follows from its columns.

    A migration can change only what has a name.
    """
    SQLModel.metadata.naming_convention = {
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }


def store_enums_as_text() -> None:
    """Let later models store an enum as its name, so that a new member needs no migration.

    Types of PostgreSQL's own would have to be made once, changed by hand, and dropped apart.
    """
    event.listen(Column, "before_parent_attach", _store_enum_as_text)


def _store_enum_as_text(column: Column[object], table: Table) -> None:
    # Not its subclasses: whoever asks for the type of one system wants it.
    if type(column.type) is Enum and table.metadata is SQLModel.metadata:
        column.type.native_enum = False
        column.type.length = ENUM_LENGTH
