"""The verbs of a draw: configured, frozen, committed in public, revealed by two people, published, voided."""

from __future__ import annotations

import base64
import hashlib
import secrets
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import SYSTEM, Actor
from inspection.draws import frames, rules
from inspection.draws.models import (
    Commitment,
    Draw,
    DrawFile,
    DrawSecret,
    DrawVoid,
    Reveal,
    RevealEntry,
    Selection,
    TeamSeat,
    VoidRequest,
)
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.registers.models import Enterprise
from sampling import bundle, frame, seed
from sampling.errors import SamplingError
from sampling.teams import Seat

FROZEN = ("frame.tsv", "inspectors.tsv", "conflicts.tsv", "rule.json")


# --- planning ---------------------------------------------------------------------------------------------------------


def create(session: Session, actor: Actor, given: rules.Configuration, *, authority: str) -> Draw:
    """A new draw with the next number of the year; numbers have no gaps, void ones keep theirs."""
    _check(given)
    year = clock.today().year
    serial = (session.scalar(select(func.max(Draw.serial)).where(Draw.year == year).execution_options(unscoped=True)) or 0) + 1
    draw = Draw(
        number=f"{year}-{serial:03d}",
        year=year,
        serial=serial,
        authority=authority,
        created_by=actor.id,
        created_by_name=actor.name,
        created_at=clock.now(),
        **_columns(given),
    )
    if given.repeats_id is not None and (old := session.get(Draw, given.repeats_id)) is not None and old.state != "void":
        raise Refused("repeat-needs-void", "抽取 %(number)s 尚未作废，不能重抽。请先办理作废。", number=old.number)
    session.add(draw)
    session.flush()
    audit.record(session, actor, "draw.create", "draw", draw.number, after=_columns(given))
    return draw


def configure(session: Session, actor: Actor, draw_id: int, given: rules.Configuration, *, version: int) -> Draw:
    """Change the configuration before the freeze."""
    draw = _load(session, draw_id, version)
    if draw.state != "configured":
        raise Refused("frame-frozen", "底册已冻结，方案不能再改。需要改动请作废后重新抽取。")
    _check(given)
    for name, value in _columns(given).items():
        setattr(draw, name, value)
    session.flush()
    audit.record(session, actor, "draw.configure", "draw", draw.number, after=_columns(given))
    return draw


def _check(given: rules.Configuration) -> None:
    if found := rules.faults(given):
        raise Invalid("configuration-incomplete", "抽取方案有 %(n)s 处需要改正。", fields=found, n=len(found))


def _columns(given: rules.Configuration) -> dict[str, Any]:
    return {
        "title": given.title,
        "region_code": given.region_code,
        "kind": given.kind,
        "item_codes": list(given.item_codes),
        "period_from": given.period_from.isoformat() if given.period_from else "",
        "period_to": given.period_to.isoformat() if given.period_to else "",
        "announced": given.announced,
        "embargo_until": given.embargo_until,
        "repeats_id": given.repeats_id,
        "filters": {"kinds": list(given.kinds), "tags": list(given.tags), "industries": list(given.industries)},
        "settings": {
            "rates": {name: list(rate) for name, rate in given.rates.items()},
            "reserve_percent": given.reserve_percent,
            "stratify_by": given.stratify_by,
            "seats": [seat.member() for seat in given.seats],
            "exclusions": list(given.exclusions),
            "avoid_own_station": given.avoid_own_station,
        },
    }


def configuration_of(draw: Draw) -> rules.Configuration:
    """The stored configuration as a value."""
    kept = draw.settings
    return rules.Configuration(
        title=draw.title,
        region_code=draw.region_code,
        item_codes=tuple(draw.item_codes),
        rates={name: (p, q) for name, (p, q) in kept["rates"].items()},
        reserve_percent=kept["reserve_percent"],
        stratify_by=kept["stratify_by"],
        kinds=tuple(draw.filters["kinds"]),
        tags=tuple(draw.filters["tags"]),
        industries=tuple(draw.filters["industries"]),
        seats=tuple(Seat.of(member) for member in kept["seats"]),
        exclusions=tuple(kept["exclusions"]),
        avoid_own_station=kept["avoid_own_station"],
        announced=draw.announced,
        kind=draw.kind,
        period_from=date.fromisoformat(draw.period_from) if draw.period_from else None,
        period_to=date.fromisoformat(draw.period_to) if draw.period_to else None,
        embargo_until=draw.embargo_until,
        repeats_id=draw.repeats_id,
    )


