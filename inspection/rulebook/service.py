"""The verbs of the rulebook: which rule holds, when a term ends by it, which codes a list has."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.calendar import service as calendar
from inspection.calendar.rules import Term
from inspection.errors import NotFound
from inspection.rulebook.models import Code, Rule
from inspection.rulebook.rules import in_force

DATA = files("inspection.rulebook") / "data"


def rule(session: Session, key: str, on: date) -> Rule:
    """The rule in force on a day.

    Raises
    ------
    NotFound : no row of that key holds on that day; nothing is assumed in its place.
    """
    found = in_force(session.scalars(select(Rule).where(Rule.key == key)), on)
    if found is None:
        raise NotFound("rule-missing", "规则库中没有 %(on)s 有效的规则 %(key)s。请规则管理员补录后再办理。", key=key, on=on.isoformat())
    return found


def due(session: Session, key: str, start: date) -> Term:
    """The last day of the term that the rule gives from `start`, with its mark when a year is unannounced."""
    found = rule(session, key, start)
    return calendar.add(session, start, int(found.value), found.unit)  # type: ignore[arg-type]


def number(session: Session, key: str, on: date) -> int:
    """A whole number that the rule sets (a cap, a count)."""
    return int(rule(session, key, on).value)


def codes(session: Session, name: str, on: date) -> list[Code]:
    """The words of a coded list in the version in force, in order."""
    rows = session.scalars(select(Code).where(Code.list == name).order_by(Code.position)).all()
    current = in_force(rows, on)
    return [row for row in rows if current and row.version == current.version]


def code(session: Session, name: str, value: str, on: date) -> Code:
    """One word of a list, refused when the list in force does not hold it."""
    for row in codes(session, name, on):
        if row.code == value:
            return row
    raise NotFound("code-missing", "代码表 %(name)s 中没有 %(value)s。请从列表中选择。", name=name, value=value)


def load_packaged(session: Session, actor: Actor) -> tuple[int, int]:
    """Enter the rules and codes that ship with the software and are not there yet; never overwrites an edited row."""
    rules = {(r.key, r.valid_from) for r in session.scalars(select(Rule))}
    words = {(c.list, c.version, c.code) for c in session.scalars(select(Code))}
    new_rules = [r for r in _packaged_rules() if (r.key, r.valid_from) not in rules]
    new_codes = [c for c in _packaged_codes() if (c.list, c.version, c.code) not in words]
    session.add_all([*new_rules, *new_codes])
    session.flush()
    if new_rules or new_codes:
        audit.record(session, actor, "rulebook.load", "rulebook", "packaged", rules=len(new_rules), codes=len(new_codes))
    return len(new_rules), len(new_codes)


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def _packaged_rules() -> list[Rule]:
    return [
        Rule(
            key=row["key"],
            regime=row["regime"],
            starts=row["starts"],
            action=row["action"],
            value=row["value"],
            unit=row["unit"],
            source=row["source"],
            verified=row["mark"] == "FOUND",
            valid_from=date.fromisoformat(row["valid_from"]),
            note=row["note"],
        )
        for row in _rows("rules.csv")
    ]


def _packaged_codes() -> list[Code]:
    positions: dict[tuple[str, str], int] = {}
    result = []
    for row in _rows("codes.csv"):
        at = positions[row["list"], row["version"]] = positions.get((row["list"], row["version"]), 0) + 1
        result.append(
            Code(
                list=row["list"],
                version=row["version"],
                code=row["code"],
                position=at,
                label=row["label"],
                label_en=row["label_en"],
                parent=row["parent"],
                source=row["source"],
                verified=row["mark"] == "FOUND",
                valid_from=date.fromisoformat(row["valid_from"]),
            )
        )
    return result
