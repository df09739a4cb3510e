"""What follows a refused inspection."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refusals",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_unannounced", sa.Boolean(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_by_name", sa.String(length=100), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_refusals_visit_id_visits")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_refusals")),
    )
    op.create_index(op.f("ix_refusals_state"), "refusals", ["state"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_refusals_state"), table_name="refusals")
    op.drop_table("refusals")
