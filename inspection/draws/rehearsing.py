"""演练: how the teams of a frozen rule would fill on a marked dummy seed – never the real one – and where they are tight."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from inspection.draws.asking import files_of
from inspection.errors import Refused
from sampling import bottleneck, bundle, seed
from sampling.frame import Watch
from sampling.teams import Seat

FROZEN = ("frame.tsv", "inspectors.tsv", "conflicts.tsv", "rule.json")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Empty seats by blocking rule, visits by inspector, and the bottlenecks."""

    unfilled: dict[str, int]
    loads: dict[str, int]
    n_teams: int
    report: bottleneck.Report

    def plain(self) -> dict[str, Any]:
        """As a job keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Rehearsal:
        report = kept["report"]
        blocked, tight = [bottleneck.Tight(**row) for row in report["blocked"]], report["tight"]
        found = bottleneck.Report(**{**report, "blocked": blocked, "tight": bottleneck.Tight(**tight) if tight else None})
        return cls(kept["unfilled"], kept["loads"], kept["n_teams"], found)


def rehearse(session: Session, draw_id: int, watch: Watch | None = None) -> Rehearsal:
    """Bottlenecks of the frozen rule on a dummy seed (sha256 of a public sentence); the same every time."""
    files = files_of(session, draw_id)
    if set(files) != set(FROZEN):
        raise Refused("frame-not-frozen", "请先冻结底册，再演练。")
    dummy, rule = hashlib.sha256(b"hengjian rehearsal, not a draw").hexdigest(), seed.read_json("rule.json", files["rule.json"])
    selection, filled = bundle.run_with(dummy, rule, files, watch)
    seats = [Seat.of(member) for member in rule["seats"]]
    if watch:
        watch("bottlenecks", 0)
    return Rehearsal(
        dict(Counter(row.ticket for row in filled if not row.inspector)),
        dict(Counter(row.inspector for row in filled if row.inspector)),
        len({row.object for row in filled}),
        bottleneck.bottlenecks(bundle.served(selection, files), *bundle.roster_of(files), seats),
    )
