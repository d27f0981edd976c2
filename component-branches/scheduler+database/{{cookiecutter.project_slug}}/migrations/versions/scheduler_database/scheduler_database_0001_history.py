"""the scheduler's history and heartbeat"""

import sqlalchemy as sa
from alembic import op

revision = "scheduler_database_0001"
down_revision = None
branch_labels = ("scheduler_database",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheduler_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=191), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("is_manual", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scheduler_run"),
    )
    op.create_index("ix_scheduler_run_job", "scheduler_run", ["job"])
    op.create_index("ix_scheduler_run_finished_at", "scheduler_run", ["finished_at"])
    op.create_table(
        "scheduler_note",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_scheduler_note"),
    )


def downgrade() -> None:
    op.drop_table("scheduler_note")
    op.drop_table("scheduler_run")
