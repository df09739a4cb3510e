"""Visits without a draw say where they come from, on what basis, and whose they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

COLUMNS = (("source", 40), ("basis", 300), ("authority", 100))


def upgrade() -> None:
    for name, length in COLUMNS:
        op.add_column("visits", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))


def downgrade() -> None:
    for name, _ in reversed(COLUMNS):
        op.drop_column("visits", name)