def preview(session: Session, draw: Draw) -> rules.FrameCounts:
    """What a freeze would put into the frame now."""
    return frames.counts(session, configuration_of(draw))


def freeze(session: Session, actor: Actor, draw_id: int, *, version: int) -> dict[str, str]:
    """Freeze frame, inspectors, conflicts and rule byte for byte; gives their digests."""
    draw = _load(session, draw_id, version)
    _may(draw, "frozen")
    given = configuration_of(draw)
    counted = frames.counts(session, given)
    if counted.missing_rates:
        raise Refused("rates-missing", "底册中有未设抽取比例的类别：%(names)s。请补填比例。", names="、".join(counted.missing_rates))
    if not counted.n_selected:
        raise Refused("frame-empty", "底册中没有可抽取的对象。请检查范围和排除条件。")
    try:
        files = _files(session, draw, given, counted)
        bundle.check(files)
    except SamplingError as error:
        raise Refused("frame-unfit", "底册不符合抽取规程：%(why)s。", why=str(error)) from None
    digests = {name: frame.digest(data) for name, data in files.items()}
    session.add_all(
        DrawFile(draw_id=draw.id, name=name, digest=digests[name], content=zlib.compress(data, 6)) for name, data in files.items()
    )
    draw.state, draw.frozen_at = "frozen", clock.now()
    session.flush()
    audit.record(session, actor, "draw.freeze", "draw", draw.number, digests=digests, units=counted.total)
    return digests


def _files(session: Session, draw: Draw, given: rules.Configuration, counted: rules.FrameCounts) -> dict[str, bytes]:
    units = frames.units(session, given)
    people = frames.inspectors(session, given)
    return {
        "frame.tsv": frame.write_frame(units),
        "inspectors.tsv": frame.write_inspectors(people),
        "conflicts.tsv": frame.write_conflicts(frames.conflicts(session, given, units, people)),
        "rule.json": bundle.rule_bytes(
            authority=draw.authority, draw_number=draw.number, title=draw.title, seats=given.seats, strata=counted.strata
        ),
    }


def files_of(session: Session, draw_id: int) -> dict[str, bytes]:
    """The frozen files, with their digests checked again."""
    rows = session.scalars(select(DrawFile).where(DrawFile.draw_id == draw_id)).all()
    files = {row.name: zlib.decompress(row.content) for row in rows}
    for row in rows:
        if frame.digest(files[row.name]) != row.digest:
            raise Refused("frame-changed", "冻结的文件 %(name)s 与其摘要不符，抽取不能继续。请保全数据库并报告。", name=row.name)
    return files


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """演练: how teams would fill on a marked dummy seed – never the real one."""

    unfilled: dict[str, int]
    loads: dict[str, int]
    n_teams: int


def rehearse(session: Session, draw_id: int) -> Rehearsal:
    """Bottlenecks of the frozen rule on a dummy seed (sha256 of a public sentence)."""
    files = files_of(session, draw_id)
    if set(files) != set(FROZEN):
        raise Refused("frame-not-frozen", "请先冻结底册，再演练。")
    dummy = hashlib.sha256(b"hengjian rehearsal, not a draw").hexdigest()
    _, filled = bundle.run_with(dummy, seed.read_json("rule.json", files["rule.json"]), files)
    return Rehearsal(
        dict(Counter(row.ticket for row in filled if not row.inspector)),
        dict(Counter(row.inspector for row in filled if row.inspector)),
        len({row.object for row in filled}),
    )


# --- promise ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Promise:
    """What the office announces: public sources and the time of the reveal."""

    sources: tuple[Mapping[str, Any], ...]
    reveal_not_before: datetime
    reveal_by: datetime


