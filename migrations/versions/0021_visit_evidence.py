"""Attachments, signatures and receipts of visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SEALED = (
    "visit_attachments",
    "visit_attachment_contents",
    "visit_attachment_facts",
    "visit_attachment_voids",
    "visit_signatures",
    "visit_receipts",
)


def upgrade() -> None:
    op.create_table(
        "visit_attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item", sa.Integer(), nullable=True),
        sa.Column("caption", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("original_digest", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_by_name", sa.String(length=100), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('photo','paper','evidence')", name=op.f("ck_visit_attachments_kind")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_attachments_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_attachments")),
        sa.UniqueConstraint("visit_id", "no", name=op.f("uq_visit_attachments_visit_id_no")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_visit_attachments_digest"), "visit_attachments", ["digest"], unique=False)
    op.create_index(op.f("ix_visit_attachments_visit_id"), "visit_attachments", ["visit_id"], unique=False)
    op.create_table(
        "visit_receipts",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_receipts_visit_id_visits")),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_visit_receipts")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_visit_receipts_visit_id"), "visit_receipts", ["visit_id"], unique=False)
    op.create_table(
        "visit_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("signer", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=False),
        sa.Column("strokes", sa.JSON(), nullable=False),
        sa.Column("not_drawn", sa.String(length=200), nullable=False),
        sa.Column("record_digest", sa.String(length=64), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=False),
        sa.Column("taken_by_name", sa.String(length=100), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_signatures_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_signatures")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_visit_signatures_visit_id"), "visit_signatures", ["visit_id"], unique=False)
    op.create_table(
        "visit_attachment_contents",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["visit_attachments.id"], name=op.f("fk_visit_attachment_contents_attachment_id_visit_attachments")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_visit_attachment_contents")),
        info={"sealed": True},
    )
    op.create_table(
        "visit_attachment_facts",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.String(length=40), nullable=True),
        sa.Column("latitude", sa.String(length=20), nullable=True),
        sa.Column("longitude", sa.String(length=20), nullable=True),
        sa.Column("device", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(["attachment_id"], ["visit_attachments.id"], name=op.f("fk_visit_attachment_facts_attachment_id_visit_attachments")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_visit_attachment_facts")),
        info={"sealed": True},
    )
    op.create_table(
        "visit_attachment_voids",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("voided_by", sa.Integer(), nullable=False),
        sa.Column("voided_by_name", sa.String(length=100), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["visit_attachments.id"], name=op.f("fk_visit_attachment_voids_attachment_id_visit_attachments")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_visit_attachment_voids")),
        info={"sealed": True},
    )
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_table("visit_attachment_voids")
    op.drop_table("visit_attachment_facts")
    op.drop_table("visit_attachment_contents")
    op.drop_index(op.f("ix_visit_signatures_visit_id"), table_name="visit_signatures")
    op.drop_table("visit_signatures")
    op.drop_index(op.f("ix_visit_receipts_visit_id"), table_name="visit_receipts")
    op.drop_table("visit_receipts")
    op.drop_index(op.f("ix_visit_attachments_visit_id"), table_name="visit_attachments")
    op.drop_index(op.f("ix_visit_attachments_digest"), table_name="visit_attachments")
    op.drop_table("visit_attachments")
