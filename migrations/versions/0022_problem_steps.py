"""What was done about a problem: re-checks and extensions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "problem_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_problem_steps_problem_id_problems")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_steps")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_problem_steps_problem_id"), "problem_steps", ["problem_id"], unique=False)
    seal("problem_steps")


def downgrade() -> None:
    unseal("problem_steps")
    op.drop_index(op.f("ix_problem_steps_problem_id"), table_name="problem_steps")
    op.drop_table("problem_steps")
