"""the assistant's conversations and usage"""

import sqlalchemy as sa
from alembic import op

revision = "ai_database_0001"
down_revision = None
branch_labels = ("ai_database",)
depends_on = None


def tokens() -> list[sa.Column]:
    return [
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_nanos", sa.BigInteger(), nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "ai_conversation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summarized_turns", sa.Integer(), nullable=False),
        *tokens(),
        sa.PrimaryKeyConstraint("id", name="pk_ai_conversation"),
    )
    op.create_index(
        "ix_ai_conversation_user_id_updated_at", "ai_conversation", ["user_id", "updated_at"]
    )
    op.create_table(
        "ai_turn",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        *tokens(),
        sa.Column("tools", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ai_turn"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["ai_conversation.id"],
            name="fk_ai_turn_conversation_id_ai_conversation",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_ai_turn_conversation_id_number", "ai_turn", ["conversation_id", "number"])
    op.create_table(
        "ai_usage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        *tokens(),
        sa.PrimaryKeyConstraint("id", name="pk_ai_usage"),
    )
    op.create_index("ix_ai_usage_day_user_id", "ai_usage", ["day", "user_id"])


def downgrade() -> None:
    op.drop_table("ai_usage")
    op.drop_table("ai_turn")
    op.drop_table("ai_conversation")
