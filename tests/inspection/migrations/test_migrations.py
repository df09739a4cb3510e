"""The schema is what the models say, migrations go up and down and up again, and sealed rows outlive all of them."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, select, text
from sqlalchemy.exc import DBAPIError

from inspection import audit, keywords, ledger, migrate
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.sealing import sealed_tables
from inspection.tables import metadata
from tests import postgres

SCRIPTS = ScriptDirectory.from_config(migrate.config())
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]
FILES = sorted((migrate.LOCATION / "versions").glob("[0-9]*.py"))


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database without any table."""
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/bare.sqlite")
        yield made
        made.dispose()
        return
    try:
        made = Database(postgres.new_database("hengjian_bare"))
    except postgres.Unavailable as error:
        pytest.skip(str(error))
    yield made
    made.dispose()
    postgres.drop_database("hengjian_bare")


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def triggers(database: Database) -> list[tuple[str, str]]:
    """Table and name of every trigger of ours."""
    query = (
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
    )
    with database.read() as session:
        return sorted((table, name) for table, name in session.execute(text(query)))


def shape(database: Database) -> dict[tuple[str, str], Any]:
    """Everything a migration can make: columns, keys, uniques, checks, indexes, triggers."""
    with database.engine.connect() as connection:
        look = inspect(connection)
        parts: dict[str, tuple[Any, Callable[[Any], Any]]] = {
            "columns": (look.get_multi_columns(), lambda each: (each["name"], str(each["type"]), each["nullable"])),
            "references": (look.get_multi_foreign_keys(), lambda each: (str(each["name"]), each["referred_table"])),
            "uniques": (look.get_multi_unique_constraints(), lambda each: str(each["name"])),
            "checks": (look.get_multi_check_constraints(), lambda each: str(each["name"])),
            "indexes": (look.get_multi_indexes(), lambda each: str(each["name"])),
        }
    found = {
        (kind, key[1]): sorted(map(as_value, listed))
        for kind, (many, as_value) in parts.items()
        for key, listed in many.items()
        if listed and key[1] != "alembic_version"
    }
    return {**found, ("triggers", ""): triggers(database)}


# --- the files --------------------------------------------------------------------------------------------------------


def test_there_is_one_head_and_one_line() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert [SCRIPTS.get_revision(r).down_revision for r in REVISIONS] == [None, *REVISIONS[:-1]]


def test_migrations_are_numbered_in_order_and_named_by_what_they_do() -> None:
    assert [file.name[:4] for file in FILES] == REVISIONS == [f"{n:04d}" for n in range(1, len(FILES) + 1)]
    for file in FILES:
        assert re.fullmatch(r"\d{4}_[a-z][a-z0-9_]*\.py", file.name), file.name
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), f"{file.name} does not say what it is for"


def test_a_migration_stands_on_its_own() -> None:
    """Old migrations must not change when the application does: they import nothing of it."""
    for file in FILES:
        names = [
            alias.name if isinstance(node, ast.Import) else node.module or ""
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        assert not [name for name in names if name.split(".")[0] in {"inspection", "reports", "sampling"}], file.name


def test_no_migration_touches_the_rows_of_a_sealed_table() -> None:
    """Neither up nor down: no UPDATE, DELETE, TRUNCATE or bulk change of a table that was sealed before."""
    names = "|".join(table.name for table in sealed_tables(metadata()))
    touching = re.compile(rf"(?i)\b(update|delete\s+from|truncate(\s+table)?)\s+\"?({names})\b")
    for file in FILES:
        assert not touching.search(file.read_text(encoding="utf-8")), file.name


# --- head == models ---------------------------------------------------------------------------------------------------


def test_the_migrated_schema_is_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata()})
        assert compare_metadata(context, metadata()) == []


def test_every_check_of_the_models_is_in_the_database(database: Database) -> None:
    with database.engine.connect() as connection:
        look = inspect(connection)
        for table in metadata().sorted_tables:
            wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint) and c.name}
            assert wanted <= {str(c["name"]) for c in look.get_check_constraints(table.name)}, table.name


def test_every_sealed_table_has_its_triggers_and_no_other_has(database: Database) -> None:
    kinds = ("update", "delete") if database.is_sqlite else ("", "truncate")
    wanted = sorted((t.name, f"seal_{t.name}" + (f"_{kind}" if kind else "")) for t in sealed_tables(metadata()) for kind in kinds)
    assert [(table, name) for table, name in triggers(database) if name.startswith("seal_")] == wanted
    assert {table for table, _ in wanted} >= {"audit_events", "ledger", "facts"}


