"""A draw may supplement a published one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draws", sa.Column("supplements_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_draws_supplements_id"), "draws", ["supplements_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_draws_supplements_id"), table_name="draws")
    op.drop_column("draws", "supplements_id")