def commit(session: Session, actor: Actor, draw_id: int, promise: Promise, *, version: int, draw_key: str) -> Commitment:
    """Commit to the frozen frame and publish the commitment at once; one commitment per draw, chained to the last one."""
    draw = _load(session, draw_id, version)
    _may(draw, "committed")
    files = files_of(session, draw_id)
    last = session.scalars(select(Commitment).order_by(Commitment.sequence.desc()).limit(1)).first()
    secret = secrets.token_hex(32)
    now = clock.now()
    try:
        content = seed.make_commitment(
            draw=draw.number,
            files=files,
            previous=last.digest if last else "",
            public_sources=[{**s, "drawn_at": clock.stamp(s["drawn_at"])} for s in promise.sources],
            committed_at=clock.stamp(now),
            reveal_not_before=clock.stamp(promise.reveal_not_before),
            reveal_by=clock.stamp(promise.reveal_by),
            secret=secret,
        )
    except SamplingError as error:
        raise Refused("commitment-unfit", "承诺不符合抽取规程：%(why)s。", why=str(error)) from None
    made = Commitment(
        draw_id=draw.id,
        sequence=(last.sequence if last else 0) + 1,
        content=content.decode(),
        digest=frame.digest(content),
        previous=last.digest if last else "",
        committed_at=now,
        reveal_not_before=promise.reveal_not_before,
        reveal_by=promise.reveal_by,
        committed_by=actor.id,
        committed_by_name=actor.name,
    )
    session.add_all([made, DrawSecret(draw_id=draw.id, sealed=_seal(draw_key, draw.number, secret))])
    draw.state = "committed"
    session.flush()
    _publish(session, actor, draw, "commitment", {"digest": made.digest, "commitment": content.decode(), "title": draw.title},
             file=content, file_name=f"commitment-{draw.number}.json", file_type="application/json")
    audit.record(session, actor, "draw.commit", "draw", draw.number, digest=made.digest)
    return made