# --- up, down, up -----------------------------------------------------------------------------------------------------


def test_up_down_up_gives_the_same_schema(bare: Database) -> None:
    migrate.upgrade(bare)
    first = shape(bare)
    migrate.downgrade(bare, "base")
    assert tables(bare) <= {"alembic_version"}
    assert triggers(bare) == []
    migrate.upgrade(bare)
    assert shape(bare) == first


def test_every_single_step_can_be_taken_back(bare: Database) -> None:
    shapes = [shape(bare)]
    for revision in REVISIONS:
        migrate.upgrade(bare, revision)
        assert migrate.current(bare) == revision
        shapes.append(shape(bare))
        assert shapes[-1] != shapes[-2]
    for number in range(len(REVISIONS), 0, -1):
        assert shape(bare) == shapes[number], REVISIONS[number - 1]
        migrate.downgrade(bare, "-1")
    assert shape(bare) == shapes[0]


def test_a_step_back_leaves_sealed_rows_as_they_are(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.write() as session:
        audit.record(session, SYSTEM, "test.write", "test", 1, note="一")
        ledger.publish(session, SYSTEM, board="plans", kind="plan", subject="1", title="计划", content={"a": 1})
    rows = sealed_rows(bare)
    for revision in reversed(REVISIONS[:-1]):
        migrate.downgrade(bare, revision)
        assert sealed_rows(bare) == rows
    migrate.upgrade(bare)
    assert sealed_rows(bare) == rows
    with bare.read() as session:
        assert audit.verify(session).events == 2


def sealed_rows(database: Database) -> dict[str, list[Any]]:
    """The rows of every sealed table that has some."""
    there = tables(database)
    with database.read() as session:
        found = {t.name: [tuple(r) for r in session.execute(select(t))] for t in sealed_tables(metadata()) if t.name in there}
    return {name: rows for name, rows in found.items() if rows}


def test_public_facts_that_were_there_are_found_by_the_same_words_as_new_ones(bare: Database) -> None:
    """Step 0023 writes them for the facts of before; its frozen copy of the rules gives what the application gives."""
    result = {"name": "西湖（二）食品店", "unit_code": "9133010600000007x", "authority": "市场监管局", "draw": "2026-001", "visited_on": "2026-03-05",
              "items": [{"name": "登记 检查", "found": "未发现问题"}]}
    task = {"task_code": "RW-1", "task_title": "餐饮", "matters": [{"code": "A01", "name": "事项"}], "departments": ["应急管理局"], "period_from": "2026-03-01"}
    facts: list[tuple[str, dict[str, Any], int | None]] = [
        ("results", result, None), ("plan", {"plan_code": "JH-1", "plan_title": "计划", "tasks": [task]}, None), ("plan", {"reason": "停办"}, 2), ("plans", {"a": 1}, None),
    ]  # fmt: skip
    migrate.upgrade(bare, "0022")
    insert = text(
        "INSERT INTO ledger (id, board, kind, subject, title, region_code, content, digest, file_name, file_type, file_digest, replaces_id, at) "
        "VALUES (:id, :board, 'x', 's', 't', '', :content, 'd', '', '', '', :replaces, '2026-03-05 00:00:00')"
    )
    with bare.engine.execution_options(writes=True).connect() as connection:
        for number, (board, content, replaces) in enumerate(facts, 1):
            connection.execute(insert, {"id": number, "board": board, "content": json.dumps(content), "replaces": replaces})
        connection.commit()
    migrate.upgrade(bare)
    with bare.read() as session:
        written = [set(map(tuple, session.execute(select(ledger.Key.field, ledger.Key.word).where(ledger.Key.entry_id == n)))) for n in range(1, 5)]
    assert written == [keywords.of(result), keywords.of(facts[1][1]), keywords.of(facts[1][1]), set()] and len(written[0]) > 10


def test_a_migration_that_fails_changes_nothing(bare: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last step breaks at its end: the database stands where it stood."""
    migrate.upgrade(bare, REVISIONS[-2])
    before = shape(bare)
    real = ScriptDirectory.run_env

    def breaking(self: ScriptDirectory) -> None:
        real(self)
        raise RuntimeError("the power went out")

    monkeypatch.setattr(ScriptDirectory, "run_env", breaking)
    with pytest.raises(RuntimeError, match="power"):
        migrate.upgrade(bare)
    assert shape(bare) == before
    assert migrate.current(bare) == REVISIONS[-2]


# --- sealed -----------------------------------------------------------------------------------------------------------


def statements(database: Database) -> dict[str, str]:
    found = {"update": "UPDATE {t} SET {c} = {c}", "delete": "DELETE FROM {t}"}
    return found if database.is_sqlite else found | {"truncate": "TRUNCATE {t} CASCADE"}


def test_plain_sql_through_our_own_role_cannot_change_the_trail_or_the_ledger(database: Database) -> None:
    with database.write() as session:
        ledger.publish(session, SYSTEM, board="plans", kind="plan", subject="1", title="计划", content={"a": 1})
    before = sealed_rows(database)
    for table in ("audit_events", "ledger"):
        for statement in statements(database).values():
            column = next(iter(metadata().tables[table].columns)).name
            with pytest.raises(DBAPIError, match="sealed table"), database.write() as session:
                session.execute(text(statement.format(t=table, c=column)))
    assert sealed_rows(database) == before


def test_every_sealed_table_refuses_an_update_and_a_delete(database: Database) -> None:
    """Also those for which a row is hard to make: the row is put in with the references switched off."""
    for table in sealed_tables(metadata()):
        _force_row(database, table)
        for statement in statements(database).values():
            column = next(iter(table.primary_key.columns)).name
            with pytest.raises(DBAPIError, match=f"sealed table {table.name}"), database.write() as session:
                session.execute(text(statement.format(t=table.name, c=column)))


def _force_row(database: Database, table: Any) -> None:
    """One row of nonsense that only has the right types."""
    values = {column.name: _nonsense(column) for column in table.columns}
    with database.engine.execution_options(writes=True).connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        if database.is_sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
            raw.execute("PRAGMA ignore_check_constraints=ON")
        else:
            connection.execute(text("SET session_replication_role = replica"))
            for check in inspect(connection).get_check_constraints(table.name):
                connection.execute(text(f'ALTER TABLE {table.name} DROP CONSTRAINT "{check["name"]}"'))
        connection.execute(table.insert().values(values))
        connection.commit()
        if database.is_sqlite:
            raw.execute("PRAGMA foreign_keys=ON")
            raw.execute("PRAGMA ignore_check_constraints=OFF")
        else:
            connection.execute(text("SET session_replication_role = origin"))
            connection.commit()


def _nonsense(column: Any) -> Any:
    from datetime import UTC, date, datetime
    from decimal import Decimal

    kind = column.type.python_type if type(column.type).__name__ not in ("UTCDateTime", "Exact", "JSON") else type(column.type).__name__
    choices: dict[Any, Any] = {
        "UTCDateTime": datetime(2026, 1, 1, tzinfo=UTC),
        "Exact": Decimal(1),
        "JSON": {},
        int: 987654,
        str: "x",
        bool: False,
        bytes: b"x",
        date: date(2026, 1, 1),
    }
    return choices[kind]


def _built(rows: Any) -> dict[str, list[str]]:
    """Every table, index and trigger with its lines; a rebuilt table lists its constraints in any order."""
    return {name: sorted(line.strip().rstrip(",") for line in sql.split("\n")) for name, sql in rows}


def test_the_printed_statements_of_sqlite_do_what_the_migration_does(tmp_path: Path) -> None:
    everything = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    by_hand = sqlite3.connect(tmp_path / "by-hand.sqlite")
    by_hand.executescript(";\n".join(migrate.rehearse(None, "head")) + ";")
    made = Database(f"sqlite:///{tmp_path / 'bare.sqlite'}")
    migrate.upgrade(made)
    with made.engine.connect() as connection:
        wanted = _built(connection.execute(text(everything)))
    made.dispose()
    assert _built(by_hand.execute(everything)) == wanted
    assert by_hand.execute("SELECT version_num FROM alembic_version").fetchall() == [(migrate.head(),)]
    by_hand.executescript(";\n".join(migrate.rehearse(migrate.head(), "base", down=True)) + ";")
    left = {name for (name,) in by_hand.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert left - {"alembic_version", "sqlite_sequence"} == set()
    by_hand.close()
