"""Test results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SEALED = ("report_versions",)


def upgrade() -> None:
    op.create_table(
        "test_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("conclusion", sa.String(length=14), nullable=True),
        sa.Column("tested_from", sa.Date(), nullable=True),
        sa.Column("tested_to", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=300), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("conclusion IN ('pass','fail','undetermined')", name=op.f("ck_test_reports_conclusion")),
        sa.CheckConstraint("state IN ('entering','entered','reviewed','approved')", name=op.f("ck_test_reports_state")),
        sa.ForeignKeyConstraint(["lab_id"], ["laboratories.id"], name=op.f("fk_test_reports_lab_id_laboratories")),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_test_reports_sample_id_samples")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_reports")),
        sa.UniqueConstraint("sample_id", name=op.f("uq_test_reports_sample_id")),
    )
    op.create_index(op.f("ix_test_reports_lab_id"), "test_reports", ["lab_id"], unique=False)
    op.create_index(op.f("ix_test_reports_state"), "test_reports", ["state"], unique=False)
    op.create_table(
        "item_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("item_name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("value", sa.String(64), nullable=True),
        sa.Column("values", sa.JSON(), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("detection_limit", sa.String(64), nullable=True),
        sa.Column("limit_id", sa.Integer(), nullable=True),
        sa.Column("limit", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=14), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("outcome IN ('pass','fail','undetermined')", name=op.f("ck_item_results_outcome")),
        sa.ForeignKeyConstraint(["lab_id"], ["laboratories.id"], name=op.f("fk_item_results_lab_id_laboratories")),
        sa.ForeignKeyConstraint(["limit_id"], ["limits.id"], name=op.f("fk_item_results_limit_id_limits")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["test_reports.id"], name=op.f("fk_item_results_report_id_test_reports")
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_item_results_sample_id_samples")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_item_results_upload_id_uploads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_results")),
        sa.UniqueConstraint(
            "report_id", "item_code", "revision", name=op.f("uq_item_results_report_id_item_code_revision")
        ),
    )
    op.create_index(op.f("ix_item_results_lab_id"), "item_results", ["lab_id"], unique=False)
    op.create_index(op.f("ix_item_results_report_id"), "item_results", ["report_id"], unique=False)
    op.create_index(op.f("ix_item_results_sample_id"), "item_results", ["sample_id"], unique=False)
    op.create_table(
        "report_versions",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("conclusion", sa.String(length=14), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_by_name", sa.String(length=100), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["test_reports.id"], name=op.f("fk_report_versions_report_id_test_reports")
        ),
        sa.PrimaryKeyConstraint("report_id", "version", name=op.f("pk_report_versions")),
        info={"sealed": True},
    )
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_table("report_versions")
    op.drop_index(op.f("ix_item_results_sample_id"), table_name="item_results")
    op.drop_index(op.f("ix_item_results_report_id"), table_name="item_results")
    op.drop_index(op.f("ix_item_results_lab_id"), table_name="item_results")
    op.drop_table("item_results")
    op.drop_index(op.f("ix_test_reports_state"), table_name="test_reports")
    op.drop_index(op.f("ix_test_reports_lab_id"), table_name="test_reports")
    op.drop_table("test_reports")
