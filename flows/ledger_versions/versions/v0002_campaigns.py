"""Campaigns, and where each of their repositories stands."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "campaigns",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "campaign_members",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("campaign", sa.String(80), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("base", sa.String(250), nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("needs", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("begun_at", sa.DateTime),
        sa.Column("sites_left", sa.Integer),
        sa.Column("scanned", sa.String(64), nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("dollars", sa.Float, nullable=False),
        sa.Column("earlier_tokens", sa.Integer, nullable=False),
        sa.Column("earlier_dollars", sa.Float, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("campaign", "source", "base"),
    )
    op.create_index("ix_campaign_members_campaign", "campaign_members", ["campaign"])
