"""Check-ins at the door of a visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrivals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latitude", sa.String(length=64), nullable=True),
        sa.Column("longitude", sa.String(length=64), nullable=True),
        sa.Column("accuracy_m", sa.Integer(), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.Column("no_position_reason", sa.String(length=200), nullable=False),
        sa.Column("far_reason", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint("kind IN ('in','out')", name=op.f("ck_arrivals_kind")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_arrivals_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrivals")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_arrivals_visit_id"), "arrivals", ["visit_id"], unique=False)
    seal("arrivals")


def downgrade() -> None:
    unseal("arrivals")
    op.drop_index(op.f("ix_arrivals_visit_id"), table_name="arrivals")
    op.drop_table("arrivals")
