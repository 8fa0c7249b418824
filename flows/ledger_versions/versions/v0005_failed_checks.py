"""Checks that failed on what we pushed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "failed_checks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("branch", sa.String(250), nullable=False),
        sa.Column("commit", sa.String(64), nullable=False),
        sa.Column("names", sa.Text, nullable=False),
        sa.Column("is_repaired", sa.Boolean, nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("noted_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("repository", "branch", "commit"),
    )
