"""words of conversations, and an index of them"""

import sqlalchemy as sa
from alembic import op

from app.services.ai.search_words import searchable

revision = "ai_database_0002"
down_revision = "ai_database_0001"
branch_labels = None
depends_on = None

BATCH = 500

conversation = sa.table("ai_conversation", sa.column("id"), sa.column("title"))
turn = sa.table(
    "ai_turn",
    sa.column("id"),
    sa.column("conversation_id"),
    sa.column("question"),
    sa.column("answer"),
)
search = sa.table(
    "ai_search", sa.column("conversation_id"), sa.column("turn_id"), sa.column("words")
)

# Its own tables are filled by these; a migration that makes `ai_search` anew has to make them again.
SQLITE = (
    """CREATE VIRTUAL TABLE ai_search_fts USING fts5(
        words, content='ai_search', content_rowid='id', tokenize='unicode61 remove_diacritics 0'
    )""",
    """CREATE TRIGGER ai_search_added AFTER INSERT ON ai_search BEGIN
        INSERT INTO ai_search_fts(rowid, words) VALUES (new.id, new.words);
    END""",
    """CREATE TRIGGER ai_search_removed AFTER DELETE ON ai_search BEGIN
        INSERT INTO ai_search_fts(ai_search_fts, rowid, words)
        VALUES ('delete', old.id, old.words);
    END""",
    """CREATE TRIGGER ai_search_changed AFTER UPDATE ON ai_search BEGIN
        INSERT INTO ai_search_fts(ai_search_fts, rowid, words)
        VALUES ('delete', old.id, old.words);
        INSERT INTO ai_search_fts(rowid, words) VALUES (new.id, new.words);
    END""",
)
POSTGRES = "CREATE INDEX fts_ai_search_words ON ai_search USING gin (to_tsvector('simple', words))"


def upgrade() -> None:
    op.create_table(
        "ai_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ai_search"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["ai_conversation.id"],
            name="fk_ai_search_conversation_id_ai_conversation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["ai_turn.id"], name="fk_ai_search_turn_id_ai_turn", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_ai_search_conversation_id", "ai_search", ["conversation_id"])
    op.create_index("ix_ai_search_turn_id", "ai_search", ["turn_id"])
    is_sqlite = op.get_context().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else (POSTGRES,):
        op.execute(statement)
    if not op.get_context().as_sql:
        take_in_what_is_there()


def take_in_what_is_there() -> None:
    connection = op.get_bind()
    titles = sa.select(conversation.c.id, conversation.c.title)
    turns = sa.select(turn.c.conversation_id, turn.c.id, turn.c.question, turn.c.answer)
    for rows in connection.execute(titles).partitions(BATCH):
        found = [{"conversation_id": i, "turn_id": None, "words": searchable(t)} for i, t in rows]
        connection.execute(search.insert(), found)
    for rows in connection.execute(turns).partitions(BATCH):
        found = [
            {"conversation_id": c, "turn_id": i, "words": searchable(q, a)} for c, i, q, a in rows
        ]
        connection.execute(search.insert(), found)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE ai_search_fts")
    op.drop_table("ai_search")
