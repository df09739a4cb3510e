"""Supplementary draws 补充抽取: a further draw over the same scope, without the units that were selected before.

It has a commitment and a seed of its own; the draw it supplements stays as it is. Both tell the public of each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, select, union
from sqlalchemy.orm import Session

from inspection.draws import rules
from inspection.draws.models import Draw, ReserveCall, Selection
from inspection.errors import Invalid, Refused


def first_of(session: Session, supplements_id: int) -> Draw:
    """The draw that is supplemented; only a published list can be: what is excluded must be public.

    Raises
    ------
    Invalid : no such draw here.  Refused : not published, or void.
    """
    first = session.get(Draw, supplements_id)
    if first is None:
        raise Invalid("supplement-unknown", "要补充的那次抽取不存在，或不在您的辖区。", fields={"supplements_id": ["没有这次抽取"]})
    if first.state != "published":
        raise Refused("supplement-needs-published", "抽取 %(number)s 的名单尚未公布或已作废，不能补充抽取。", number=first.number)
    return first


def check_alone(session: Session, first: Draw, draw_id: int) -> None:
    """Refuse a second supplement while another is under way: it could not know whom that one selects."""
    query = select(Draw.number).where(Draw.supplements_id == first.id, Draw.id != draw_id, Draw.state.not_in(("published", "void")))
    if other := session.scalar(query.execution_options(unscoped=True)):
        raise Refused("supplement-under-way", "抽取 %(first)s 的补充抽取 %(other)s 还没有办完，不能再补充一次。", first=first.number, other=other)


def check_scope(given: rules.Configuration, first: rules.Configuration, number: str) -> None:
    """Refuse a supplementary draw over another scope than the first."""
    if fields := rules.other_scope(given, first):
        names = "、".join(rules.SCOPE[name] for name in fields)
        raise Invalid(
            "other-scope", "补充抽取的范围须与抽取 %(number)s 相同，以下各项不同：%(names)s。", fields={name: ["须与被补充的抽取相同"] for name in fields},
            number=number, names=names,
        )  # fmt: skip


def drawn_before(session: Session, supplements_id: int) -> CompoundSelect[Any]:
    """Units selected, or called up from the reserves, in the draw that is supplemented and in all its other supplements, as a query."""
    family = _family(session, supplements_id)
    chosen = select(Selection.unit_code.label("code")).where(Selection.draw_id.in_(family), Selection.role == "selected")
    called = select(ReserveCall.in_code.label("code")).where(ReserveCall.draw_id.in_(family))
    return union(chosen, called)


def _family(session: Session, draw_id: int) -> set[int]:
    """The first draw of a chain of supplements and every published draw that supplements it or one of its supplements."""
    query = select(Draw.id, Draw.supplements_id).where(Draw.state == "published").execution_options(unscoped=True)
    above: dict[int, int | None] = dict(session.execute(query).all())
    while (upper := above.get(draw_id)) is not None:
        draw_id = upper
    found, more = {draw_id}, {draw_id}
    while more:
        more = {id_ for id_, upper in above.items() if upper in more} - found
        found |= more
    return found


def family_of(session: Session, draw: Draw) -> list[Draw]:
    """A published draw with all published draws of its chain of supplements, the first one first; void ones are not among them."""
    query = select(Draw).where(Draw.id.in_(_family(session, draw.id)), Draw.state == "published").order_by(Draw.id)
    return list(session.scalars(query)) or [draw]


def supplements_of(session: Session, draw: Draw) -> list[Draw]:
    """The draws that supplement this one, oldest first."""
    return list(session.scalars(select(Draw).where(Draw.supplements_id == draw.id).order_by(Draw.id)))
