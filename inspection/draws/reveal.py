"""The reveal 揭示: the public value typed by two people, the seed, the list and the teams that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth.roles import Permission as P
from inspection.draws.asking import files_of, get, may
from inspection.draws.keys import seal
from inspection.draws.models import Commitment, Draw, Reveal, RevealEntry, Selection, TeamSeat
from inspection.draws.openness import make_public, publish_fact
from inspection.draws.promise import secret_of
from inspection.errors import Invalid, Refused
from inspection.registers.models import Enterprise
from sampling import bundle, frame, seed
from sampling.characters import is_text
from sampling.errors import SamplingError


@dataclass(frozen=True, slots=True)
class Entered:
    """What an entry of the public value led to: waiting for the second person, a mismatch, or the reveal."""

    state: str  # waiting, mismatch, revealed
    reveal: Reveal | None = None


def enter_value(
    session: Session, actor: Actor, draw_id: int, *, public_value: str, witnesses: Sequence[str], draw_key: str
) -> Entered:
    """The draw officer types the public value, then a witness of another role; two equal entries make the reveal.

    Raises
    ------
    Refused : before the announced time, after its end, the same person twice, the wrong role for this entry.
    Invalid : a value of another form than announced, a name that cannot be written.
    """
    draw = get(session, draw_id)
    may(draw, "revealed")
    commitment = session.get_one(Commitment, draw.id)
    promised = seed.read_json("commitment.json", commitment.content.encode())
    value, people = _typed(promised["public_sources"], public_value, witnesses)
    _check_time(commitment)
    first, attempt = _open_entry(session, draw.id)
    _check_person(actor, first)
    session.add(
        RevealEntry(
            draw_id=draw.id, attempt=attempt, account_id=actor.id, account_name=actor.name, public_value=value, witnesses=people,
            entered_at=clock.now(),
        )
    )
    session.flush()
    audit.record(session, actor, "draw.enter_value", "draw", draw.number, attempt=attempt, second=first is not None)
    if first is None:
        return Entered("waiting")
    if first.public_value != value:
        return Entered("mismatch")
    return Entered("revealed", _reveal(session, actor, draw, commitment, value, [*dict.fromkeys([*first.witnesses, *people])], draw_key))


def _typed(sources: Sequence[dict[str, Any]], public_value: str, witnesses: Sequence[str]) -> tuple[str, list[str]]:
    """The value with single blanks, and the names of the witnesses."""
    value = "|".join(" ".join(part.split()) for part in public_value.split("|"))
    if fault := seed.value_fault(sources, value):
        raise Invalid("public-value", "公开数不符合公布的形式：%(why)s。", fields={"public_value": [fault]}, why=fault)
    people = [name.strip() for name in witnesses if name.strip()]
    if not all(map(is_text, people)):
        raise Invalid("bad-witness", "见证人姓名含有不能使用的字符，请改正。", fields={"witnesses": ["含有不能使用的字符"]})
    return value, people


def _check_time(commitment: Commitment) -> None:
    if clock.now() < commitment.reveal_not_before:
        raise Refused("too-early", "尚未到公布的揭示时间 %(at)s，不能录入。", at=clock.stamp(commitment.reveal_not_before))
    if clock.now() > commitment.reveal_by:
        raise Refused("too-late", "已过公布的最迟揭示时间 %(at)s，该次抽取视为作废。", at=clock.stamp(commitment.reveal_by))


def _check_person(actor: Actor, first: RevealEntry | None) -> None:
    """First the draw officer, then somebody else who may witness (a leader: no person may hold both roles)."""
    if first is not None and first.account_id == actor.id:
        raise Refused("same-person", "您已录入过公开数。须由另一人再录入一次。")
    if first is None and not actor.can(P.DRAW_REVEAL):
        raise Refused("officer-first", "请双随机管理员先录入公开数，再由见证的领导录入。")
    if first is not None and not actor.can(P.DRAW_WITNESS):
        raise Refused("witness-second", "第二次录入须由有见证权限的另一岗位人员（审批领导）办理。")


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
            promise, secret=secret_of(session, draw, draw_key), public_value=value, revealed_at=clock.stamp(now), witnesses=witnesses
        )
        outcome = bundle.run(files, promise, content)
    except SamplingError as error:
        raise Refused("reveal-unfit", "揭示不符合抽取规程：%(why)s。", why=str(error)) from None
    data = bundle.build({**files, "commitment.json": promise, "reveal.json": content, **outcome.files()})
    public = draw.embargo_until is None or draw.embargo_until <= now
    made = Reveal(
        draw_id=draw.id, content=_kept(content, public, draw, draw_key).decode(), seed=outcome.seed, revealed_at=now,
        n_selected=outcome.n_selected, n_reserve=outcome.n_reserve, n_unfilled=outcome.n_unfilled, bundle_digest=frame.digest(data),
        bundle=_kept(data, public, draw, draw_key),
    )
    session.add(made)
    session.flush()
    _store(session, draw, outcome)
    draw.state = "revealed"
    session.flush()
    audit.record(session, actor, "draw.reveal", "draw", draw.number, bundle=made.bundle_digest, selected=made.n_selected)
    if public:
        make_public(session, actor, draw, content, data)
    else:
        publish_fact(session, actor, draw, "embargo", {"title": draw.title, "revealed_at": now, "embargo_until": draw.embargo_until})
    return made


def _kept(content: bytes, public: bool, draw: Draw, draw_key: str) -> bytes:
    """As it is stored: in the open when it is public at once, else under the draw key, for it holds the office's secret."""
    return content if public else seal(draw_key, draw.number, content)


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
