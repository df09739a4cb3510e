"""What the form of a sampling sheet offers and begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from inspection.i18n import _
from inspection.plans.models import Plan, PlanCell
from inspection.registers import rules as register_rules
from inspection.registers.models import Enterprise, ProductCategory, Region
from inspection.samples import service
from inspection.samples.models import Sample
from inspection.scope import region_prefix
from reports import sampling_sheet

MOST_ROOMS = 1000
EMPTY = {"link": "circulation", "date_kind": "production"}
# of a sample that is like another: all but the numbers, codes and seals that are of one sample alone
COPIED = (
    "plan_id", "class_code", "link", "product_name", "product_code", "producer_name", "producer_address", "brand", "specification", "lot",
    "date_kind", "shelf_life", "quantity_unit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """A cell of a plan and how many batches may still be taken from it."""

    plan_id: int
    plan: str
    region_code: str
    region: str
    class_code: str
    kind: str
    left: int


def places(session: Session) -> list[tuple[str, str]]:
    """Where the sampled units are, with the counties they lie in."""
    found = session.scalars(select(Enterprise.region_code).where(Enterprise.id.in_(select(Sample.enterprise_id))).distinct())
    codes = {code for place in found for code in (place, *register_rules.ancestors(place))}
    rows = session.execute(select(Region.code, Region.name).where(Region.code.in_(codes)).order_by(Region.code))
    return [(code, name) for code, name in rows]


def boxes() -> dict[str, list[tuple[str, str]]]:
    """The tick boxes of the form as choices, in the language of the page."""
    found = {
        "place": [place for places in sampling_sheet.STAGES.values() for place in places if place != "其他"] + ["其他"],
        "area_kind": sampling_sheet.AREAS, "source": sampling_sheet.SOURCES, "attribute": sampling_sheet.ATTRIBUTES, "kind": sampling_sheet.GOODS_KINDS,
        "exported": sampling_sheet.YES_NO, "imported": sampling_sheet.YES_NO, "form": sampling_sheet.FORMS, "packaging": sampling_sheet.PACKAGINGS,
        "storage": sampling_sheet.STORAGES, "wrapping": sampling_sheet.WRAPPINGS, "method": sampling_sheet.METHODS,
    }  # fmt: skip
    return {name: [(text, _(text)) for text in texts] for name, texts in found.items()}


def replacement(session: Session, old: Sample) -> dict[str, Any]:
    """补样 for a refused sample: the same cell and product."""
    return {
        **EMPTY, "replaces_id": old.id, "plan_id": old.plan_id, "region_code": old.cell_region, "class_code": old.class_code, "link": old.link,
        "product_name": old.product_name,
    }  # fmt: skip


def likeness(session: Session, old: Sample) -> dict[str, Any]:
    """A sheet like another one; what was typed there need not be typed again."""
    firm = session.get(Enterprise, old.enterprise_id)
    days = {name: day.isoformat() if (day := getattr(old, name)) else "" for name in ("taken_on", "produced_on")}
    amounts = {name: str(value) for name in ("quantity", "backup_quantity") if (value := getattr(old, name)) is not None}
    return {
        **old.form, **{name: getattr(old, name) for name in COPIED}, **days, **amounts, "region_code": old.cell_region,
        "enterprise_code": firm.code if firm else "", "sampler_names": "、".join(old.sampler_names),
    }  # fmt: skip


def tasks(session: Session) -> dict[str, Any]:
    """Plans that are open, their regions within the sampler's own, the classes of products, and the cells that have room."""
    actor = session.info.get("actor")
    own = PlanCell.region_code.startswith(region_prefix(actor.region_code if actor else ""), autoescape=True)
    plans = session.execute(select(Plan.id, Plan.title).where(Plan.state.in_(service.OPEN_PLANS)).order_by(Plan.id.desc())).all()
    regions = session.execute(
        select(Region.code, Region.name).where(Region.code.in_(select(PlanCell.region_code).where(own).distinct())).order_by(Region.code)
    ).all()
    classes = session.execute(
        select(ProductCategory.code, ProductCategory.name).where(ProductCategory.level == 1).order_by(ProductCategory.year.desc(), ProductCategory.position)
    ).all()
    names: dict[str, str] = {}
    for code, name in classes:
        names.setdefault(code, name)
    found: dict[str, list[tuple[Any, str]]] = {"plans": [(r.id, r.title) for r in plans], "regions": [(r.code, r.name) for r in regions], "classes": list(names.items())}
    return {**found, "rooms": _rooms(session, found, own)}


def _rooms(session: Session, found: dict[str, list[tuple[Any, str]]], own: ColumnElement[bool]) -> list[Room]:
    """Cells with batches still to be taken: by plan, region, and the official order of the classes."""
    regions, classes = dict(found["regions"]), dict(found["classes"])
    place = {code: number for number, code in enumerate(classes)}
    rooms = []
    for plan_id, title in found["plans"]:
        used = service.used_of(session, plan_id)
        cells = session.execute(select(PlanCell.region_code, PlanCell.class_code, PlanCell.n_batches).where(PlanCell.plan_id == plan_id, own))
        left = [(region, code, n - used.get((region, code), 0)) for region, code, n in cells]
        left.sort(key=lambda cell: (cell[0], place.get(cell[1], len(place))))
        rooms += [Room(plan_id, title, region, regions.get(region, region), code, classes.get(code, code), n) for region, code, n in left if n > 0]
    return rooms[:MOST_ROOMS]
