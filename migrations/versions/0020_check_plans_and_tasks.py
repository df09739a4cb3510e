"""Annual inspection plans with their versions and tasks; a draw may carry out a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SEALED = ("check_plan_versions",)


def upgrade() -> None:
    op.create_table(
        "check_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_number", sa.String(length=60), nullable=False),
        sa.Column("authority", sa.String(length=100), nullable=False),
        sa.Column("lead_department", sa.String(length=64), nullable=False),
        sa.Column("departments", sa.JSON(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("returned_for", sa.String(length=300), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint("state IN ('draft','submitted','returned','approved','published','executing','completed','cancelled')", name=op.f("ck_check_plans_state")),
        sa.ForeignKeyConstraint(["lead_department"], ["departments.code"], name=op.f("fk_check_plans_lead_department_departments")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_check_plans_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_plans")),
        sa.UniqueConstraint("code", name=op.f("uq_check_plans_code")),
    )
    op.create_index(op.f("ix_check_plans_region_code"), "check_plans", ["region_code"], unique=False)
    op.create_index(op.f("ix_check_plans_state"), "check_plans", ["state"], unique=False)
    op.create_table(
        "check_plan_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_by_name", sa.String(length=100), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["check_plans.id"], name=op.f("fk_check_plan_versions_plan_id_check_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_plan_versions")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_check_plan_versions_plan_id_version")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_check_plan_versions_plan_id"), "check_plan_versions", ["plan_id"], unique=False)
    op.create_table(
        "check_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("series", sa.String(length=30), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("authority", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("check_type", sa.String(length=12), nullable=False),
        sa.Column("check_kind", sa.String(length=12), nullable=False),
        sa.Column("lead_department", sa.String(length=64), nullable=False),
        sa.Column("departments", sa.JSON(), nullable=False),
        sa.Column("item_codes", sa.JSON(), nullable=False),
        sa.Column("object_kind", sa.String(length=20), nullable=False),
        sa.Column("objects", sa.String(length=300), nullable=False),
        sa.Column("stratify_by", sa.String(length=20), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("n_objects", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("overlap_reason", sa.String(length=300), nullable=False),
        sa.Column("conclusion", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint("check_kind IN ('random','key','special','flight')", name=op.f("ck_check_tasks_check_kind")),
        sa.CheckConstraint("check_type IN ('targeted','untargeted')", name=op.f("ck_check_tasks_check_type")),
        sa.CheckConstraint("state IN ('draft','open','closed','cancelled')", name=op.f("ck_check_tasks_state")),
        sa.CheckConstraint("n_objects > 0", name=op.f("ck_check_tasks_n_objects")),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_check_tasks_period")),
        sa.ForeignKeyConstraint(["lead_department"], ["departments.code"], name=op.f("fk_check_tasks_lead_department_departments")),
        sa.ForeignKeyConstraint(["plan_id"], ["check_plans.id"], name=op.f("fk_check_tasks_plan_id_check_plans")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_check_tasks_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_tasks")),
        sa.UniqueConstraint("code", name=op.f("uq_check_tasks_code")),
        sa.UniqueConstraint("series", "year", "serial", name=op.f("uq_check_tasks_series_year_serial")),
    )
    op.create_index(op.f("ix_check_tasks_plan_id"), "check_tasks", ["plan_id"], unique=False)
    op.create_index(op.f("ix_check_tasks_region_code"), "check_tasks", ["region_code"], unique=False)
    op.create_index(op.f("ix_check_tasks_state"), "check_tasks", ["state"], unique=False)
    op.add_column("draws", sa.Column("task_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_draws_task_id"), "draws", ["task_id"], unique=False)
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_index(op.f("ix_draws_task_id"), table_name="draws")
    op.drop_column("draws", "task_id")
    op.drop_index(op.f("ix_check_tasks_state"), table_name="check_tasks")
    op.drop_index(op.f("ix_check_tasks_region_code"), table_name="check_tasks")
    op.drop_index(op.f("ix_check_tasks_plan_id"), table_name="check_tasks")
    op.drop_table("check_tasks")
    op.drop_index(op.f("ix_check_plan_versions_plan_id"), table_name="check_plan_versions")
    op.drop_table("check_plan_versions")
    op.drop_index(op.f("ix_check_plans_state"), table_name="check_plans")
    op.drop_index(op.f("ix_check_plans_region_code"), table_name="check_plans")
    op.drop_table("check_plans")
