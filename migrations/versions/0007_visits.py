"""Visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SEALED = ("visit_records",)


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("due_from", sa.Date(), nullable=True),
        sa.Column("due_to", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=2), nullable=True),
        sa.Column("outcome_note", sa.String(length=300), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("recusal_asked", sa.Boolean(), nullable=True),
        sa.Column("recusal_answer", sa.String(length=200), nullable=False),
        sa.Column("refused_signature", sa.Boolean(), nullable=False),
        sa.Column("witness", sa.String(length=100), nullable=False),
        sa.Column("follow_up", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.String(length=300), nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=True),
        sa.Column("publish_by", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending','entered','submitted','returned','approved','published')", name=op.f("ck_visits_state")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_visits_draw_id_draws")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_visits_enterprise_id_enterprises")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_visits_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("draw_id", "unit_code", name=op.f("uq_visits_draw_id_unit_code")),
        sa.UniqueConstraint("number", name=op.f("uq_visits_number")),
    )
    op.create_index(op.f("ix_visits_draw_id"), "visits", ["draw_id"], unique=False)
    op.create_index(op.f("ix_visits_enterprise_id"), "visits", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_visits_region_code"), "visits", ["region_code"], unique=False)
    op.create_index(op.f("ix_visits_state"), "visits", ["state"], unique=False)
    op.create_index(op.f("ix_visits_unit_code"), "visits", ["unit_code"], unique=False)
    op.create_table(
        "problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("measure", sa.String(length=300), nullable=False),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("rechecked_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_problems_region_code_regions")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_problems_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
    )
    op.create_index(op.f("ix_problems_region_code"), "problems", ["region_code"], unique=False)
    op.create_index(op.f("ix_problems_visit_id"), "problems", ["visit_id"], unique=False)
    op.create_table(
        "visit_items",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("found", sa.String(length=10), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("measure", sa.String(length=300), nullable=False),
        sa.Column("not_checked_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_items_visit_id_visits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "position", name=op.f("pk_visit_items")),
    )
    op.create_table(
        "visit_members",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["inspectors.id"], name=op.f("fk_visit_members_inspector_id_inspectors")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_members_visit_id_visits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "seat", name=op.f("pk_visit_members")),
    )
    op.create_index(op.f("ix_visit_members_inspector_id"), "visit_members", ["inspector_id"], unique=False)
    op.create_table(
        "visit_records",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_by_name", sa.String(length=100), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_records_visit_id_visits")),
        sa.PrimaryKeyConstraint("visit_id", "version", name=op.f("pk_visit_records")),
        info={"sealed": True},
    )
    op.create_table(
        "visit_results",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_version", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_results_visit_id_visits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "code", name=op.f("pk_visit_results")),
    )
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_table("visit_results")
    op.drop_table("visit_records")
    op.drop_index(op.f("ix_visit_members_inspector_id"), table_name="visit_members")
    op.drop_table("visit_members")
    op.drop_table("visit_items")
    op.drop_index(op.f("ix_problems_visit_id"), table_name="problems")
    op.drop_index(op.f("ix_problems_region_code"), table_name="problems")
    op.drop_table("problems")
    op.drop_index(op.f("ix_visits_unit_code"), table_name="visits")
    op.drop_index(op.f("ix_visits_state"), table_name="visits")
    op.drop_index(op.f("ix_visits_region_code"), table_name="visits")
    op.drop_index(op.f("ix_visits_enterprise_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_draw_id"), table_name="visits")
    op.drop_table("visits")
