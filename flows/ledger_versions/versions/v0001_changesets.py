"""Changesets and the pull requests of the local forge.

Tables that are there already were made before there were versions, and are the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "changesets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("campaign", sa.String(200), nullable=False),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("branch", sa.String(250), nullable=False),
        sa.Column("base_branch", sa.String(250), nullable=False),
        sa.Column("base_commit", sa.String(64), nullable=False),
        sa.Column("head_commit", sa.String(64), nullable=False),
        sa.Column("pushed_commit", sa.String(64)),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("forge", sa.String(20), nullable=False),
        sa.Column("pull_request", sa.Text),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("repository", "branch"),
        if_not_exists=True,
    )
    op.create_table(
        "local_pull_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("branch", sa.String(250), nullable=False),
        sa.Column("base_branch", sa.String(250), nullable=False),
        sa.Column("head_commit", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("opened_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("repository", "number"),
        sa.UniqueConstraint("repository", "branch"),
        if_not_exists=True,
    )
    op.create_table(
        "local_pull_request_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("may_write", sa.Boolean, nullable=False),
        sa.Column("happened_at", sa.DateTime, nullable=False),
        if_not_exists=True,
    )
    op.create_index(
        "ix_local_pull_request_events_repository",
        "local_pull_request_events",
        ["repository"],
        if_not_exists=True,
    )
    op.create_table(
        "local_line_comments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("commit", sa.String(64), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("first_line", sa.Integer, nullable=False),
        sa.Column("last_line", sa.Integer, nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("written_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("repository", "number", "key"),
        if_not_exists=True,
    )
