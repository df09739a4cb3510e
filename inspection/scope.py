"""Who sees which rows: one filter for every query of the application.

A table that carries the mixin `RegionScoped` or `LabScoped` is filtered in every ORM query of a session by the actor in
``session.info["actor"]``; nobody has to remember it. Rules that must look beyond the actor's own region (uniqueness, the
replay of a draw) say so with ``execution_options(unscoped=True)``, which a reviewer can search for.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, event
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, declared_attr, mapped_column, with_loader_criteria

from inspection.actor import Actor


def region_prefix(code: str) -> str:
    """Prefix shared by every code of the region's subtree (GB/T 2260, townships with three more digits).

    >>> region_prefix("320000"), region_prefix("320900"), region_prefix("320903"), region_prefix("320903001"), region_prefix("")
    ('32', '3209', '320903', '320903001', '')
    """
    if len(code) != 6:
        return code
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def covers(actor: Actor | None, region_code: str) -> bool:
    """Whether a region lies in the actor's subtree."""
    return actor is None or region_code.startswith(region_prefix(actor.region_code))


def overlaps(one: str, other: str) -> bool:
    """Whether one of two regions lies in the other.

    >>> overlaps("320903", "320900"), overlaps("320900", "320903001"), overlaps("320902", "320903")
    (True, True, False)
    """
    a, b = region_prefix(one), region_prefix(other)
    return a.startswith(b) or b.startswith(a)


class RegionScoped:
    """Rows that belong to a region (GB/T 2260 code, or nine digits for a township)."""

    @declared_attr
    def region_code(cls) -> Mapped[str]:
        return mapped_column(String(12), ForeignKey("regions.code"), index=True)


class LabScoped:
    """Rows that belong to a laboratory; a laboratory's people see only their own."""

    @declared_attr
    def lab_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("laboratories.id"), index=True)


@event.listens_for(Session, "do_orm_execute")
def _restrict(state: ORMExecuteState) -> None:
    actor: Actor | None = state.session.info.get("actor")
    if actor is None or state.is_column_load or state.is_relationship_load or state.execution_options.get("unscoped"):
        return
    prefix, lab_id = region_prefix(actor.region_code), actor.lab_id
    if prefix:
        state.statement = state.statement.options(
            with_loader_criteria(RegionScoped, lambda cls: cls.region_code.startswith(prefix), include_aliases=True)
        )
    if lab_id is not None:
        state.statement = state.statement.options(
            with_loader_criteria(LabScoped, lambda cls: cls.lab_id == lab_id, include_aliases=True)
        )
