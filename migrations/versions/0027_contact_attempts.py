"""Attempts to reach a firm, and what follows when it cannot be reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("tried_on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_contact_attempts_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_attempts")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_contact_attempts_visit_id"), "contact_attempts", ["visit_id"], unique=False)
    op.create_table(
        "transfers",
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
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_transfers_visit_id_visits")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_state"), "transfers", ["state"], unique=False)
    seal("contact_attempts")


def downgrade() -> None:
    unseal("contact_attempts")
    op.drop_index(op.f("ix_transfers_state"), table_name="transfers")
    op.drop_table("transfers")
    op.drop_index(op.f("ix_contact_attempts_visit_id"), table_name="contact_attempts")
    op.drop_table("contact_attempts")
