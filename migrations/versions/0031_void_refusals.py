"""A void request can be refused or withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "void_refusals",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("refused_by", sa.Integer(), nullable=False),
        sa.Column("refused_by_name", sa.String(length=100), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["void_requests.id"], name=op.f("fk_void_refusals_request_id_void_requests")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_void_refusals")),
    )
    seal("void_refusals")


def downgrade() -> None:
    unseal("void_refusals")
    op.drop_table("void_refusals")
