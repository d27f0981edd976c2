"""the scheduler's jobs, in the table that APScheduler would make when it starts"""

import sqlalchemy as sa
from alembic import op

revision = "scheduler_database_0002"
down_revision = "scheduler_database_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "apscheduler_jobs",
        sa.Column("id", sa.Unicode(length=191), nullable=False),
        sa.Column("next_run_time", sa.Float(precision=25), nullable=True),
        sa.Column("job_state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index(
        "ix_apscheduler_jobs_next_run_time",
        "apscheduler_jobs",
        ["next_run_time"],
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("apscheduler_jobs")
