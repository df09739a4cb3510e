"""Install and remove the seals of sealed tables in a migration."""

from __future__ import annotations

from alembic import op

from inspection.sealing import statements, unseal_statements


def seal(*tables: str) -> None:
    """No UPDATE, no DELETE on these tables from now on."""
    for table in tables:
        for statement in statements(table, op.get_context().dialect.name):
            op.execute(statement)


def unseal(*tables: str) -> None:
    """Take the seals off, for a downgrade that drops the tables."""
    for table in tables:
        for statement in unseal_statements(table, op.get_context().dialect.name):
            op.execute(statement)
