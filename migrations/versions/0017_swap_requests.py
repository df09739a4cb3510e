"""Swaps of inspectors are asked by one person and decided by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SEALED = ("swap_requests", "swap_decisions")


def upgrade() -> None:
    op.create_table(
        "swap_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("out_code", sa.String(length=64), nullable=False),
        sa.Column("in_code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_by_name", sa.String(length=100), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_swap_requests_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_requests")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_swap_requests_visit_id"), "swap_requests", ["visit_id"], unique=False)
    op.create_table(
        "swap_decisions",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_by_name", sa.String(length=100), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["swap_requests.id"], name=op.f("fk_swap_decisions_request_id_swap_requests")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_swap_decisions")),
        info={"sealed": True},
    )
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_table("swap_decisions")
    op.drop_index(op.f("ix_swap_requests_visit_id"), table_name="swap_requests")
    op.drop_table("swap_requests")
