"""Plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEALED = ("plan_versions",)


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("random", sa.Boolean(), nullable=False),
        sa.Column("domain", sa.String(length=20), nullable=False),
        sa.Column("product_year", sa.Integer(), nullable=False),
        sa.Column("rate_per_thousand", sa.String(64), nullable=True),
        sa.Column("rounding", sa.String(length=10), nullable=False),
        sa.Column("population_kind", sa.String(length=12), nullable=False),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('evaluative','supervision','risk','routine','special')", name=op.f("ck_plans_purpose")
        ),
        sa.CheckConstraint(
            "state IN ('draft','submitted','approved','published','executing','completed','cancelled')",
            name=op.f("ck_plans_state"),
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_plans_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("code", name=op.f("uq_plans_code")),
    )
    op.create_index(op.f("ix_plans_region_code"), "plans", ["region_code"], unique=False)
    op.create_index(op.f("ix_plans_state"), "plans", ["state"], unique=False)
    op.create_table(
        "plan_cells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("class_code", sa.String(length=40), nullable=False),
        sa.Column("n_batches", sa.Integer(), nullable=False),
        sa.Column("locked", sa.Integer(), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.Column("q1", sa.Integer(), nullable=False),
        sa.Column("q2", sa.Integer(), nullable=False),
        sa.Column("q3", sa.Integer(), nullable=False),
        sa.Column("q4", sa.Integer(), nullable=False),
        sa.CheckConstraint("n_batches >= 0", name=op.f("ck_plan_cells_n_batches")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_plan_cells_plan_id_plans"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_cells")),
        sa.UniqueConstraint(
            "plan_id", "region_code", "class_code", name=op.f("uq_plan_cells_plan_id_region_code_class_code")
        ),
    )
    op.create_index(op.f("ix_plan_cells_plan_id"), "plan_cells", ["plan_id"], unique=False)
    op.create_index(op.f("ix_plan_cells_region_code"), "plan_cells", ["region_code"], unique=False)
    op.create_table(
        "plan_laboratories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("laboratory_id", sa.Integer(), nullable=False),
        sa.Column("class_code", sa.String(length=40), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("n_batches", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratories.id"], name=op.f("fk_plan_laboratories_laboratory_id_laboratories")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_plan_laboratories_plan_id_plans"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_laboratories")),
        sa.UniqueConstraint(
            "plan_id",
            "laboratory_id",
            "class_code",
            "quarter",
            name=op.f("uq_plan_laboratories_plan_id_laboratory_id_class_code_quarter"),
        ),
    )
    op.create_index(op.f("ix_plan_laboratories_laboratory_id"), "plan_laboratories", ["laboratory_id"], unique=False)
    op.create_index(op.f("ix_plan_laboratories_plan_id"), "plan_laboratories", ["plan_id"], unique=False)
    op.create_table(
        "plan_margins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("axis", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("weight", sa.String(64), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.CheckConstraint("axis IN ('region','class')", name=op.f("ck_plan_margins_axis")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_plan_margins_plan_id_plans"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_margins")),
        sa.UniqueConstraint("plan_id", "axis", "code", name=op.f("uq_plan_margins_plan_id_axis_code")),
    )
    op.create_index(op.f("ix_plan_margins_plan_id"), "plan_margins", ["plan_id"], unique=False)
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_by_name", sa.String(length=100), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_versions_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_plan_versions_plan_id_version")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_plan_versions_plan_id"), "plan_versions", ["plan_id"], unique=False)
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_index(op.f("ix_plan_versions_plan_id"), table_name="plan_versions")
    op.drop_table("plan_versions")
    op.drop_index(op.f("ix_plan_margins_plan_id"), table_name="plan_margins")
    op.drop_table("plan_margins")
    op.drop_index(op.f("ix_plan_laboratories_plan_id"), table_name="plan_laboratories")
    op.drop_index(op.f("ix_plan_laboratories_laboratory_id"), table_name="plan_laboratories")
    op.drop_table("plan_laboratories")
    op.drop_index(op.f("ix_plan_cells_region_code"), table_name="plan_cells")
    op.drop_index(op.f("ix_plan_cells_plan_id"), table_name="plan_cells")
    op.drop_table("plan_cells")
    op.drop_index(op.f("ix_plans_state"), table_name="plans")
    op.drop_index(op.f("ix_plans_region_code"), table_name="plans")
    op.drop_table("plans")
