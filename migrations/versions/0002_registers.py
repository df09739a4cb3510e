"""Registers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("ratio", sa.String(length=60), nullable=False),
        sa.Column("frequency", sa.String(length=60), nullable=False),
        sa.Column("method", sa.String(length=100), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_items")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_check_items_code_version")),
    )
    op.create_index(op.f("ix_check_items_code"), "check_items", ["code"], unique=False)
    op.create_table(
        "departments",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departments")),
    )
    op.create_table(
        "laboratories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("accreditation_number", sa.String(length=60), nullable=False),
        sa.Column("accreditation_expires_on", sa.Date(), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratories")),
        sa.UniqueConstraint("code", name=op.f("uq_laboratories_code")),
    )
    op.create_table(
        "product_categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("parent_code", sa.String(length=40), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("domain", sa.String(length=20), nullable=False),
        sa.Column("key_product", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_product_categories_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_categories")),
        sa.UniqueConstraint("domain", "year", "code", name=op.f("uq_product_categories_domain_year_code")),
    )
    op.create_index("ix_product_categories_year_name", "product_categories", ["year", "name"], unique=False)
    op.create_table(
        "regions",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent_code", sa.String(length=12), nullable=True),
        sa.CheckConstraint("level IN ('province','city','county','township')", name=op.f("ck_regions_level")),
        sa.ForeignKeyConstraint(["parent_code"], ["regions.code"], name=op.f("fk_regions_parent_code_regions")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    op.create_index(op.f("ix_regions_parent_code"), "regions", ["parent_code"], unique=False)
    op.create_table(
        "test_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("microbiological", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_items")),
        sa.UniqueConstraint("code", name=op.f("uq_test_items_code")),
    )
    op.create_index(op.f("ix_test_items_name"), "test_items", ["name"], unique=False)
    op.create_table(
        "enterprises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("code_kind", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("station", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("credit_class", sa.String(length=1), nullable=True),
        sa.Column("food_risk_grade", sa.String(length=1), nullable=True),
        sa.Column("industry", sa.String(length=60), nullable=False),
        sa.Column("link", sa.String(length=12), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("legal_person", sa.String(length=60), nullable=False),
        sa.Column("latitude", sa.String(64), nullable=True),
        sa.Column("longitude", sa.String(64), nullable=True),
        sa.Column("inspections_this_year", sa.Integer(), nullable=False),
        sa.Column("inspection_cap", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint("credit_class IN ('A','B','C','D')", name=op.f("ck_enterprises_credit_class")),
        sa.CheckConstraint(
            "state IN ('open','stopped','deregistered','moved','revoked')", name=op.f("ck_enterprises_state")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["enterprises.id"], name=op.f("fk_enterprises_merged_into_id_enterprises")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_enterprises_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("code", name=op.f("uq_enterprises_code")),
    )
    op.create_index(op.f("ix_enterprises_credit_class"), "enterprises", ["credit_class"], unique=False)
    op.create_index(op.f("ix_enterprises_name"), "enterprises", ["name"], unique=False)
    op.create_index(op.f("ix_enterprises_region_code"), "enterprises", ["region_code"], unique=False)
    op.create_index(op.f("ix_enterprises_state"), "enterprises", ["state"], unique=False)
    op.create_table(
        "inspectors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("department_code", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=100), nullable=False),
        sa.Column("certificate_number", sa.String(length=60), nullable=False),
        sa.Column("certificate_expires_on", sa.Date(), nullable=True),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("leave_from", sa.Date(), nullable=True),
        sa.Column("leave_to", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_inspectors_department_code_departments")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_inspectors_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspectors")),
        sa.UniqueConstraint("code", name=op.f("uq_inspectors_code")),
    )
    op.create_index(op.f("ix_inspectors_department_code"), "inspectors", ["department_code"], unique=False)
    op.create_index(op.f("ix_inspectors_region_code"), "inspectors", ["region_code"], unique=False)
    op.create_table(
        "laboratory_capacities",
        sa.Column("laboratory_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("n_batches", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("n_batches >= 0", name=op.f("ck_laboratory_capacities_n_batches")),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_laboratory_capacities_quarter")),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratories.id"],
            name=op.f("fk_laboratory_capacities_laboratory_id_laboratories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("laboratory_id", "year", "quarter", name=op.f("pk_laboratory_capacities")),
    )
    op.create_table(
        "laboratory_scopes",
        sa.Column("laboratory_id", sa.Integer(), nullable=False),
        sa.Column("product_class", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratories.id"],
            name=op.f("fk_laboratory_scopes_laboratory_id_laboratories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("laboratory_id", "product_class", name=op.f("pk_laboratory_scopes")),
    )
    op.create_table(
        "limits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("product_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("lower", sa.String(64), nullable=True),
        sa.Column("upper", sa.String(64), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("detection_limit", sa.String(64), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("judged_by", sa.String(length=200), nullable=False),
        sa.Column("tested_by", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('range','not_detected','plan','info')", name=op.f("ck_limits_kind")),
        sa.ForeignKeyConstraint(["item_id"], ["test_items.id"], name=op.f("fk_limits_item_id_test_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limits")),
        sa.UniqueConstraint(
            "item_id", "product_code", "valid_from", name=op.f("uq_limits_item_id_product_code_valid_from")
        ),
    )
    op.create_index(op.f("ix_limits_item_id"), "limits", ["item_id"], unique=False)
    op.create_index(op.f("ix_limits_product_code"), "limits", ["product_code"], unique=False)
    op.create_table(
        "populations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('census','resident','registered')", name=op.f("ck_populations_kind")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_populations_people")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_populations_region_code_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_populations")),
        sa.UniqueConstraint("region_code", "year", "kind", name=op.f("uq_populations_region_code_year_kind")),
    )
    op.create_index(op.f("ix_populations_region_code"), "populations", ["region_code"], unique=False)
    op.create_table(
        "conflicts_of_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_conflicts_of_interest_enterprise_id_enterprises")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["inspectors.id"], name=op.f("fk_conflicts_of_interest_inspector_id_inspectors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts_of_interest")),
        sa.UniqueConstraint(
            "inspector_id", "enterprise_id", name=op.f("uq_conflicts_of_interest_inspector_id_enterprise_id")
        ),
    )
    op.create_index(
        op.f("ix_conflicts_of_interest_enterprise_id"), "conflicts_of_interest", ["enterprise_id"], unique=False
    )
    op.create_index(
        op.f("ix_conflicts_of_interest_inspector_id"), "conflicts_of_interest", ["inspector_id"], unique=False
    )
    op.create_table(
        "enterprise_tags",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_enterprise_tags_enterprise_id_enterprises"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "tag", name=op.f("pk_enterprise_tags")),
    )
    op.create_index(op.f("ix_enterprise_tags_tag"), "enterprise_tags", ["tag"], unique=False)
    op.create_table(
        "licences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name=op.f("fk_licences_enterprise_id_enterprises"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_licences_kind_number")),
    )
    op.create_index(op.f("ix_licences_enterprise_id"), "licences", ["enterprise_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_licences_enterprise_id"), table_name="licences")
    op.drop_table("licences")
    op.drop_index(op.f("ix_enterprise_tags_tag"), table_name="enterprise_tags")
    op.drop_table("enterprise_tags")
    op.drop_index(op.f("ix_conflicts_of_interest_inspector_id"), table_name="conflicts_of_interest")
    op.drop_index(op.f("ix_conflicts_of_interest_enterprise_id"), table_name="conflicts_of_interest")
    op.drop_table("conflicts_of_interest")
    op.drop_index(op.f("ix_populations_region_code"), table_name="populations")
    op.drop_table("populations")
    op.drop_index(op.f("ix_limits_product_code"), table_name="limits")
    op.drop_index(op.f("ix_limits_item_id"), table_name="limits")
    op.drop_table("limits")
    op.drop_table("laboratory_scopes")
    op.drop_table("laboratory_capacities")
    op.drop_index(op.f("ix_inspectors_region_code"), table_name="inspectors")
    op.drop_index(op.f("ix_inspectors_department_code"), table_name="inspectors")
    op.drop_table("inspectors")
    op.drop_index(op.f("ix_enterprises_state"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_region_code"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_name"), table_name="enterprises")
    op.drop_index(op.f("ix_enterprises_credit_class"), table_name="enterprises")
    op.drop_table("enterprises")
    op.drop_index(op.f("ix_test_items_name"), table_name="test_items")
    op.drop_table("test_items")
    op.drop_index(op.f("ix_regions_parent_code"), table_name="regions")
    op.drop_table("regions")
    op.drop_index("ix_product_categories_year_name", table_name="product_categories")
    op.drop_table("product_categories")
    op.drop_table("laboratories")
    op.drop_table("departments")
    op.drop_index(op.f("ix_check_items_code"), table_name="check_items")
    op.drop_table("check_items")
