"""Samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SEALED = ("handovers",)


def upgrade() -> None:
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("cell_region", sa.String(length=12), nullable=False),
        sa.Column("class_code", sa.String(length=40), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("random", sa.Boolean(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=12), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("producer_name", sa.String(length=200), nullable=False),
        sa.Column("producer_address", sa.String(length=300), nullable=False),
        sa.Column("product_name", sa.String(length=200), nullable=False),
        sa.Column("product_code", sa.String(length=40), nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("specification", sa.String(length=100), nullable=False),
        sa.Column("lot", sa.String(length=100), nullable=False),
        sa.Column("date_kind", sa.String(length=12), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("shelf_life", sa.String(length=60), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.String(64), nullable=True),
        sa.Column("backup_quantity", sa.String(64), nullable=True),
        sa.Column("quantity_unit", sa.String(length=20), nullable=False),
        sa.Column("seal_number", sa.String(length=60), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("sampler_ids", sa.JSON(), nullable=False),
        sa.Column("sampler_names", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("deliver_by", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("report_by", sa.Date(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('taken','sealed','handed_over','received','refused','tested','reported','void')",
            name=op.f("ck_samples_state"),
        ),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_samples_quarter")),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_samples_draw_id_draws")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_samples_enterprise_id_enterprises")
        ),
        sa.ForeignKeyConstraint(["lab_id"], ["laboratories.id"], name=op.f("fk_samples_lab_id_laboratories")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_samples_plan_id_plans")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_samples_region_code_regions")),
        sa.ForeignKeyConstraint(["replaces_id"], ["samples.id"], name=op.f("fk_samples_replaces_id_samples")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
        sa.UniqueConstraint("code", name=op.f("uq_samples_code")),
        sa.UniqueConstraint("number", name=op.f("uq_samples_number")),
    )
    op.create_index(op.f("ix_samples_class_code"), "samples", ["class_code"], unique=False)
    op.create_index(op.f("ix_samples_enterprise_id"), "samples", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_samples_lab_id"), "samples", ["lab_id"], unique=False)
    op.create_index("ix_samples_plan_cell", "samples", ["plan_id", "cell_region", "class_code"], unique=False)
    op.create_index(op.f("ix_samples_plan_id"), "samples", ["plan_id"], unique=False)
    op.create_index(op.f("ix_samples_region_code"), "samples", ["region_code"], unique=False)
    op.create_index(op.f("ix_samples_state"), "samples", ["state"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=True),
        sa.Column("seal_intact", sa.Boolean(), nullable=True),
        sa.Column("package_intact", sa.Boolean(), nullable=True),
        sa.Column("quantity_enough", sa.Boolean(), nullable=True),
        sa.Column("state_normal", sa.Boolean(), nullable=True),
        sa.Column("papers_complete", sa.Boolean(), nullable=True),
        sa.Column("papers_match", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lab_id"], ["laboratories.id"], name=op.f("fk_handovers_lab_id_laboratories")),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_handovers_sample_id_samples")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_handovers_lab_id"), "handovers", ["lab_id"], unique=False)
    op.create_index(op.f("ix_handovers_sample_id"), "handovers", ["sample_id"], unique=False)
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_index(op.f("ix_handovers_sample_id"), table_name="handovers")
    op.drop_index(op.f("ix_handovers_lab_id"), table_name="handovers")
    op.drop_table("handovers")
    op.drop_index(op.f("ix_samples_state"), table_name="samples")
    op.drop_index(op.f("ix_samples_region_code"), table_name="samples")
    op.drop_index(op.f("ix_samples_plan_id"), table_name="samples")
    op.drop_index("ix_samples_plan_cell", table_name="samples")
    op.drop_index(op.f("ix_samples_lab_id"), table_name="samples")
    op.drop_index(op.f("ix_samples_enterprise_id"), table_name="samples")
    op.drop_index(op.f("ix_samples_class_code"), table_name="samples")
    op.drop_table("samples")
