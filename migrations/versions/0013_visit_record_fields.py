"""What the paper of a visit asks for: place, methods, opinion, refusal, the term of a correction, the mark of the date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAMES = ("place", "methods", "opinion", "refusal_note", "rectify_by", "publish_by_unannounced")


def upgrade() -> None:
    op.add_column("visits", sa.Column("place", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("visits", sa.Column("methods", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("visits", sa.Column("opinion", sa.String(length=500), nullable=False, server_default=""))
    op.add_column("visits", sa.Column("refusal_note", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("visits", sa.Column("rectify_by", sa.Date(), nullable=True))
    op.add_column("visits", sa.Column("publish_by_unannounced", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in reversed(NAMES):
        op.drop_column("visits", name)
