"""Keep why an approved report is being corrected until its new version is approved.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("test_reports") as table:
        table.add_column(sa.Column("correction_reason", sa.String(300), nullable=False, server_default=""))
    with op.batch_alter_table("test_reports") as table:
        table.alter_column("correction_reason", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("test_reports") as table:
        table.drop_column("correction_reason")
