"""Members of a campaign for the parts of a repository that have owners of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# PostgreSQL's name for it; SQLite has it without one.
OLD = "campaign_members_campaign_source_base_key"


def upgrade() -> None:
    """Add the column, and have it tell members apart."""
    with op.batch_alter_table("campaign_members", naming_convention={"uq": OLD}) as table:
        table.add_column(sa.Column("part", sa.String(250), nullable=False, server_default=""))
        table.drop_constraint(OLD, type_="unique")
        table.create_unique_constraint(
            "campaign_members_campaign_source_base_part_key", ["campaign", "source", "base", "part"]
        )
