"""Frames: saved schemes, checks by others, the domain of an item, cases as facts; visits of the year are counted, not kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

CASES = """
INSERT INTO facts (kind, subject, reference, detail, "on", draw_id)
SELECT '{kind}', enterprises.code, cases.number, '', {day}, samples.draw_id
FROM cases JOIN enterprises ON enterprises.id = cases.enterprise_id JOIN samples ON samples.id = cases.sample_id
WHERE cases.{moment} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM facts WHERE facts.kind = '{kind}' AND facts.reference = cases.number)
"""


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "frame_schemes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by_name", sa.String(length=100), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_frame_schemes_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_schemes")),
        sa.UniqueConstraint("region_code", "name", name=op.f("uq_frame_schemes_region_code_name")),
    )
    op.create_index(op.f("ix_frame_schemes_region_code"), "frame_schemes", ["region_code"], unique=False)
    op.create_table(
        "frame_scheme_versions",
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_by_name", sa.String(length=100), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scheme_id"], ["frame_schemes.id"], name=op.f("fk_frame_scheme_versions_scheme_id_frame_schemes")),
        sa.PrimaryKeyConstraint("scheme_id", "version", name=op.f("pk_frame_scheme_versions")),
    )
    op.create_table(
        "outside_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("authority", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("product_code", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.CheckConstraint("kind IN ('visit','sample','drawn')", name=op.f("ck_outside_checks_kind")),
        sa.CheckConstraint("level IN ('national','province','city','county','township')", name=op.f("ck_outside_checks_level")),
        sa.CheckConstraint("cause IN ('random','special','complaint','other')", name=op.f("ck_outside_checks_cause")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"], name=op.f("fk_outside_checks_enterprise_id_enterprises")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_checks")),
        sa.UniqueConstraint(
            "enterprise_id", "on", "kind", "authority", "item_code", "product_code",
            name=op.f("uq_outside_checks_same"),
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_outside_checks_enterprise_id"), "outside_checks", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_outside_checks_on"), "outside_checks", ["on"], unique=False)
    op.add_column("draws", sa.Column("scheme_id", sa.Integer(), nullable=True))
    op.add_column("draws", sa.Column("scheme_version", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_draws_scheme_id"), "draws", ["scheme_id"], unique=False)
    op.add_column("check_items", sa.Column("domain", sa.String(length=20), nullable=False, server_default=""))
    op.drop_column("enterprises", "inspections_this_year")
    op.create_index("ix_facts_subject", "facts", ["subject"], unique=False)
    local = "date(cases.{moment}, '+8 hours')" if dialect == "sqlite" else "(cases.{moment} AT TIME ZONE 'Asia/Shanghai')::date"
    for kind, moment in (("case", "opened_at"), ("case_closed", "closed_at")):
        op.execute(CASES.format(kind=kind, moment=moment, day=local.format(moment=moment)))
    seal("frame_scheme_versions")


def downgrade() -> None:
    """The facts stay: sealed rows are never rewritten."""
    unseal("frame_scheme_versions")
    op.drop_index("ix_facts_subject", table_name="facts")
    op.add_column("enterprises", sa.Column("inspections_this_year", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("check_items", "domain")
    op.drop_index(op.f("ix_draws_scheme_id"), table_name="draws")
    op.drop_column("draws", "scheme_version")
    op.drop_column("draws", "scheme_id")
    op.drop_table("outside_checks")
    op.drop_table("frame_scheme_versions")
    op.drop_table("frame_schemes")
