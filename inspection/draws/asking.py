"""Questions about draws: lists, files, the outcome, and who may see a list before it is public."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.draws import rules
from inspection.draws.models import Commitment, Draw, DrawFile, Reveal, RevealEntry, Selection, TeamSeat
from inspection.draws.strata import label_of
from inspection.errors import Conflict, Forbidden, NotFound, Refused
from inspection.registers.models import Enterprise
from sampling import frame


def listing() -> Select[Draw]:
    return select(Draw)


def get(session: Session, draw_id: int) -> Draw:
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound("draw-not-found", "没有这次抽取。")
    return draw


def by_number(session: Session, number: str) -> Draw:
    """A draw by its number, as the command line and the public name it."""
    draw = session.scalars(select(Draw).where(Draw.number == number.strip())).first()
    if draw is None:
        raise NotFound("draw-not-found", "没有编号为 %(number)s 的抽取。用 hengjian draw list 查看编号。", number=number[:40])
    return draw


def load(session: Session, draw_id: int, version: int) -> Draw:
    """The draw as it was read, or Conflict when somebody changed it meanwhile."""
    draw = get(session, draw_id)
    if draw.version_id != version:
        raise Conflict("changed-meanwhile", "抽取 %(number)s 已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "draw", draw.number), number=draw.number)
    return draw


def may(draw: Draw, to: str) -> None:
    """Refuse a step that does not follow the present state."""
    if not rules.may(draw.state, to):
        raise Refused("wrong-state", "抽取 %(number)s 现为“%(state)s”，不能办理这一步。", number=draw.number, state=rules.STATES[draw.state])


# --- what is frozen ---------------------------------------------------------------------------------------------------


def files_of(session: Session, draw_id: int) -> dict[str, bytes]:
    """The frozen files, with their digests checked again."""
    rows = session.scalars(select(DrawFile).where(DrawFile.draw_id == draw_id)).all()
    files = {row.name: zlib.decompress(row.content) for row in rows}
    for row in rows:
        if frame.digest(files[row.name]) != row.digest:
            raise Refused("frame-changed", "冻结的文件 %(name)s 与其摘要不符，抽取不能继续。请保全数据库并报告。", name=row.name)
    return files


def strata_of(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The strata of a frozen rule for papers and the public: population, left out by reason, n, reserve, probability."""
    excluded: dict[str, Counter[str]] = {}
    for cells in frame.rows(files["frame.tsv"]):
        if cells[3] != "ok":
            excluded.setdefault(cells[1], Counter())[cells[3]] += 1
    return [
        {
            "name": name, "label": label_of(name), "population": s["population"], "excluded": dict(sorted(excluded.get(name, Counter()).items())), "n": s["n"],
            "reserve": s["reserve"], "probability": f"{s['n']}/{s['population']}",
        }
        for name, s in sorted(json.loads(files["rule.json"])["strata"].items())
    ]


@dataclass(frozen=True, slots=True)
class Frozen:
    """The frozen files of a draw, checked against their digests, and the strata counted from them."""

    files: dict[str, bytes]
    strata: list[dict[str, Any]]


def frozen(session: Session, draw_id: int) -> Frozen:
    """The frozen files and their strata; reads only, so that a write need not wait for it."""
    files = files_of(session, draw_id)
    return Frozen(files, strata_of(files) if files else [])


_counted: dict[tuple[str, ...], list[dict[str, Any]]] = {}
MOST_COUNTED = 64


def strata(session: Session, draw_id: int) -> list[dict[str, Any]]:
    """The strata of a draw for a page: counted once per frame and process, for what is frozen never changes; [] before the freeze."""
    key = tuple(session.scalars(select(DrawFile.digest).where(DrawFile.draw_id == draw_id).order_by(DrawFile.name)))
    if key and key not in _counted:
        if len(_counted) >= MOST_COUNTED:
            _counted.clear()
        _counted[key] = frozen(session, draw_id).strata
    return _counted[key] if key else []


def sources_of(draw: Draw) -> list[dict[str, Any]]:
    """The public sources of a committed draw in their order; [] before the commitment."""
    return list(json.loads(draw.commitment.content)["public_sources"]) if draw.commitment else []


# --- the outcome ------------------------------------------------------------------------------------------------------


def named(session: Session, draw: Draw) -> set[int]:
    """The few who may see the list while it is under embargo: who prepared, who committed, the two who revealed."""
    people = set(session.scalars(select(RevealEntry.account_id).where(RevealEntry.draw_id == draw.id)))
    committed = session.get(Commitment, draw.id)
    return people | {draw.created_by} | ({committed.committed_by} if committed else set())


def revealed(session: Session, draw: Draw) -> bool:
    """Whether there is a list at all."""
    return session.scalar(select(Reveal.draw_id).where(Reveal.draw_id == draw.id)) is not None


def under_embargo(session: Session, draw: Draw) -> bool:
    """Revealed and not public: the list exists and must not be told."""
    return draw.published_at is None and revealed(session, draw)


def sees_list(session: Session, actor: Actor, draw: Draw) -> bool:
    """Whether the list, the seed and the bundle may be shown to this person now."""
    return not under_embargo(session, draw) or actor.id in named(session, draw)


def check_list(session: Session, actor: Actor, draw: Draw) -> None:
    """Refuse the list, the seed and the bundle of a draw under embargo to everybody but the named few."""
    if not sees_list(session, actor, draw):
        raise Forbidden("embargo", "抽取 %(number)s 的名单尚未公布，只有参与抽取的人员可以查看。", number=draw.number)


# Plain tables: a filter of regions that reached into these subqueries would hide a city's secret draw from the filter of a county,
# and so show the county what comes from it.
_DRAWS, _REVEALS = Draw.__table__.c, Reveal.__table__.c


def secret() -> Select[int]:
    """Ids of the draws whose list exists and is not public; what counts for everybody leaves out what comes from them."""
    return select(_DRAWS.id).where(_DRAWS.published_at.is_(None), _DRAWS.id.in_(select(_REVEALS.draw_id)))


def hidden_from(actor: Actor) -> Select[int]:
    """Ids of the draws whose list this actor may not see yet; later stages leave out what comes from them."""
    took_part = select(RevealEntry.draw_id).where(RevealEntry.account_id == actor.id)
    promised = select(Commitment.draw_id).where(Commitment.committed_by == actor.id)
    return secret().where(_DRAWS.created_by != actor.id, _DRAWS.id.not_in(took_part), _DRAWS.id.not_in(promised))


def selection(draw_id: int, role: str = "selected") -> Select[Selection, str | None]:
    """Selected (or reserve) units of a draw with their names."""
    return (
        select(Selection, Enterprise.name)
        .outerjoin(Enterprise, Enterprise.id == Selection.enterprise_id)
        .where(Selection.draw_id == draw_id, Selection.role == role)
    )


def teams(session: Session, draw_id: int, units: Collection[str] | None = None) -> dict[str, list[TeamSeat]]:
    """Seats per unit, of all or of the units of a page."""
    found: dict[str, list[TeamSeat]] = {}
    query = select(TeamSeat).where(TeamSeat.draw_id == draw_id).order_by(TeamSeat.unit_code, TeamSeat.seat)
    for row in session.scalars(query if units is None else query.where(TeamSeat.unit_code.in_(units))):
        found.setdefault(row.unit_code, []).append(row)
    return found
