"""Events about a secret list wait behind a veil until the list is public."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_veils",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_veils")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_audit_veils_subject"), "audit_veils", ["subject"], unique=False)
    seal("audit_veils")


def downgrade() -> None:
    unseal("audit_veils")
    op.drop_index(op.f("ix_audit_veils_subject"), table_name="audit_veils")
    op.drop_table("audit_veils")
