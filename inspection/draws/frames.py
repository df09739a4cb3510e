"""From the registers to the frame 底册: which units, inspectors and conflicts go into a draw. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.draws import rules, strata
from inspection.draws.candidates import candidates, within
from inspection.draws.roster import conflicts, inspectors
from inspection.errors import Refused
from inspection.registers.models import CheckItem, Enterprise, EnterpriseTag
from inspection.rulebook.rules import in_force
from sampling import frame

STREAMED = 20_000  # rows fetched at a time
TOLD = 5_000  # rows between two words to who watches


def needs_of(session: Session, item_codes: tuple[str, ...]) -> tuple[str, ...]:
    """Skills that the chosen items ask of every inspector."""
    skills: set[str] = set()
    for code in item_codes:
        item = in_force(session.scalars(select(CheckItem).where(CheckItem.code == code)).all(), clock.today())
        if item is None:
            raise Refused("item-not-in-force", "抽查事项 %(item)s 没有有效版本。请先更新抽查事项清单。", item=code)
        skills.update(item.skills)
    return tuple(sorted(skills))


@dataclass(frozen=True, slots=True)
class Built:
    """What the registers give for a draw: the bytes of `frame.tsv`, `inspectors.tsv` and `conflicts.tsv`, and what is in them."""

    files: dict[str, bytes]
    counts: rules.FrameCounts


def build(session: Session, given: rules.Configuration, watch: frame.Watch | None = None) -> Built:
    """The frame of a configuration from the registers as they stand; only reads, one streamed query over the units.

    Raises
    ------
    SamplingError : an id or a text of the registers does not fit the protocol.
    """
    found, cells = Counter[tuple[str, str, bool]](), _cells(session, given)
    table = frame.write_table("frame.tsv", _counted(frame.watched(cells, "register", TOLD, watch), found))
    people, pairs = _around(session, given)
    files = {"frame.tsv": table, "inspectors.tsv": frame.write_inspectors(people), "conflicts.tsv": frame.write_conflicts(pairs)}
    return Built(files, _counts(given, found, inspectors=len(people), conflicts=len(pairs)))


def preview(session: Session, given: rules.Configuration) -> rules.FrameCounts:
    """What a freeze would put into the frame now: counted by the database, nothing written."""
    needs_of(session, given.item_codes)
    asked = candidates(session, given)
    columns: tuple[ColumnElement[Any], ...] = (Enterprise.kind.expression, asked.raw, asked.status, asked.elsewhere)
    labels = [column.label(f"c{n}") for n, column in enumerate(columns)]
    counted = asked.of(*labels, func.count()).group_by(*labels)
    found, kinds = Counter[tuple[str, str, bool]](), Counter[str]()
    for kind, raw, status, elsewhere, n in session.execute(counted):
        found[asked.stratum(raw), status, bool(elsewhere)] += n
        kinds[kind] += n
    people, pairs = _around(session, given)
    return _counts(given, found, inspectors=len(people), conflicts=len(pairs), kinds=dict(sorted(kinds.items())), tags=_tags(session, given))


def _cells(session: Session, given: rules.Configuration) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Rows of `frame.tsv` in the order of the register, and whether the unit was drawn or visited elsewhere."""
    needs = ",".join(needs_of(session, given.item_codes))
    asked = candidates(session, given)
    query = asked.of(Enterprise.code, asked.raw, asked.status, asked.elsewhere, Enterprise.region_code)
    for code, raw, status, elsewhere, region in session.execute(query.execution_options(yield_per=STREAMED)):
        yield (code, asked.stratum(raw), "1", status, region[:6], needs), bool(elsewhere)


def _counted(rows: Iterator[tuple[tuple[str, ...], bool]], found: Counter[tuple[str, str, bool]]) -> Iterator[tuple[str, ...]]:
    for cells, elsewhere in rows:
        found[cells[1], cells[3], elsewhere] += 1
        yield cells


def _around(session: Session, given: rules.Configuration) -> tuple[list[frame.Inspector], set[tuple[str, str]]]:
    area = func.substr(Enterprise.region_code, 1, 6)
    people = inspectors(session, given, set(session.scalars(select(area).where(*within(given)).distinct())))
    return people, conflicts(session, given, people)


def _tags(session: Session, given: rules.Configuration) -> dict[str, int]:
    """Units per tag, of the tags asked for or of all: one unit counts once under each of its tags."""
    query = select(EnterpriseTag.tag, func.count()).join(Enterprise, Enterprise.id == EnterpriseTag.enterprise_id).where(*within(given))
    if given.tags:
        query = query.where(EnterpriseTag.tag.in_(given.tags))
    return dict(sorted(session.execute(query.group_by(EnterpriseTag.tag)).all()))


def _counts(given: rules.Configuration, found: Counter[tuple[str, str, bool]], **more: Any) -> rules.FrameCounts:
    """Counts per stratum and reason from the number of units in each stratum and status."""
    populations, excluded = dict.fromkeys(sorted({stratum for stratum, _, _ in found}), 0), Counter[str]()
    for (stratum, status, _), n in found.items():
        if status == "ok":
            populations[stratum] += n
        else:
            excluded[status] += n
    too_large = [name for name, n in given.sizes.items() if n > populations.get(name, n)]
    known = {name: n for name, n in populations.items() if (name in given.rates or name in given.sizes) and name not in too_large}
    return rules.FrameCounts(
        total=found.total(), eligible=populations, excluded=dict(sorted(excluded.items())),
        strata=strata.strata_of(known, given.rates, given.reserve_percent, given.sizes),
        missing_rates=tuple(name for name in populations if name not in given.rates and name not in given.sizes), too_large=tuple(too_large),
        elsewhere=sum(n for (_, status, elsewhere), n in found.items() if elsewhere and status == "ok"), **more,
    )  # fmt: skip
