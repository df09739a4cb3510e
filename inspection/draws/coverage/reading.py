"""The classes of the planner from what is known: the register of a place, or the strata of a draw."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import history
from inspection.draws import service
from inspection.draws.strata import UNCLASSED, label_of
from inspection.registers.models import Enterprise
from inspection.scope import region_prefix

RATES = {"A": "2/100", "B": "6/100", "C": "16/100", "D": "32/100", UNCLASSED: "6/100", "ALL": "5/100"}  # only proposed


def lines_of_register(session: Session, region_code: str, stratify_by: str, since: date | None) -> str:
    """Open units of a place by class, those visited since a day counted as visited; "" when there are none."""
    grade = Enterprise.food_risk_grade if stratify_by == "food_risk_grade" else Enterprise.credit_class
    query = select(Enterprise.code, grade).where(Enterprise.state == "open", Enterprise.merged_into_id.is_(None), Enterprise.kind == "enterprise")
    if prefix := region_prefix(region_code):
        query = query.where(Enterprise.region_code.startswith(prefix))
    seen = history.subjects(session, "visited", since) if since else {}
    units, visited = Counter[str](), Counter[str]()
    for code, value in session.execute(query):
        name = "ALL" if stratify_by == "none" else value or UNCLASSED
        units[name] += 1
        visited[name] += code in seen
    return "\n".join(f"{name} {units[name]} {RATES.get(name, '5/100')} {visited[name]}" for name in sorted(units))


def lines_of_draw(session: Session, draw_id: int) -> str:
    """The strata of a draw with what it takes of each, from its frozen rule or from the preview of its frame."""
    draw = service.get(session, draw_id)
    if draw.files:
        strata = [(row["name"], row["population"], row["n"]) for row in service.strata_of(service.files_of(session, draw_id))]
    else:
        strata = [(name, stratum.population, stratum.n) for name, stratum in service.preview(session, draw).strata.items()]
    return "\n".join(f"{''.join(label_of(name).split())} {population} {n}/{population}" for name, population, n in strata if n)
