"""Alembic's environment: online on the connection that `inspection.migrate` hands over, offline as SQL text."""

from __future__ import annotations

from typing import Any

from alembic import context

from inspection.tables import metadata


def _type(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as what they are in the database, so that old migrations need no code of ours."""
    if kind == "type" and type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "Exact":
        return "sa.String(64)"
    return False


options: dict[str, Any] = {"target_metadata": metadata(), "render_item": _type, "compare_type": True}

if context.is_offline_mode():
    context.configure(dialect_name=context.config.attributes.get("dialect", "postgresql"), literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite", transaction_per_migration=False, **options)
    context.run_migrations()
