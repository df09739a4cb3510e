"""政策目标: what the policy documents demand, as master data; plans ask whether they are large enough for it, indicators judge it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import JSON, CheckConstraint, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from inspection import audit
from inspection.actor import Actor
from inspection.db import Base
from inspection.scope import region_prefix

DATA = files("inspection.registers") / "data"


class Indicator(Base):
    """政策目标: one target of one policy document with its quoted phrase and its definition; edited under a version."""

    __tablename__ = "indicators"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    jurisdiction: Mapped[str] = mapped_column(String(60))
    region_code: Mapped[str] = mapped_column(String(12), default="")
    kind: Mapped[str] = mapped_column(String(16))  # rate, per_thousand, coverage, count, external, qualitative
    product_scope: Mapped[str] = mapped_column(String(60), default="")
    link: Mapped[str] = mapped_column(String(12), default="")
    purposes: Mapped[list[str]] = mapped_column(JSON, default=list)
    comparator: Mapped[str] = mapped_column(String(8))  # ge, eq, trend, text
    threshold: Mapped[Decimal | None]
    unit: Mapped[str] = mapped_column(String(20), default="")
    target_year: Mapped[int | None]
    responsible: Mapped[str] = mapped_column(String(200), default="")
    document: Mapped[str] = mapped_column(String(200))
    phrase: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (CheckConstraint("comparator IN ('ge','eq','trend','text')", name="comparator"),)


def applying(session: Session, *, region_code: str, purpose: str, domain: str, year: int) -> Sequence[Indicator]:
    """The pass-rate targets that hold for a plan: of its place or one above, its products and purpose, not of a year gone by."""
    query = select(Indicator).where(
        Indicator.kind == "rate", Indicator.comparator == "ge", Indicator.threshold.is_not(None), Indicator.product_scope == domain,
        or_(Indicator.target_year.is_(None), Indicator.target_year >= year),
    )  # fmt: skip
    rows = session.scalars(query.order_by(Indicator.code))
    return [row for row in rows if purpose in row.purposes and region_code.startswith(region_prefix(row.region_code))]


def load_packaged(session: Session, actor: Actor) -> int:
    """Enter the targets of the five policy documents that are not there yet; gives the number of new ones."""
    titles = {row["key"]: row["title"] for row in _rows("policy_documents.csv")}
    there = set(session.scalars(select(Indicator.code)))
    new = [_packaged(row, titles) for row in _rows("policy_targets.csv") if row["code"] not in there]
    session.add_all(new)
    session.flush()
    if new:
        audit.record(session, actor, "indicator.load", "indicator", "packaged", n=len(new))
    return len(new)


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def _packaged(row: dict[str, str], titles: dict[str, str]) -> Indicator:
    return Indicator(
        code=row["code"],
        name=row["name"],
        jurisdiction=row["jurisdiction"],
        region_code=row["region_code"],
        kind=row["kind"],
        product_scope=row["product_scope"],
        link=row["link"],
        purposes=row["purposes"].split(),
        comparator=row["comparator"],
        threshold=Decimal(row["threshold"]) if row["threshold"] else None,
        unit=row["unit"],
        target_year=int(row["year"]) if row["year"] else None,
        document=titles[row["document"]],
        phrase=row["phrase"],
    )
