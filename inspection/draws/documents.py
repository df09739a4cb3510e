"""The papers of a draw: commitment notice and certificate, from what is frozen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.draws import afterwards, rules, service
from inspection.draws.deposits import keeping
from inspection.draws.models import Commitment, Draw, Reveal, RevealEntry, SecretDeposit, Selection, TeamSeat
from inspection.errors import Refused
from inspection.registers.models import Enterprise
from inspection.settings import Settings
from reports import commitment as commitment_document
from reports import content
from reports import draw_certificate as certificate_document
from reports import secret_half as half_document
from sampling import bundle, frame, seed

MOST_LISTED = 1000  # rows of the list on a certificate: four seconds of printing


def _imprint(session: Session, draw: Draw, settings: Settings) -> content.Imprint:
    return content.Imprint(
        authority=draw.authority, number=f"双随机抽取 {draw.number}", issued_on=clock.day_of(draw.frozen_at or draw.created_at),
        verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=", audit_head=audit.head(session)[1], demo=settings.demo,
    )


def _promised(session: Session, draw: Draw) -> tuple[Commitment, dict[str, Any]]:
    row = session.get(Commitment, draw.id)
    if row is None:
        raise Refused("not-committed", "该次抽取尚未承诺。")
    return row, json.loads(row.content)


def _sources(promised: dict[str, Any]) -> tuple[content.PublicSource, ...]:
    return tuple(content.PublicSource(s["name"], s["issue"], s["drawn_at"], _form(s), seed.bits(s)) for s in promised["public_sources"])


def _form(source: dict[str, Any]) -> str:
    if source["form"] == "balls":
        return f"{source['max']} 选 {source['pick']}"
    return f"{source['length']} 位{'数字' if source['form'] == 'digits' else '十六进制'}"


def _strata(session: Session, draw: Draw) -> tuple[content.StratumRow, ...]:
    return tuple(
        content.StratumRow(s["name"], s["population"], sum(s["excluded"].values()), s["n"], s["reserve"], s["probability"])
        for s in service.strata(session, draw.id)
    )


def commitment(session: Session, draw: Draw, settings: Settings) -> bytes:
    """承诺公告: what was promised before the public number existed."""
    row, promised = _promised(session, draw)
    return commitment_document.render(
        content.Commitment(
            imprint=_imprint(session, draw, settings), draw_number=draw.number, title=draw.title, basis=("抽取规程 hengjian-draw/1",),
            committed_at=promised["committed_at"], reveal_not_before=promised["reveal_not_before"], reveal_by=promised["reveal_by"],
            commitment_digest=row.digest, previous_digest=row.previous, secret_digest=promised["secret_digest"],
            files=tuple(content.FileDigest(name, value) for name, value in promised["files"].items()), sources=_sources(promised),
            strata=_strata(session, draw),
        )
    )


def secret_half(session: Session, draw: Draw, given: SecretDeposit, half: str, settings: Settings) -> bytes:
    """密值托管件: one half of the secret for the envelope of its holder; kept nowhere."""
    row, promised = _promised(session, draw)
    imprint = replace(_imprint(session, draw, settings), number=f"密值托管 {draw.number}-{given.part}", issued_on=clock.day_of(given.printed_at))
    return half_document.render(
        content.SecretHalf(
            imprint=imprint, draw_number=draw.number, title=draw.title, part=given.part, copy=given.copy, holder=given.holder,
            printed_by=given.printed_by_name, printed_at=clock.stamp(given.printed_at), half=half, check=keeping.check_of(half),
            commitment_digest=row.digest, secret_digest=promised["secret_digest"], reveal_not_before=promised["reveal_not_before"],
            reveal_by=promised["reveal_by"],
        )
    )


def certificate(session: Session, draw: Draw, settings: Settings) -> bytes:
    """抽取结果证书: timeline, attempts, digests and the list."""
    row, promised = _promised(session, draw)
    opened, data = service.opened(session, draw, settings.draw_key)
    revealed = json.loads(opened)
    reveal = session.get_one(Reveal, draw.id)
    return certificate_document.render(
        content.DrawCertificate(
            imprint=_imprint(session, draw, settings), draw_number=draw.number, title=draw.title, timeline=_timeline(session, draw, row, reveal),
            attempts=_attempts(session, draw), sources=_sources(promised), public_value=revealed["public_value"], seed=reveal.seed,
            commitment_digest=row.digest, bundle_digest=reveal.bundle_digest, strata=_strata(session, draw), selected=() if (apart := _apart(reveal, data)) else _selected(session, draw),
            witnesses=tuple(revealed["witnesses"]), command=f"python3 verify.py draw-{draw.number}.zip --commitment {row.digest}",
            calls=afterwards.calls(session, draw), swaps=afterwards.swaps(session, draw),
            supplements=tuple(f"{one.number}（{rules.STATES[one.state]}）" for one in service.supplements_of(session, draw)),
            apart=apart,
        )
    )


def _apart(reveal: Reveal, data: bytes) -> content.ListApart | None:
    """A list of more rows than a paper can hold stands in the bundle alone, named by its digest."""
    if reveal.n_selected + reveal.n_reserve <= MOST_LISTED:
        return None
    return content.ListApart(reveal.n_selected, reveal.n_reserve, frame.digest(bundle.unpack(data)["selection.tsv"]))


def _timeline(session: Session, draw: Draw, row: Commitment, reveal: Reveal) -> tuple[content.Event, ...]:
    entered = session.scalars(select(RevealEntry.account_name).where(RevealEntry.draw_id == draw.id).order_by(RevealEntry.id)).all()
    events: list[tuple[datetime | None, str, str]] = [
        (draw.created_at, "建立抽取方案", draw.created_by_name), (draw.frozen_at, "冻结底册", ""), (row.committed_at, "作出并公布承诺", row.committed_by_name),
        *((d.printed_at, f"密值托管第{d.part}份，交{d.holder}", d.printed_by_name) for d in keeping.deposits_of(session, draw.id)),
        (reveal.revealed_at, "两人录入公开数并揭示", "、".join(entered[-2:])), (draw.published_at, "公布抽取包", ""),
        (draw.void.voided_at if draw.void else None, "作废", f"{draw.void.requested_by_name}、{draw.void.approved_by_name}" if draw.void else ""),
    ]  # fmt: skip
    happened = sorted(((at, what, who) for at, what, who in events if at is not None), key=itemgetter(0))
    return tuple(content.Event(clock.stamp(at), what, who) for at, what, who in happened)


def _attempts(session: Session, draw: Draw) -> tuple[content.Attempt, ...]:
    chain, at = [draw], draw.repeats_id
    while at is not None and (earlier := session.get(Draw, at)) is not None:
        chain.append(earlier)
        at = earlier.repeats_id
    result = []
    for one in reversed(chain):
        promised = session.get(Commitment, one.id)
        result.append(
            content.Attempt(
                one.number, clock.stamp(promised.committed_at) if promised else "—", "作废" if one.void else "有效",
                one.void.reason if one.void else "", promised.digest if promised else "",
            )
        )
    return tuple(result)


def _selected(session: Session, draw: Draw) -> tuple[content.SelectedUnit, ...]:
    teams: dict[str, list[str]] = {}
    for seat in session.scalars(select(TeamSeat).where(TeamSeat.draw_id == draw.id).order_by(TeamSeat.unit_code, TeamSeat.seat)):
        teams.setdefault(seat.unit_code, []).append(seat.inspector_code or f"（{seat.ticket}）")
    query = (
        select(Selection, Enterprise.name)
        .outerjoin(Enterprise, Enterprise.id == Selection.enterprise_id)
        .where(Selection.draw_id == draw.id)
        .order_by(Selection.stratum, Selection.rank)
        .execution_options(unscoped=True)
    )
    return tuple(
        content.SelectedUnit(s.stratum, s.rank, s.unit_code, name or "", s.ticket, s.role, tuple(teams.get(s.unit_code, ())))
        for s, name in session.execute(query)
    )