def _fernet(draw_key: str, number: str) -> Fernet:
    if not draw_key:
        raise Refused("draw-key-missing", "没有设置抽取密钥 draw_key，不能承诺。请系统管理员运行 hengjian init 或设置 HENGJIAN_DRAW_KEY。")
    derived = HKDF(SHA256(), 32, None, f"hengjian draw {number}".encode()).derive(draw_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _seal(draw_key: str, number: str, secret: str) -> bytes:
    return _fernet(draw_key, number).encrypt(secret.encode())


def _unseal(session: Session, draw: Draw, draw_key: str) -> str:
    row = session.get(DrawSecret, draw.id)
    try:
        if row is not None:
            return _fernet(draw_key, draw.number).decrypt(row.sealed).decode()
    except InvalidToken:
        pass
    raise Refused("secret-lost", "抽取 %(number)s 的密值无法取出（密钥已更换或密值缺失）。该次抽取只能公开作废。", number=draw.number)


# --- reveal -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entered:
    """What an entry of the public value led to: waiting for the second person, a mismatch, or the reveal."""

    state: str  # waiting, mismatch, revealed
    reveal: Reveal | None = None


def enter_value(
    session: Session, actor: Actor, draw_id: int, *, public_value: str, witnesses: Sequence[str], draw_key: str
) -> Entered:
    """One of the two persons types the public value; two equal entries of different people make the reveal.

    Raises
    ------
    Refused : before the announced time, after its end, wrong form, the same person twice.
    """
    draw = get(session, draw_id)
    _may(draw, "revealed")
    commitment = session.get(Commitment, draw.id)
    assert commitment is not None
    promised = seed.read_json("commitment.json", commitment.content.encode())
    value = " ".join(public_value.split())
    if fault := seed.value_fault(promised["public_sources"], value):
        raise Invalid("public-value", "公开数不符合公布的形式：%(why)s。", fields={"public_value": [fault]}, why=fault)
    now = clock.now()
    if now < commitment.reveal_not_before:
        raise Refused("too-early", "尚未到公布的揭示时间 %(at)s，不能录入。", at=clock.stamp(commitment.reveal_not_before))
    if now > commitment.reveal_by:
        raise Refused("too-late", "已过公布的最迟揭示时间 %(at)s，该次抽取视为作废。", at=clock.stamp(commitment.reveal_by))
    open_entry, attempt = _open_entry(session, draw.id)
    if open_entry is not None and open_entry.account_id == actor.id:
        raise Refused("same-person", "您已录入过公开数。须由另一人再录入一次。")
    session.add(
        RevealEntry(
            draw_id=draw.id, attempt=attempt, account_id=actor.id, account_name=actor.name, public_value=value,
            witnesses=[w.strip() for w in witnesses if w.strip()], entered_at=now,
        )
    )
    session.flush()
    audit.record(session, actor, "draw.enter_value", "draw", draw.number, attempt=attempt, second=open_entry is not None)
    if open_entry is None:
        return Entered("waiting")
    if open_entry.public_value != value:
        return Entered("mismatch")
    people = [*dict.fromkeys([*open_entry.witnesses, *(w.strip() for w in witnesses if w.strip())])]
    return Entered("revealed", _reveal(session, actor, draw, commitment, value, people, draw_key))


def _open_entry(session: Session, draw_id: int) -> tuple[RevealEntry | None, int]:
    """The first entry that waits for a second one, and the number of the present attempt."""
    rows = session.scalars(select(RevealEntry).where(RevealEntry.draw_id == draw_id).order_by(RevealEntry.id)).all()
    if not rows:
        return None, 1
    last = rows[-1].attempt
    present = [row for row in rows if row.attempt == last]
    return (present[0], last) if len(present) == 1 else (None, last + 1)


def waiting_entry(session: Session, draw_id: int) -> RevealEntry | None:
    """The entry that waits for its second person, None when there is none."""
    return _open_entry(session, draw_id)[0]


def _reveal(
    session: Session, actor: Actor, draw: Draw, commitment: Commitment, value: str, witnesses: list[str], draw_key: str
) -> Reveal:
    files, promise = files_of(session, draw.id), commitment.content.encode()
    now = clock.now()
    try:
        content = seed.make_reveal(
            promise, secret=_unseal(session, draw, draw_key), public_value=value, revealed_at=clock.stamp(now), witnesses=witnesses
        )
        outcome = bundle.run(files, promise, content)
    except SamplingError as error:
        raise Refused("reveal-unfit", "揭示不符合抽取规程：%(why)s。", why=str(error)) from None
    data = bundle.build({**files, "commitment.json": promise, "reveal.json": content, **outcome.files()})
    made = Reveal(
        draw_id=draw.id, content=content.decode(), seed=outcome.seed, revealed_at=now, n_selected=outcome.n_selected,
        n_reserve=outcome.n_reserve, n_unfilled=outcome.n_unfilled, bundle_digest=frame.digest(data), bundle=data,
    )
    session.add(made)
    session.flush()
    _store(session, draw, outcome)
    draw.state = "revealed"
    session.flush()
    audit.record(session, actor, "draw.reveal", "draw", draw.number, bundle=made.bundle_digest, selected=made.n_selected)
    if draw.embargo_until is None or draw.embargo_until <= now:
        _make_public(session, actor, draw, made)
    return made


def _store(session: Session, draw: Draw, outcome: bundle.Outcome) -> None:
    codes = [row.id for row in outcome.selection]
    ids: dict[str, int] = {}
    for start in range(0, len(codes), 500):
        part = codes[start : start + 500]
        query = select(Enterprise.code, Enterprise.id).where(Enterprise.code.in_(part)).execution_options(unscoped=True)
        ids.update(session.execute(query).all())
    session.execute(
        insert(Selection),
        [
            {"draw_id": draw.id, "stratum": r.stratum, "rank": r.rank, "unit_code": r.id, "enterprise_id": ids.get(r.id), "ticket": r.ticket, "role": r.role}
            for r in outcome.selection
        ],
    )
    if outcome.teams:
        session.execute(
            insert(TeamSeat),
            [{"draw_id": draw.id, "unit_code": t.object, "seat": t.seat, "inspector_code": t.inspector, "ticket": t.ticket} for t in outcome.teams],
        )


def publish(session: Session, actor: Actor, draw_id: int, *, version: int) -> Draw:
    """Publish the bundle after its embargo."""
    draw = _load(session, draw_id, version)
    _may(draw, "published")
    if draw.embargo_until is not None and draw.embargo_until > clock.now():
        raise Refused("embargo", "名单在 %(until)s 之前保密，不能公布。", until=clock.stamp(draw.embargo_until))
    reveal = session.get(Reveal, draw.id)
    assert reveal is not None
    _make_public(session, actor, draw, reveal)
    return draw


def _make_public(session: Session, actor: Actor, draw: Draw, reveal: Reveal) -> None:
    names = dict(
        session.execute(
            select(Enterprise.code, Enterprise.name)
            .join(Selection, Selection.enterprise_id == Enterprise.id)
            .where(Selection.draw_id == draw.id, Selection.role == "selected")
            .execution_options(unscoped=True)
        ).all()
    )
    content = {
        "title": draw.title, "seed": reveal.seed, "bundle": reveal.bundle_digest, "reveal": reveal.content, "selected": reveal.n_selected,
        "reserve": reveal.n_reserve, "unfilled": reveal.n_unfilled, "attempts": attempts(session, draw), "names": names,
    }
    _publish(session, actor, draw, "reveal", content, file=reveal.bundle, file_name=f"draw-{draw.number}.zip", file_type="application/zip")
    draw.state, draw.published_at = "published", clock.now()
    session.flush()


def attempts(session: Session, draw: Draw) -> int:
    """How many draws this one repeats, itself included."""
    count, at = 1, draw.repeats_id
    while at is not None:
        count += 1
        at = session.scalar(select(Draw.repeats_id).where(Draw.id == at).execution_options(unscoped=True))
    return count


# --- void -------------------------------------------------------------------------------------------------------------


def request_void(session: Session, actor: Actor, draw_id: int, *, reason: str) -> VoidRequest:
    """Ask for a draw to be void; another person decides."""
    if not reason.strip():
        raise Invalid("reason-missing", "作废须写明理由，理由将公开。", fields={"reason": ["必填"]})
    draw = get(session, draw_id)
    _may(draw, "void")
    made = VoidRequest(
        draw_id=draw.id, reason=reason.strip(), requested_by=actor.id, requested_by_name=actor.name, requested_at=clock.now()
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "draw.request_void", "draw", draw.number, reason=reason)
    return made


def open_void_request(session: Session, draw_id: int) -> VoidRequest | None:
    """The newest request, None when there is none or the draw is void already."""
    return session.scalars(select(VoidRequest).where(VoidRequest.draw_id == draw_id).order_by(VoidRequest.id.desc()).limit(1)).first()


def approve_void(session: Session, actor: Actor, draw_id: int, *, version: int) -> DrawVoid:
    """The second person makes the draw void, in public."""
    draw = _load(session, draw_id, version)
    _may(draw, "void")
    asked = open_void_request(session, draw_id)
    if asked is None:
        raise Refused("no-void-request", "没有待审批的作废申请。")
    if asked.requested_by == actor.id:
        raise Refused("same-person", "不能审批自己提出的作废申请，请另一人办理。")
    return _void(session, actor, draw, asked.reason, asked.requested_by, asked.requested_by_name, kind="void")


def _void(session: Session, actor: Actor, draw: Draw, reason: str, asked_by: int, asked_name: str, *, kind: str) -> DrawVoid:
    made = DrawVoid(
        draw_id=draw.id, reason=reason, requested_by=asked_by, requested_by_name=asked_name, approved_by=actor.id,
        approved_by_name=actor.name, voided_at=clock.now(),
    )
    session.add(made)
    draw.state = "void"
    session.flush()
    _publish(session, actor, draw, kind, {"title": draw.title, "reason": reason, "requested_by": asked_name, "approved_by": actor.name})
    audit.record(session, actor, f"draw.{kind}", "draw", draw.number, reason=reason)
    return made


def void_unrevealed(session: Session) -> list[str]:
    """Make every commitment void whose announced time has passed without a reveal; gives the numbers."""
    late = session.scalars(
        select(Draw)
        .join(Commitment, Commitment.draw_id == Draw.id)
        .where(Draw.state == "committed", Commitment.reveal_by < clock.now())
        .execution_options(unscoped=True)
    ).all()
    for draw in late:
        _void(session, SYSTEM, draw, "未在公布的最迟时间之前揭示", SYSTEM.id, SYSTEM.name, kind="unrevealed")
    return [draw.number for draw in late]


# --- asking -----------------------------------------------------------------------------------------------------------


def listing() -> Select[Draw]:
    return select(Draw)


def get(session: Session, draw_id: int) -> Draw:
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound("draw-not-found", "没有这次抽取。")
    return draw


def selection(draw_id: int, role: str = "selected") -> Select[Selection, str | None]:
    """Selected (or reserve) units of a draw with their names."""
    return (
        select(Selection, Enterprise.name)
        .outerjoin(Enterprise, Enterprise.id == Selection.enterprise_id)
        .where(Selection.draw_id == draw_id, Selection.role == role)
    )


def teams(session: Session, draw_id: int) -> dict[str, list[TeamSeat]]:
    """Seats per unit."""
    found: dict[str, list[TeamSeat]] = {}
    for row in session.scalars(select(TeamSeat).where(TeamSeat.draw_id == draw_id).order_by(TeamSeat.unit_code, TeamSeat.seat)):
        found.setdefault(row.unit_code, []).append(row)
    return found


def _publish(session: Session, actor: Actor, draw: Draw, kind: str, content: dict[str, Any], **file: Any) -> None:
    ledger.publish(
        session, actor, board="draws", kind=kind, subject=draw.number, title=draw.title, region_code=draw.region_code, content=content, **file
    )


def _load(session: Session, draw_id: int, version: int) -> Draw:
    draw = get(session, draw_id)
    if draw.version_id != version:
        raise Conflict("changed-meanwhile", "抽取 %(number)s 已被他人修改。请刷新后重试。", number=draw.number)
    return draw


def _may(draw: Draw, to: str) -> None:
    if not rules.may(draw.state, to):
        raise Refused("wrong-state", "抽取 %(number)s 现为“%(state)s”，不能办理这一步。", number=draw.number, state=rules.STATES[draw.state])
