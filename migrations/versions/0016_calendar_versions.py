"""Calendar: the arrangement of a year carries a version, so that two people correcting it do not overwrite each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendar_years", sa.Column("version_id", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("calendar_years", "version_id")
