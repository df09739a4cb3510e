"""The halves of a draw's secret handed out on paper, and secrets given back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "secret_deposits",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("printed_by", sa.Integer(), nullable=False),
        sa.Column("printed_by_name", sa.String(length=100), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("part IN (1, 2)", name=op.f("ck_secret_deposits_part")),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_secret_deposits_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "part", "copy", name=op.f("pk_secret_deposits")),
        info={"sealed": True},
    )
    op.create_table(
        "returned_secrets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("returned_by", sa.Integer(), nullable=False),
        sa.Column("returned_by_name", sa.String(length=100), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_returned_secrets_draw_id_draws")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_secrets")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_returned_secrets_draw_id"), "returned_secrets", ["draw_id"], unique=False)
    seal("secret_deposits", "returned_secrets")


def downgrade() -> None:
    unseal("secret_deposits", "returned_secrets")
    op.drop_index(op.f("ix_returned_secrets_draw_id"), table_name="returned_secrets")
    op.drop_table("returned_secrets")
    op.drop_table("secret_deposits")
