"""What the paper of a visit asks for: place, methods, opinion, refusal, the term of a correction, the mark of the date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column("place", sa.String(length=300), nullable=False, server_default=""),
    sa.Column("methods", sa.JSON(), nullable=False, server_default="[]"),
    sa.Column("opinion", sa.String(length=500), nullable=False, server_default=""),
    sa.Column("refusal_note", sa.String(length=300), nullable=False, server_default=""),
    sa.Column("rectify_by", sa.Date(), nullable=True),
    sa.Column("publish_by_unannounced", sa.Boolean(), nullable=False, server_default=sa.false()),
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("visits", column.copy())


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("visits", column.name)
