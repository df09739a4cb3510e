"""Draws and the past."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SEALED = (
    "commitments",
    "draw_files",
    "draw_secrets",
    "draw_voids",
    "facts",
    "inspector_swaps",
    "reserve_calls",
    "reveal_entries",
    "reveals",
    "selections",
    "team_seats",
    "void_requests",
)


def upgrade() -> None:
    op.create_table(
        "draws",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item_codes", sa.JSON(), nullable=False),
        sa.Column("period_from", sa.String(length=10), nullable=False),
        sa.Column("period_to", sa.String(length=10), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("embargo_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repeats_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "state IN ('configured','frozen','committed','revealed','published','void')", name=op.f("ck_draws_state")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_draws_region_code_regions")),
        sa.ForeignKeyConstraint(["repeats_id"], ["draws.id"], name=op.f("fk_draws_repeats_id_draws")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
        sa.UniqueConstraint("number", name=op.f("uq_draws_number")),
        sa.UniqueConstraint("year", "serial", name=op.f("uq_draws_year_serial")),
    )
    op.create_index(op.f("ix_draws_region_code"), "draws", ["region_code"], unique=False)
    op.create_index(op.f("ix_draws_state"), "draws", ["state"], unique=False)
    op.create_table(
        "commitments",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reveal_not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reveal_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_by", sa.Integer(), nullable=False),
        sa.Column("committed_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_commitments_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_commitments")),
        sa.UniqueConstraint("digest", name=op.f("uq_commitments_digest")),
        sa.UniqueConstraint("previous", name=op.f("uq_commitments_previous")),
        sa.UniqueConstraint("sequence", name=op.f("uq_commitments_sequence")),
        info={"sealed": True},
    )
    op.create_table(
        "draw_files",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_files_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "name", name=op.f("pk_draw_files")),
        info={"sealed": True},
    )
    op.create_table(
        "draw_secrets",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_secrets_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_draw_secrets")),
        info={"sealed": True},
    )
    op.create_table(
        "draw_voids",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_by_name", sa.String(length=100), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_by_name", sa.String(length=100), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_voids_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_draw_voids")),
        info={"sealed": True},
    )
    op.create_table(
        "facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=100), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_facts_draw_id_draws")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        info={"sealed": True},
    )
    op.create_index("ix_facts_kind_on_subject", "facts", ["kind", "on", "subject"], unique=False)
    op.create_table(
        "reveal_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=100), nullable=False),
        sa.Column("public_value", sa.Text(), nullable=False),
        sa.Column("witnesses", sa.JSON(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_reveal_entries_draw_id_draws")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal_entries")),
        sa.UniqueConstraint(
            "draw_id", "attempt", "account_id", name=op.f("uq_reveal_entries_draw_id_attempt_account_id")
        ),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_reveal_entries_draw_id"), "reveal_entries", ["draw_id"], unique=False)
    op.create_table(
        "reveals",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n_selected", sa.Integer(), nullable=False),
        sa.Column("n_reserve", sa.Integer(), nullable=False),
        sa.Column("n_unfilled", sa.Integer(), nullable=False),
        sa.Column("bundle_digest", sa.String(length=64), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_reveals_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_reveals")),
        info={"sealed": True},
    )
    op.create_table(
        "void_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_by_name", sa.String(length=100), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_void_requests_draw_id_draws")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_void_requests")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_void_requests_draw_id"), "void_requests", ["draw_id"], unique=False)
    op.create_table(
        "inspector_swaps",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("out_code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("in_code", sa.String(length=64), nullable=False),
        sa.Column("swapped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["reveals.draw_id"], name=op.f("fk_inspector_swaps_draw_id_reveals")),
        sa.PrimaryKeyConstraint("draw_id", "seq", name=op.f("pk_inspector_swaps")),
        info={"sealed": True},
    )
    op.create_table(
        "reserve_calls",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("out_code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("in_code", sa.String(length=64), nullable=False),
        sa.Column("team", sa.JSON(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["reveals.draw_id"], name=op.f("fk_reserve_calls_draw_id_reveals")),
        sa.PrimaryKeyConstraint("draw_id", "seq", name=op.f("pk_reserve_calls")),
        sa.UniqueConstraint("draw_id", "in_code", name=op.f("uq_reserve_calls_draw_id_in_code")),
        sa.UniqueConstraint("draw_id", "out_code", name=op.f("uq_reserve_calls_draw_id_out_code")),
        info={"sealed": True},
    )
    op.create_table(
        "selections",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["reveals.draw_id"], name=op.f("fk_selections_draw_id_reveals")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_selections_enterprise_id_enterprises")
        ),
        sa.PrimaryKeyConstraint("draw_id", "stratum", "rank", name=op.f("pk_selections")),
        sa.UniqueConstraint("draw_id", "unit_code", name=op.f("uq_selections_draw_id_unit_code")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_selections_enterprise_id"), "selections", ["enterprise_id"], unique=False)
    op.create_index("ix_selections_unit_code", "selections", ["unit_code"], unique=False)
    op.create_table(
        "team_seats",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("inspector_code", sa.String(length=64), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["reveals.draw_id"], name=op.f("fk_team_seats_draw_id_reveals")),
        sa.PrimaryKeyConstraint("draw_id", "unit_code", "seat", name=op.f("pk_team_seats")),
        info={"sealed": True},
    )
    op.create_index(op.f("ix_team_seats_inspector_code"), "team_seats", ["inspector_code"], unique=False)
    seal(*SEALED)


def downgrade() -> None:
    unseal(*SEALED)
    op.drop_index(op.f("ix_team_seats_inspector_code"), table_name="team_seats")
    op.drop_table("team_seats")
    op.drop_index("ix_selections_unit_code", table_name="selections")
    op.drop_index(op.f("ix_selections_enterprise_id"), table_name="selections")
    op.drop_table("selections")
    op.drop_table("reserve_calls")
    op.drop_table("inspector_swaps")
    op.drop_index(op.f("ix_void_requests_draw_id"), table_name="void_requests")
    op.drop_table("void_requests")
    op.drop_table("reveals")
    op.drop_index(op.f("ix_reveal_entries_draw_id"), table_name="reveal_entries")
    op.drop_table("reveal_entries")
    op.drop_index("ix_facts_kind_on_subject", table_name="facts")
    op.drop_table("facts")
    op.drop_table("draw_voids")
    op.drop_table("draw_secrets")
    op.drop_table("draw_files")
    op.drop_table("commitments")
    op.drop_index(op.f("ix_draws_state"), table_name="draws")
    op.drop_index(op.f("ix_draws_region_code"), table_name="draws")
    op.drop_table("draws")
