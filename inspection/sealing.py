"""Sealed tables 封存: rows that nobody may change or delete, not even by SQL through the application's role.

A table says ``__table_args__ = ({"info": SEALED},)``; migrations install the triggers that `statements` gives for both
databases. Columns named in ``info["open"]`` may still be set once, from NULL (the moment a secret was made public, say).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, MetaData, Table, text

SEALED: dict[str, Any] = {"sealed": True}


def sealed_tables(metadata: MetaData) -> list[Table]:
    """Every table that says it is sealed, by name."""
    return sorted((t for t in metadata.tables.values() if t.info.get("sealed")), key=lambda t: t.name)


def statements(table: str, dialect: str) -> list[str]:
    """The SQL that seals one table; safe to run again."""
    message = f"sealed table {table}"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS seal_{table}_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION hengjian_sealed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'sealed table %', TG_TABLE_NAME; END $$",
        f"DROP TRIGGER IF EXISTS seal_{table} ON {table}",
        f"CREATE TRIGGER seal_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION hengjian_sealed()",
        f"DROP TRIGGER IF EXISTS seal_{table}_truncate ON {table}",
        f"CREATE TRIGGER seal_{table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION hengjian_sealed()",
    ]


def unseal_statements(table: str, dialect: str) -> list[str]:
    """The SQL that lets a downgrade drop the table."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS seal_{table}_{verb}" for verb in ("update", "delete")]
    return [f"DROP TRIGGER IF EXISTS seal_{table} ON {table}", f"DROP TRIGGER IF EXISTS seal_{table}_truncate ON {table}"]


def seal_all(connection: Connection, metadata: MetaData) -> None:
    """Install every seal on an existing schema."""
    for table in sealed_tables(metadata):
        for statement in statements(table.name, connection.dialect.name):
            connection.execute(text(statement))
