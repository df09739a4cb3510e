"""A term of a sample keeps the mark 节假日安排未公布 that it was computed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MARKS = ("deliver_unannounced", "report_unannounced")


def upgrade() -> None:
    for name in MARKS:
        op.add_column("samples", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in MARKS:
        op.drop_column("samples", name)
