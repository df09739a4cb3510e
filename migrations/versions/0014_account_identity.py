"""The identity of an account at the office's identity provider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("oidc_identity", sa.String(length=500), nullable=True))
    op.create_index("ix_accounts_oidc_identity", "accounts", ["oidc_identity"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_accounts_oidc_identity", table_name="accounts")
    op.drop_column("accounts", "oidc_identity")
