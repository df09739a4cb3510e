"""The words by which a public fact is found, for those published from now on and for those that are there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.seals import seal, unseal

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

LEDGER = sa.table("ledger", sa.column("id", sa.Integer), sa.column("content", sa.JSON), sa.column("replaces_id", sa.Integer))
KEYS = sa.table("ledger_keys", sa.column("entry_id", sa.Integer), sa.column("field", sa.String), sa.column("word", sa.String))


def upgrade() -> None:
    op.create_index(op.f("ix_ledger_replaces_id"), "ledger", ["replaces_id"], unique=False)
    op.create_table(
        "ledger_keys",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=12), nullable=False),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger.id"], name=op.f("fk_ledger_keys_entry_id_ledger")),
        sa.PrimaryKeyConstraint("entry_id", "field", "word", name=op.f("pk_ledger_keys")),
        info={"sealed": True},
    )
    if not op.get_context().as_sql:
        _fill(op.get_bind())
    op.create_index("ix_ledger_keys_field_word", "ledger_keys", ["field", "word", "entry_id"], unique=False)
    seal("ledger_keys")


def downgrade() -> None:
    unseal("ledger_keys")
    op.drop_table("ledger_keys")
    op.drop_index(op.f("ix_ledger_replaces_id"), table_name="ledger")


# --- the words of what is there already -------------------------------------------------------------------------------


def _fill(bind: sa.Connection) -> None:
    ids = list(bind.execute(sa.select(LEDGER.c.id).order_by(LEDGER.c.id)).scalars())
    for at in range(0, len(ids), 500):
        rows = bind.execute(sa.select(LEDGER).where(LEDGER.c.id.in_(ids[at : at + 500])).order_by(LEDGER.c.id)).all()
        words = [{"entry_id": id_, "field": field, "word": word} for id_, content, _ in rows for field, word in sorted(set(_words(content)))]
        if words:
            bind.execute(KEYS.insert(), words)
        for id_, content, replaces in rows:
            if replaces is not None and not set(_words(content)):
                old = sa.select(sa.literal(id_), KEYS.c.field, KEYS.c.word).where(KEYS.c.entry_id == replaces)
                bind.execute(KEYS.insert().from_select(["entry_id", "field", "word"], old))


def _words(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part in (content, *(content.get("tasks") or ())):
        for name in filter(None, (_normal(part.get(key)) for key in ("name", "plan_title", "task_title"))):
            yield "name", name
            yield from (("part", name[at : at + 2]) for at in range(max(1, len(name) - 1)))
        yield from (("code", word) for key in ("unit_code", "plan_code", "task_code") if (word := _normal(part.get(key))))
        yield from (("department", word) for name in (part.get("authority"), *(part.get("departments") or ())) if (word := _normal(name)))
        for field, keys in (("draw", ("draw",)), ("from", ("visited_on", "period_from")), ("to", ("visited_on", "period_to"))):
            yield from [(field, word) for key in keys if (word := _normal(part.get(key)))][:1]
        for item in (*(part.get("items") or ()), *(part.get("matters") or ())):
            if isinstance(item, dict):
                yield from (("item", word) for key in ("code", "name") if (word := _normal(item.get(key))))


def _normal(value: Any) -> str:
    return "".join(unicodedata.normalize("NFKC", value).upper().split())[:200] if isinstance(value, str) else ""
