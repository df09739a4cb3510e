"""Publications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEALED = (
    "issues",
    "withdrawals",
)


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_by_name", sa.String(length=100), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=300), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft','submitted','approved','published','corrected','withdrawn')",
            name=op.f("ck_publications_state"),
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["publications.id"], name=op.f("fk_publications_corrects_id_publications")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_publications_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_index(op.f("ix_publications_kind"), "publications", ["kind"], unique=False)
    op.create_index(op.f("ix_publications_region_code"), "publications", ["region_code"], unique=False)
    op.create_index(op.f("ix_publications_state"), "publications", ["state"], unique=False)
    op.create_table(
        "issues",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("pdf_digest", sa.String(length=64), nullable=False),
        sa.Column("software_version", sa.String(length=20), nullable=False),
        sa.Column("audit_head", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=False),
        sa.Column("issued_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_issues_publication_id_publications")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_issues")),
        sa.UniqueConstraint("number", name=op.f("uq_issues_number")),
        sa.UniqueConstraint("pdf_digest", name=op.f("uq_issues_pdf_digest")),
        sa.UniqueConstraint("series", "year", "serial", name=op.f("uq_issues_series_year_serial")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_issues_kind"), "issues", ["kind"], unique=False)
    op.create_table(
        "withdrawals",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_withdrawals_publication_id_publications")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["publications.id"], name=op.f("fk_withdrawals_replaced_by_id_publications")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_withdrawals")),
        info={"sealed": True},
    )
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_table("withdrawals")
    op.drop_index(op.f("ix_issues_kind"), table_name="issues")
    op.drop_table("issues")
    op.drop_index(op.f("ix_publications_state"), table_name="publications")
    op.drop_index(op.f("ix_publications_region_code"), table_name="publications")
    op.drop_index(op.f("ix_publications_kind"), table_name="publications")
    op.drop_table("publications")
